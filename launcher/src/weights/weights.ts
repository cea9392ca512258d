import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Role, setNice } from '@rostrum/service-kit/priorities';
import { sessionsBelow } from '../process-table.ts';
import { readOffer } from './offer.ts';
import { type GroupMeans, lackOf, type Offer, type Plan, planWeights, sharesOf, wantedOf } from './plan.ts';

/** What a process was given, read back from the kernel. */
export interface Weight {
  /** In words, for `status`. */
  said: string;
  /** What was wanted and not had, in words; null when all was. */
  trouble: string | null;
}

export interface Weights {
  readonly plan: Plan;
  /** What the show lacks on this machine and what would do, one line; null when nothing. */
  readonly warning: string | null;
  /** Gives a process, the head of a session of its own, and all that it starts the weight of a role. Never rejects. */
  weigh(role: Role, pid: number): Promise<Weight>;
  /** Takes the groups away that were made. Called when what was in them is gone. Idempotent. */
  close(): void;
}

/** Sessions that a service begins later (a browser, Varnish) are new to the kernel: they are looked for again and again. */
const LOOK_AGAIN_MS = 3_000;
const AUTOGROUP_TRIES = 20;
/** Anybody but root may change one only so often. */
const AUTOGROUP_PAUSE_MS = 110;

/** The system's name of what went wrong: in `code`, or in `info` where Node gives its own code. */
function codeOf(error: unknown): string {
  const { code, info } = error as { readonly code?: unknown; readonly info?: { readonly code?: unknown } };
  return typeof info?.code === 'string' ? info.code : typeof code === 'string' ? code : String(error);
}

const gone = (pid: number): boolean => !existsSync(`/proc/${pid}/stat`);

/** The weight of the session that a process is in; undefined where the kernel has none. */
export function autogroupNice(pid: number): number | undefined {
  try {
    const found = /nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}

/** @returns what is wrong, or null when the kernel holds it */
async function setAutogroup(pid: number, nice: number): Promise<string | null> {
  for (let tries = 1; ; tries++) {
    try {
      if (autogroupNice(pid) !== nice) writeFileSync(`/proc/${pid}/autogroup`, String(nice));
      const held = autogroupNice(pid);
      if (held === nice || gone(pid)) return null;
      return `its session's weight is ${held ?? 'unknown'} instead of ${nice}`;
    } catch (error) {
      if (gone(pid)) return null;
      if (codeOf(error) !== 'EAGAIN' || tries >= AUTOGROUP_TRIES) {
        return `its session did not get the weight ${nice} (${codeOf(error)})`;
      }
      await delay(AUTOGROUP_PAUSE_MS);
    }
  }
}

/** Of util-linux, which every Debian has. */
const SETPRIV = '/usr/bin/setpriv';

/** Every cgroup of ours begins so, with the launcher's pid. */
const PREFIX = 'rostrum-';
const OURS = new RegExp(`^${PREFIX}(\\d+)-`);

/** @returns what is wrong, or null when the kernel holds it */
function setCgroup(
  { version, dir }: { version: 1 | 2; dir: string },
  role: Role,
  pid: number,
  nice: number,
): string | null {
  const group = `${dir}/${PREFIX}${process.pid}-${role}`;
  const [file, value] =
    version === 1 ? ['cpu.shares', String(sharesOf(nice))] : ['cpu.weight.nice', String(nice)];
  try {
    mkdirSync(group, { recursive: true });
    writeFileSync(`${group}/${file}`, value);
    writeFileSync(`${group}/cgroup.procs`, String(pid));
    const held = readFileSync(`${group}/${file}`, 'utf8').trim();
    return held === value ? null : `its cgroup's ${file} is ${held} instead of ${value}`;
  } catch (error) {
    return gone(pid) ? null : `it has no cgroup with the weight ${nice} (${codeOf(error)})`;
  }
}

function setNiceness(pid: number, nice: number): string | null {
  try {
    setNice(pid, nice);
    return getPriority(pid) === nice ? null : `its niceness is ${getPriority(pid)} instead of ${nice}`;
  } catch (error) {
    return gone(pid) ? null : `it did not get a niceness of ${nice} (${codeOf(error)})`;
  }
}

/** Removes what a launcher that was killed left; a group with somebody in it stays. */
function clearCgroups(dir: string, isOurs: (pid: number) => boolean): void {
  for (const name of readdirSync(dir)) {
    const pid = OURS.exec(name)?.[1];
    if (pid === undefined || !isOurs(Number(pid))) continue;
    try {
      rmdirSync(`${dir}/${name}`);
    } catch (error) {
      if (codeOf(error) !== 'EBUSY' && codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

const asideOf = (dir: string): string => `${dir}/${PREFIX}${process.pid}-launcher`;

/** In version 2 a group with processes has no weighed ones below it: the launcher itself moves into one. */
function moveAside(dir: string): string | null {
  try {
    mkdirSync(asideOf(dir), { recursive: true });
    writeFileSync(`${asideOf(dir)}/cgroup.procs`, String(process.pid));
    writeFileSync(`${dir}/cgroup.subtree_control`, '+cpu');
    return null;
  } catch (error) {
    moveBack(dir);
    return `no weighed cgroups could be made in ${dir} (${codeOf(error)})`;
  }
}

function moveBack(dir: string): void {
  const steps = [
    () => writeFileSync(`${dir}/cgroup.subtree_control`, '-cpu'),
    () => writeFileSync(`${dir}/cgroup.procs`, String(process.pid)),
    () => rmdirSync(asideOf(dir)),
  ];
  for (const step of steps) {
    try {
      step();
    } catch {
      // Whoever made this group for us takes it away with us.
    }
  }
}

/** Looks at the machine and makes ready what its weights need. */
export function openWeights(offer: Offer = readOffer()): Weights {
  let plan = planWeights(offer);
  let wrong: string | null = null;
  if (plan.groups.by === 'cgroup') {
    const { dir, version } = plan.groups;
    clearCgroups(dir, (pid) => pid !== process.pid && gone(pid));
    wrong = version === 2 ? moveAside(dir) : null;
    if (wrong !== null && offer.cpuGroup.is !== 'none') {
      plan = planWeights({ ...offer, cpuGroup: { ...offer.cpuGroup, open: false } });
    }
  }
  const lack = [wrong, plan.lack].filter((text) => text !== null).join('; ');
  let closed = false;
  const weighed = new Map<number, Role>();
  const look = setInterval(() => {
    for (const [pid, role] of weighed) {
      if (gone(pid)) weighed.delete(pid);
      else void weighSessionsBelow(plan, role, pid);
    }
  }, LOOK_AGAIN_MS).unref();

  return {
    plan,
    warning: lack === '' ? null : lackOf({ lack, remedy: plan.remedy }),
    async weigh(role, pid) {
      if (plan.groups.by === 'autogroup') weighed.set(pid, role);
      return weighProcess(plan, role, pid);
    },
    close() {
      clearInterval(look);
      if (plan.groups.by !== 'cgroup' || closed) return;
      closed = true;
      clearCgroups(plan.groups.dir, (pid) => pid === process.pid);
      if (plan.groups.version === 2) moveBack(plan.groups.dir);
    },
  };
}

async function weighProcess(plan: Plan, role: Role, pid: number): Promise<Weight> {
  const { groupNice, nice } = wantedOf(role, plan);
  const group = groupNice === null ? null : await setGroup(plan.groups, role, pid, groupNice);
  const own = setNiceness(pid, nice);
  const trouble = [group, own].filter((text) => text !== null).join('; ');
  return {
    said:
      groupNice !== null && group === null
        ? `weight ${groupNice} (${plan.groups.by})`
        : `niceness ${own === null ? nice : 'as everybody'}`,
    trouble: trouble === '' ? null : trouble,
  };
}

async function setGroup(groups: GroupMeans, role: Role, pid: number, nice: number): Promise<string | null> {
  switch (groups.by) {
    case 'autogroup':
      return setAutogroup(pid, nice);
    case 'cgroup':
      return setCgroup(groups, role, pid, nice);
    case 'none':
      return null;
  }
}

async function weighSessionsBelow(plan: Plan, role: Role, pid: number): Promise<void> {
  const { groupNice } = wantedOf(role, plan);
  if (groupNice === null) return;
  for (const member of sessionsBelow(pid).values()) await setAutogroup(member, groupNice);
}

/**
 * Puts a command of the set-up behind everything else, with all it starts. What it needs is allowed to anybody, so there
 * is nothing to tell where a kernel has no such groups.
 */
export async function stepBehind(role: 'tools' | 'demo', pid: number): Promise<void> {
  const { groupNice, nice } = wantedOf(role, planWeights(readOffer()));
  if (groupNice !== null && autogroupNice(pid) !== undefined) await setAutogroup(pid, groupNice);
  setNiceness(pid, nice);
}

/**
 * What a guest is started through: as root, Chromium gives its threads a niceness of -8, which where processes compete one by
 * one is before others. It loses the right to. Empty where nobody has it, or there is no such program.
 */
export const withoutGoingFirst = (offer: Offer = readOffer()): readonly string[] =>
  offer.lowestNice < 0 && process.getuid?.() === 0 && existsSync(SETPRIV)
    ? [SETPRIV, '--bounding-set', '-sys_nice', '--']
    : [];
