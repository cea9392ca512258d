/** Every kind of process that a show consists of, and who of them is killed next. */
import { readFile } from 'node:fs/promises';
import type { System } from '../lib/system.ts';

export const VICTIMS = [
  'broadcaster',
  'compositor',
  'host-console',
  'panel-sfu',
  'mediasoup-worker',
  'edge',
  'varnishd',
] as const;
export type Victim = (typeof VICTIMS)[number];

/** The launcher gives a service ten restarts in ten minutes, and then one a minute: those here stay below it. */
const RESTARTS_MOST = 9;
const WITHIN_MS = 600_000;
/** Those that the launcher starts; a child that dies takes its parent along, or is started again by it. */
const SERVICE_OF: Readonly<Partial<Record<Victim, string>>> = {
  broadcaster: 'broadcaster',
  'host-console': 'host-console',
  'panel-sfu': 'panel-sfu',
  edge: 'edge',
  varnishd: 'edge',
};

/** What runs of it now; none: it has not been started again yet. */
export async function pidsOf(system: System, victim: Victim): Promise<number[]> {
  switch (victim) {
    case 'compositor':
      return await system.compositorPids().catch(() => []);
    case 'mediasoup-worker':
      return await childrenNamed(system, 'panel-sfu', victim);
    case 'varnishd':
      return await childrenNamed(system, 'edge', victim);
    default:
      return await system.pid(victim).then(
        (pid) => [pid],
        () => [],
      );
  }
}

/** Of several the one that worked most so far: of workers of the SFU that which has the room. */
export async function busiestOf(pids: readonly number[]): Promise<number | undefined> {
  const worked = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // "pid (name with spaces) state ppid …", utime and stime are the 14th and 15th.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return { pid, ticks: Number(fields[11] ?? 0) + Number(fields[12] ?? 0) };
    }),
  );
  return worked.toSorted((a, b) => b.ticks - a.ticks)[0]?.pid;
}

async function childrenNamed(system: System, service: string, name: string): Promise<number[]> {
  const pids = await system.childrenOf(service).catch(() => []);
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return pids.filter((_, i) => lines[i]?.includes(name));
}

/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Kill {
  readonly victim: Victim;
  readonly atUnixMs: number;
}

/** Kills somebody by chance. null: who was chosen does not run now. */
export async function killSomebody(
  system: System,
  random: () => number,
  before: readonly Kill[],
): Promise<Kill | null> {
  const nowUnixMs = Date.now();
  const recent = (service: string): number =>
    before.filter((kill) => SERVICE_OF[kill.victim] === service && nowUnixMs - kill.atUnixMs < WITHIN_MS)
      .length;
  const mayBe = VICTIMS.filter((victim) => {
    const service = SERVICE_OF[victim];
    return service === undefined || recent(service) < RESTARTS_MOST;
  });
  const victim = oneOf(mayBe, random);
  if (victim === undefined) return null;
  const pid = oneOf(await pidsOf(system, victim), random);
  return pid === undefined ? null : kill(victim, pid);
}

/** @returns null: it ended by itself */
export function kill(victim: Victim, pid: number): Kill | null {
  const atUnixMs = Date.now();
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return null;
    throw error;
  }
  return { victim, atUnixMs };
}

const oneOf = <T>(list: readonly T[], random: () => number): T | undefined =>
  list[Math.floor(random() * list.length)];
