/**
 * R6: how long rooms are without media when a mediasoup worker is killed (SIGKILL) or hangs (SIGSTOP), and when the whole
 * media node is killed and the launcher starts it again. A whole Rostrum whose node has three workers and six rooms; in each
 * somebody sends sound and a picture, without a browser, and somebody listens. From the signal to the first packet of both in
 * rooms that were on it; for the others, the longest time in which nothing came, beside the same while nothing was killed.
 * ROSTRUM_BENCH_RUNS: kills, and stops (default 30 each); ROSTRUM_BENCH_NODE_RUNS: of the node (default 6).
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { System } from '@rostrum/e2e/system';
import { monotonicMs } from './lib/monotonic.ts';
import { Room, until } from './lib/restarts/room.ts';
import { type Figure, figure as figureOf, progress, quantile, report } from './lib/result.ts';

const RUNS = Number(process.env.ROSTRUM_BENCH_RUNS ?? 30);
const NODE_RUNS = Number(process.env.ROSTRUM_BENCH_NODE_RUNS ?? 6);
const WORKERS = 3;
const ROOMS = 6;
/** The launcher takes a service for steady after 30 s: until then it waits longer each time. */
const NODE_STEADY_MS = 31_000;
/** It gives a service ten restarts in ten minutes, and then one a minute. */
const NODE_RUNS_MOST = 9;
const GIVE_UP_MS = 30_000;
const QUIET_MS = 1000;
const AFTER_MS = 500;
const figure = figureOf('R6');

type Way = 'kill' | 'stop' | 'node';

interface Times {
  /** Of each room that was hit, by the track that came last. */
  readonly backMs: number[];
  readonly soundMs: number[];
  /** In rooms that were not, and in the time before. */
  readonly holeMs: number[];
  readonly quietHoleMs: number[];
  missing: number;
}
const none = (): Times => ({ backMs: [], soundMs: [], holeMs: [], quietHoleMs: [], missing: 0 });

/** The pids of the workers that live. */
async function workers(system: System): Promise<number[]> {
  const children = await system.childrenOf('panel-sfu').catch(() => []);
  return children.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('mediasoup-worker');
    } catch {
      return false; // ended meanwhile
    }
  });
}

/** Which worker each room was opened on last, as the node's log has it. */
async function placement(system: System): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  for (const line of await system.log('panel-sfu')) {
    if (!line.includes('"room opened"')) continue;
    const { roomId, workerPid } = JSON.parse(line) as { roomId: string; workerPid: number };
    places.set(roomId, workerPid);
  }
  return places;
}

async function strike(
  system: System,
  rooms: readonly Room[],
  way: Way,
  turn: number,
  into: Times,
): Promise<void> {
  let pids = await workers(system);
  while (pids.length < WORKERS) {
    await until(monotonicMs() + 20);
    pids = await workers(system);
  }
  // Not always at the same point of what repeats itself.
  await until(monotonicMs() + QUIET_MS + Math.random() * 500);
  const places = await placement(system);
  const carrying = pids.filter((pid) => [...places.values()].includes(pid));
  const victim = way === 'node' ? await system.pid('panel-sfu') : carrying[turn % carrying.length];
  if (victim === undefined) throw new Error('no worker has a room');
  const isHit = ({ webinarId }: Room): boolean => way === 'node' || places.get(webinarId) === victim;
  const hit = rooms.filter(isHit);
  const others = rooms.filter((room) => !isHit(room));
  const atMs = monotonicMs();
  process.kill(victim, way === 'stop' ? 'SIGSTOP' : 'SIGKILL');
  const back = await Promise.all(hit.map((room) => room.flowsAfter(atMs, GIVE_UP_MS)));
  const backMs = back.map(({ audioMs, videoMs }) => Math.max(audioMs, videoMs) - atMs);
  into.backMs.push(...backMs);
  into.soundMs.push(...back.map(({ audioMs }) => audioMs - atMs));
  const endMs = Math.max(...back.flatMap(({ audioMs, videoMs }) => [audioMs, videoMs])) + AFTER_MS;
  await until(endMs);
  for (const room of others) {
    const [during, before] = [await room.holes(atMs, endMs), await room.holes(atMs - QUIET_MS, atMs)];
    into.holeMs.push(during.longestMs);
    into.quietHoleMs.push(before.longestMs);
    into.missing += during.missing;
  }
  const troubles = hit.map((room) => room.troublesAfter(atMs)).filter((words) => words !== '');
  progress(
    `${way}: ${backMs.map((ms) => ms.toFixed(0)).join(', ')} ms; others’ longest hole ${Math.max(0, ...into.holeMs.slice(-others.length || 1)).toFixed(0)} ms${way === 'node' || Math.max(...backMs) > 2000 ? ` (${troubles.join('; ')})` : ''}`,
  );
  for (const room of rooms) room.forget();
}

const figuresOf = (what: string, { backMs, soundMs }: Times, goalMs: number): Figure[] => {
  const p95 = quantile(backMs, 0.95);
  return [
    figure(`${what}: sound and picture are back, p50 of ${backMs.length}`, quantile(backMs, 0.5), 'ms'),
    figure(`${what}: sound and picture are back, p95`, p95, 'ms', `<= ${goalMs} ms`, p95 <= goalMs),
    figure(`${what}: sound and picture are back, worst`, Math.max(...backMs), 'ms'),
    figure(`${what}: sound is back, p95`, quantile(soundMs, 0.95), 'ms'),
  ];
};

const holesOf = (what: string, { holeMs, quietHoleMs, missing }: Times): Figure[] => [
  figure(`${what}: longest hole in rooms on other workers, p95`, quantile(holeMs, 0.95), 'ms'),
  figure(`${what}: longest hole in rooms on other workers, worst`, Math.max(...holeMs), 'ms'),
  figure('    the same in the second before, p95', quantile(quietHoleMs, 0.95), 'ms'),
  figure('    the same in the second before, worst', Math.max(...quietHoleMs), 'ms'),
  figure(`${what}: packets that rooms on other workers missed`, missing, '', '0', missing === 0),
];

const times: Record<Way, Times> = { kill: none(), stop: none(), node: none() };
const rooms: Room[] = [];
const system = await System.start({ env: { ROSTRUM_SFU_WORKERS: String(WORKERS) } });
try {
  for (let i = 0; i < ROOMS; i += 1) rooms.push(await Room.open(system.api, `Room ${i + 1}`));
  progress(`${ROOMS} rooms on ${WORKERS} workers`);
  let nodeRuns = 0;
  let nodeSinceMs = monotonicMs();
  const strikeNode = async (): Promise<void> => {
    await until(nodeSinceMs + NODE_STEADY_MS);
    await strike(system, rooms, 'node', nodeRuns, times.node);
    nodeSinceMs = monotonicMs();
    nodeRuns += 1;
  };
  const most = Math.min(NODE_RUNS, NODE_RUNS_MOST);
  for (let run = 0; run < RUNS; run += 1) {
    await strike(system, rooms, 'kill', run, times.kill);
    await strike(system, rooms, 'stop', run + 1, times.stop);
    if (nodeRuns < most && monotonicMs() > nodeSinceMs + NODE_STEADY_MS) await strikeNode();
  }
  while (nodeRuns < most) await strikeNode();
} catch (error) {
  progress(await system.lastLogLines(40));
  throw error;
} finally {
  await Promise.all(rooms.map((room) => room.close()));
  await system.stop();
}
report(
  'restarts',
  [
    ...figuresOf('worker killed', times.kill, 2000),
    ...holesOf('worker killed', times.kill),
    ...figuresOf('worker stopped', times.stop, 2000),
    ...holesOf('worker stopped', times.stop),
    ...(times.node.backMs.length === 0 ? [] : figuresOf('node killed', times.node, 5000)),
    figure('load average of the machine at the end', loadavg()[0] ?? Number.NaN, ''),
  ],
  { killMs: times.kill.backMs, stopMs: times.stop.backMs, nodeMs: times.node.backMs },
);
