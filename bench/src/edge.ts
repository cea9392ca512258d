import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { House } from '@rostrum/broadcaster/testing-house';
import { familyCpuMs } from './lib/edge-cpu.ts';
import { type Contender, floor, nginx, varnish } from './lib/edge-servers.ts';
import { Viewers } from './lib/edge-viewers.ts';
import { monotonicMs } from './lib/monotonic.ts';
import { type Figure, progress, quantile, report } from './lib/result.ts';

/**
 * Ten thousand viewers hold the request for the next part's playlist: from the part's completion to the last byte of each
 * answer. Through Varnish as `up --edge` runs it (P3, and P4: one origin request for each object), straight from the
 * origin, and through nginx with `proxy_cache_lock` where it is installed. Viewers and servers share the machine's cores,
 * so a bare socket server that writes the same bytes to the same viewers is measured beside them: the floor. One round of
 * each is not counted. Viewers: ROSTRUM_BENCH_HELD (default 10000); counted rounds: ROSTRUM_BENCH_ROUNDS (default 10).
 */
const HELD = Number(process.env.ROSTRUM_BENCH_HELD ?? 10_000);
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 10);
const ROUNDS_OF_PARTS = 3;
const FRAMES_PER_PART = 8;
const PARTS_PER_SEGMENT = 6;
/** Until the requests are certainly held, where the server cannot say how many it holds. */
const SETTLE_MS = 2000;
const HELD_WITHIN_MS = 15_000;
const QUANTILES = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

/** What the viewers of a round ask for. */
interface Ask {
  readonly of: 'playlist' | 'media';
  readonly path: string;
  /** Is it the answer to this very request? */
  readonly isRight: (body: string) => boolean;
}

interface Measured {
  readonly latenciesMs: number[];
  /** Of all rounds together. */
  serverCpuMs: number;
  viewersCpuMs: number;
  failed: number;
  /** Requests at the origin for each object. */
  readonly asked: number[];
}

const house = await House.open();
/** Parts complete so far; the channel begins with eight segments. */
let parts = 8 * PARTS_PER_SEGMENT;
house.feedTo(parts * FRAMES_PER_PART);

const nextPart = () => ({ msn: 1 + Math.floor(parts / PARTS_PER_SEGMENT), part: parts % PARTS_PER_SEGMENT });

function nextPlaylist(): Ask {
  const { msn, part } = nextPart();
  const path = `/live/show/hi.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`;
  const line = new RegExp(`^#EXT-X-PART:.*/s${msn}\\.p${part}\\.mp4`, 'm');
  return { of: 'playlist', path, isRight: (body) => line.test(body) };
}

function nextMedia(): Ask {
  const { msn, part } = nextPart();
  const path = `/live/show/hi/e1/s${msn}.p${part}.mp4`;
  return { of: 'media', path, isRight: (body) => body.includes('moof') };
}

/** Pushes the last frame of the next part. Returns the instant before, on `monotonicMs`. */
function complete(): number {
  parts += 1;
  const startMs = monotonicMs();
  house.feedTo(parts * FRAMES_PER_PART);
  return startMs;
}

const originRequests = (of: Ask['of']): Promise<number> =>
  house.metric('rostrum_origin_responses_total', { class: of, status: '200' });

async function settled({ name, held }: Contender): Promise<void> {
  await setTimeout(SETTLE_MS);
  for (const giveUpMs = monotonicMs() + HELD_WITHIN_MS; monotonicMs() < giveUpMs; await setTimeout(100)) {
    const now = await held();
    if (now === undefined || now === HELD) return;
  }
  throw new Error(`${name}: of ${HELD} requests ${await held()} are held`);
}

/** `release` makes what the viewers wait for, and returns its instant. */
async function round(
  server: Contender,
  viewers: Viewers,
  { of, path, isRight }: Ask,
  release: () => number,
): Promise<Measured> {
  house.feedTo((parts + 1) * FRAMES_PER_PART - 1);
  const before = await originRequests(of);
  const { heard } = await viewers.ask(path);
  await settled(server);
  const cpuMs = familyCpuMs(viewers.pids);
  const startMs = release();
  const { atMs, failed, bodies, cpuMs: viewersCpuMs } = await heard;
  return {
    latenciesMs: Array.from(atMs, (ms) => ms - startMs),
    serverCpuMs: familyCpuMs(viewers.pids) - cpuMs,
    viewersCpuMs,
    failed: bodies.every(isRight) ? failed : HELD,
    asked: [(await originRequests(of)) - before],
  };
}

/** All rounds of one contender; the first warms up sockets and code, and only its failures count. */
async function measure(server: Contender, ask: () => Ask, release: () => number): Promise<Measured> {
  const viewers = await Viewers.connect(server.port, HELD);
  const all: Measured = { latenciesMs: [], serverCpuMs: 0, viewersCpuMs: 0, failed: 0, asked: [] };
  try {
    for (let number = 0; number <= ROUNDS; number += 1) {
      const one = await round(server, viewers, ask(), release);
      all.failed += one.failed;
      all.asked.push(...one.asked);
      const [p50, p99] = [0.5, 0.99].map((q) => quantile(one.latenciesMs, q).toFixed(0));
      progress(`${server.name}: round ${number} of ${ROUNDS}, p50 ${p50} ms, p99 ${p99} ms`);
      if (number === 0) continue;
      all.latenciesMs.push(...one.latenciesMs);
      all.serverCpuMs += one.serverCpuMs;
      all.viewersCpuMs += one.viewersCpuMs;
    }
  } finally {
    await viewers.leave();
  }
  return all;
}

/** Origin requests for each part that all viewers ask for before it is there, as hls.js with our loader does. */
async function partRequests(server: Contender): Promise<number[]> {
  const viewers = await Viewers.connect(server.port, HELD);
  const asked: number[] = [];
  try {
    while (asked.length < ROUNDS_OF_PARTS) {
      const one = await round(server, viewers, nextMedia(), complete);
      if (one.failed > 0) throw new Error(`${server.name}: ${one.failed} viewers did not get their part`);
      asked.push(...one.asked);
    }
  } finally {
    await viewers.leave();
  }
  return asked;
}

/** The bytes of a playlist's answer, head and all, as the origin sends them. */
async function answerBytes(): Promise<Buffer> {
  const socket = connect(house.port, '127.0.0.1');
  socket.write('GET /live/show/hi.m3u8 HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n');
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return bytes;
}

const figures: Figure[] = [];
const series: Record<string, number[]> = {};
let floorMs: { readonly p50: number; readonly p99: number } | undefined;

/** Adds a contender's figures. `goals`: of P3 and P4, for the one they are set for. */
function tell(name: string, measured: Measured, goals: boolean): void {
  const { latenciesMs, serverCpuMs, viewersCpuMs, failed } = measured;
  const figure = (id: string, what: string, value: number, unit: string, most?: number): void => {
    const goal = most === undefined ? '' : `<= ${most} ${unit}`.trim();
    figures.push({
      id,
      what: `${name}: ${what}`,
      value,
      unit,
      goal,
      met: most === undefined ? null : value <= most,
    });
  };
  const [p50, p99, last] = [0.5, 0.99, 1].map((q) => quantile(latenciesMs, q)) as [number, number, number];
  figure(goals ? 'P3' : '', 'p50', p50, 'ms', goals ? 30 : undefined);
  figure(goals ? 'P3' : '', 'p99', p99, 'ms', goals ? 100 : undefined);
  figure('', 'last of all', last, 'ms');
  if (floorMs) {
    figure('', "p50 over the floor's", p50 / floorMs.p50, 'x');
    figure('', "p99 over the floor's", p99 / floorMs.p99, 'x');
  }
  floorMs ??= { p50, p99 };
  figure('', "server's CPU for an answer", (serverCpuMs * 1000) / latenciesMs.length, 'us');
  figure('', "viewer's CPU for an answer", (viewersCpuMs * 1000) / latenciesMs.length, 'us');
  figure('', 'requests without a good answer', failed, '', 0);
  series[`${name}: quantiles ${QUANTILES.join(' ')} in ms`] = QUANTILES.map((q) => quantile(latenciesMs, q));
}

function tellRequests(name: string, of: string, asked: readonly number[]): void {
  const value = asked.find((count) => count !== 1) ?? 1;
  const what = `${name}: origin requests for each of ${asked.length} ${of}`;
  figures.push({ id: 'P4', what, value, unit: '', goal: 'exactly 1', met: value === 1 });
}

try {
  progress(`${HELD} viewers, ${ROUNDS} rounds each`);
  const bare = await floor();
  const bytes = await answerBytes();
  const answer = (): number => {
    const startMs = monotonicMs();
    bare.answer(bytes);
    return startMs;
  };
  const any = (): Ask => ({ ...nextPlaylist(), isRight: () => true });
  tell(bare.name, await measure(bare, any, answer).finally(() => bare.close()), false);

  const edge = await varnish(house.port);
  try {
    const measured = await measure(edge, nextPlaylist, complete);
    tell(edge.name, measured, true);
    tellRequests(edge.name, 'playlists', measured.asked);
    tellRequests(edge.name, 'parts', await partRequests(edge));
  } finally {
    await edge.close();
  }

  const held = (): Promise<number> => house.metric('rostrum_origin_held_requests', { class: 'playlist' });
  const origin = { name: 'straight from the origin', port: house.port, held, close: async () => undefined };
  tell(origin.name, await measure(origin, nextPlaylist, complete), false);

  const peer = await nginx(house.port);
  if (peer) tell(peer.name, await measure(peer, nextPlaylist, complete).finally(() => peer.close()), false);
  else progress('no nginx here, so it was not measured beside (Debian: nginx-light)');
} finally {
  await house.close();
}
report('edge', figures, series);
