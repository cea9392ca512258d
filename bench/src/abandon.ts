/**
 * What clients that go away or do not read leave behind at the origin. Ten thousand held requests are abandoned in each
 * round, at random moments while parts go out: HTTP/1.1 by ending the connection, HTTP/2 by cancelling the stream. Then a
 * thousand clients ask for a large recording and never read it, until the origin cuts them off. The origin is a process of
 * its own; its heap and memory are read after a collection. ROSTRUM_BENCH_HELD requests (default 10000),
 * ROSTRUM_BENCH_ROUNDS rounds (default 8).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect as connect2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FuzzHouse, LIVE, OVER } from '@rostrum/broadcaster/testing/fuzz-house';
import { type Figure, progress, report } from './lib/result.ts';

const HELD = Number(process.env.ROSTRUM_BENCH_HELD ?? 10_000);
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 8);
/** Rounds after which Node has all the code and buffers it keeps: growth counts from there. */
const WARM_ROUNDS = 4;
const SLOW_CLIENTS = 1000;
/** More than the buffers of both ends of a connection take. */
const RECORDING_BYTES = 12 * 2 ** 20;
/** Of a channel that the origin no longer runs. */
const LARGE = 'large';
const RECORDING = `${LARGE}/lo/e1/s1.mp4`;
const ABANDON_WITHIN_MS = 1500;
const STREAMS_PER_SESSION = 100;

/** How the origin's process stands, after a collection. */
interface State {
  readonly held: number;
  readonly sockets: number;
  readonly files: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}
type Question = 'state' | 'count' | 'feed';

async function runOrigin(): Promise<void> {
  const house = await FuzzHouse.open();
  await cp(join(house.archiveDir, OVER), join(house.archiveDir, LARGE), { recursive: true });
  await writeFile(join(house.archiveDir, RECORDING), Buffer.alloc(RECORDING_BYTES));
  process.on('message', (question: Question) => {
    if (question === 'feed') house.feed(1);
    void answer(house, question === 'state').then((state) => process.send?.(state));
  });
  process.on('disconnect', () => void house.close().then(() => process.exit()));
  process.send?.({ plain: house.plainPort, secure: house.securePort });
}

async function answer(house: FuzzHouse, collect: boolean): Promise<State> {
  if (collect) {
    for (let i = 0; i < 3; i += 1) {
      globalThis.gc?.();
      await sleep(50);
    }
  }
  const { heapUsed, rss, external } = process.memoryUsage();
  return {
    held: await house.held(),
    sockets: house.openSockets,
    files: readdirSync('/proc/self/fd').length,
    heapBytes: heapUsed + external,
    rssBytes: rss,
  };
}

class OriginProcess {
  readonly #child: ChildProcess;
  readonly plain: number;
  readonly secure: number;

  private constructor(child: ChildProcess, ports: { plain: number; secure: number }) {
    this.#child = child;
    this.plain = ports.plain;
    this.secure = ports.secure;
  }

  static async start(): Promise<OriginProcess> {
    const child = fork(fileURLToPath(import.meta.url), ['origin'], { execArgv: ['--expose-gc'] });
    const [ports] = (await once(child, 'message')) as [{ plain: number; secure: number }];
    return new OriginProcess(child, ports);
  }

  async ask(question: Question): Promise<State> {
    this.#child.send(question);
    const [state] = (await once(this.#child, 'message')) as [State];
    return state;
  }

  /** Resolves with the milliseconds until the condition held. */
  async until(what: string, timeoutMs: number, holds: (state: State) => boolean): Promise<number> {
    const startMs = performance.now();
    let state = await this.ask('count');
    while (!holds(state)) {
      if (performance.now() - startMs > timeoutMs) {
        throw new Error(`never: ${what} (${state.held} held, ${state.sockets} sockets)`);
      }
      await sleep(10);
      state = await this.ask('count');
    }
    return performance.now() - startMs;
  }

  async close(): Promise<void> {
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}

async function nextPart(port: number): Promise<{ msn: number; part: number }> {
  const text = await (await fetch(`http://127.0.0.1:${port}/live/${LIVE}/hi.m3u8`)).text();
  const [, msn, part] = /PRELOAD-HINT:TYPE=PART,URI="hi\/e1\/s(\d+)\.p(\d+)\.mp4"/.exec(text) ?? [];
  return { msn: Number(msn), part: Number(part) };
}

/** Who waits for the segment after the open one: parts go by, and nobody is answered before the round is over. */
const heldPath = (msn: number): string => `/live/${LIVE}/hi.m3u8?_HLS_msn=${msn + 1}`;

async function openSockets(port: number, count: number, path: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const more = Array.from({ length: Math.min(200, count - sockets.length) }, () =>
      connect({ port, host: '127.0.0.1', noDelay: true }),
    );
    await Promise.all(more.map((socket) => once(socket, 'connect')));
    sockets.push(...more);
  }
  // All connected first: the first to ask must not have waited too long (LL15) before the last one asks.
  for (const socket of sockets) socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return sockets;
}

/** Ends each at a moment of its own; two parts go out meanwhile. Resolves with the ms from the last end to the last waiter's. */
async function abandon(origin: OriginProcess, ends: readonly (() => void)[]): Promise<number> {
  const all = Promise.all(
    ends.map(async (end) => {
      await sleep(Math.random() * ABANDON_WITHIN_MS);
      end();
    }),
  );
  for (let i = 0; i < 2; i += 1) {
    await sleep(ABANDON_WITHIN_MS / 3);
    await origin.ask('feed');
  }
  await all;
  return origin.until('nobody waits', 5000, ({ held }) => held === 0);
}

async function roundOverHttp1(origin: OriginProcess): Promise<{ heldMost: number; forgottenMs: number }> {
  const { msn } = await nextPart(origin.plain);
  const sockets = await openSockets(origin.plain, HELD, heldPath(msn));
  await origin.until('all wait', 5000, ({ held }) => held === HELD);
  const { held } = await origin.ask('count');
  const forgottenMs = await abandon(
    origin,
    sockets.map((socket) => () => socket.destroy()),
  );
  return { heldMost: held, forgottenMs };
}

async function roundOverHttp2(origin: OriginProcess): Promise<{ heldMost: number; forgottenMs: number }> {
  const { msn } = await nextPart(origin.plain);
  const sessions: ClientHttp2Session[] = [];
  for (let i = 0; i < HELD / STREAMS_PER_SESSION; i += 1) {
    const session = connect2(`https://127.0.0.1:${origin.secure}`, { rejectUnauthorized: false });
    await once(session, 'connect');
    sessions.push(session);
  }
  const streams = sessions.flatMap((session) =>
    Array.from({ length: STREAMS_PER_SESSION }, () => {
      const stream = session.request({ ':path': heldPath(msn) });
      stream.on('error', () => undefined); // cancelled, as it is meant
      return stream;
    }),
  );
  await origin.until('all wait', 5000, ({ held }) => held === streams.length);
  const { held } = await origin.ask('count');
  const forgottenMs = await abandon(
    origin,
    streams.map((stream) => () => stream.close(8)),
  );
  for (const session of sessions) session.destroy();
  return { heldMost: held, forgottenMs };
}

async function slowReaders(origin: OriginProcess): Promise<{ cutMs: number; during: State; after: State }> {
  const sockets = await openSockets(origin.plain, SLOW_CLIENTS, `/live/${RECORDING}`);
  for (const socket of sockets) {
    socket.pause();
    socket.on('error', () => undefined); // cut off
  }
  await sleep(5000);
  const during = await origin.ask('state');
  const cutMs = 5000 + (await origin.until('the slow are cut off', 120_000, (state) => state.sockets === 0));
  for (const socket of sockets) socket.destroy();
  return { cutMs, during, after: await origin.ask('state') };
}

const MIB = 2 ** 20;

async function measure(): Promise<void> {
  const origin = await OriginProcess.start();
  const before = await origin.ask('state');
  const states: State[] = [];
  const forgottenMs: number[] = [];
  let abandoned = 0;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const over = round % 2 === 0 ? roundOverHttp1 : roundOverHttp2;
      const { heldMost, forgottenMs: ms } = await over(origin);
      abandoned += heldMost;
      forgottenMs.push(ms);
      await origin.until('no socket is open', 10_000, ({ sockets }) => sockets === 0);
      const state = await origin.ask('state');
      states.push(state);
      progress(
        `round ${round + 1}: ${heldMost} held and abandoned, last forgotten after ${ms.toFixed(0)} ms, heap ` +
          `${(state.heapBytes / MIB).toFixed(1)} MiB, resident ${(state.rssBytes / MIB).toFixed(0)} MiB`,
      );
    }
    tell(before, states, abandoned, forgottenMs, await slowReaders(origin));
  } finally {
    await origin.close();
  }
}

function tell(
  before: State,
  states: readonly State[],
  abandoned: number,
  forgottenMs: readonly number[],
  slow: { cutMs: number; during: State; after: State },
): void {
  const warm = states[WARM_ROUNDS - 1] ?? before;
  const last = states.at(-1) ?? before;
  const goal = (what: string, value: number, unit: string, most: number): Figure => ({
    ...{ id: 'R4', what, value, unit },
    ...{ goal: `<= ${most} ${unit}`.trim(), met: value <= most },
  });
  const side = (what: string, value: number, unit: string): Figure => ({
    ...{ id: '', what, value, unit, goal: '', met: null },
  });
  const heapGrowth = (last.heapBytes - warm.heapBytes) / MIB;
  const rssGrowth = (last.rssBytes - warm.rssBytes) / MIB;
  const slowRss = (slow.during.rssBytes - last.rssBytes) / MIB;
  report(
    'abandon',
    [
      side('held requests abandoned', abandoned, ''),
      goal('waiters left', last.held, '', 0),
      goal('sockets left', last.sockets, '', 0),
      goal('files left open', last.files - before.files, '', 0),
      side('last client gone to last waiter forgotten, worst', Math.max(...forgottenMs), 'ms'),
      goal(`heap and buffers, growth over ${states.length - WARM_ROUNDS} rounds`, heapGrowth, 'MiB', 2),
      goal(`resident memory, growth over ${states.length - WARM_ROUNDS} rounds`, rssGrowth, 'MiB', 20),
      side(`resident memory of ${SLOW_CLIENTS} clients that do not read`, slowRss, 'MiB'),
      goal('clients that do not read are cut off after', slow.cutMs / 1000, 's', 75),
      goal('files open after them', slow.after.files - before.files, '', 0),
      side('resident memory kept of them', (slow.after.rssBytes - last.rssBytes) / MIB, 'MiB'),
      goal('heap and buffers kept of them', (slow.after.heapBytes - last.heapBytes) / MIB, 'MiB', 2),
    ],
    {
      heapMiB: states.map(({ heapBytes }) => heapBytes / MIB),
      residentMiB: states.map(({ rssBytes }) => rssBytes / MIB),
      forgottenMs,
    },
  );
}

if (process.argv[2] === 'origin') await runOrigin();
else await measure();
