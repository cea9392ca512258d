/**
 * A thousand viewers of one recording beside a live channel whose viewers hold the request for the next part's playlist: from
 * the part's completion to the last byte of each answer (P3), with nobody at the recording, with all of them at the origin's,
 * and with all of them at nginx, which serves the same files: then the machine is as busy and the origin is not. In turns, and
 * what a byte costs each server's processor. Files are in the page cache; viewers and servers share the machine's cores.
 * ROSTRUM_BENCH_VIEWERS of the recording (default 1000), ROSTRUM_BENCH_HELD live (default 1000), ROSTRUM_BENCH_TURNS (default
 * 3) of ROSTRUM_BENCH_ROUNDS (default 10) parts each, ROSTRUM_BENCH_MINUTES of recording (default 10).
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChannelOutput } from '@rostrum/broadcaster/channel-output';
import { createOrigin } from '@rostrum/broadcaster/origin';
import { ZERO_UNIX_MS } from '@rostrum/broadcaster/testing/synthetic';
import { LADDER } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { type FileServer, nginxFiles } from './lib/edge-servers.ts';
import { Viewers } from './lib/edge-viewers.ts';
import { monotonicMs } from './lib/monotonic.ts';
import { processorSeconds } from './lib/processes.ts';
import { type Figure, figure as figureOf, progress, quantile, report } from './lib/result.ts';
import { watchRecording } from './lib/vod/audience.ts';
import { PARTS_PER_SEGMENT, Programme, profile } from './lib/vod/programme.ts';
import type { WatchedFile } from './lib/vod/watchers.ts';

const number = (name: string, otherwise: number): number =>
  Number(process.env[`ROSTRUM_BENCH_${name}`] ?? otherwise);
const VIEWERS = number('VIEWERS', 1000);
const HELD = number('HELD', 1000);
const TURNS = number('TURNS', 3);
const ROUNDS = number('ROUNDS', 10);
const MINUTES = number('MINUTES', 10);
/** About a megabit a second: half of the ladder's best. */
const WATCHED = LADDER[1]?.name ?? '';
/** Parts between now and the one that is asked for: by then all requests are held. */
const AHEAD = 4;
const SETTLE_MS = 2000;
const SEGMENT_FRAMES = PARTS_PER_SEGMENT * 8;
const silent = { info() {}, warn() {}, error() {} };
const figure = figureOf('P3');

const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-vod-'));
const shared = {
  archiveDir,
  clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
  logger: silent,
  metrics: new Registry(),
};
const origin = createOrigin({ ...shared, coordinatorUrl: 'http://localhost:3000' });
const open = (channelId: string) =>
  createChannelOutput({ ...shared, channelId, profile, ladder: LADDER, windowMs: 60_000 });
const server = http.createServer(origin.handle);
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const { port } = server.address() as AddressInfo;

/** Writes the recording, and tells what of it is watched. */
async function record(): Promise<WatchedFile[]> {
  const output = await open('recorded');
  const programme = new Programme(output);
  for (let i = 0; i < (MINUTES * 60_000) / profile.segmentMs; i += 1) {
    programme.feed(SEGMENT_FRAMES);
    while (output.status().archiveQueueLength > 50) await sleep(1);
  }
  await output.end();
  await output.close();
  const playlist = `http://127.0.0.1:${port}/recordings/recorded/${WATCHED}.m3u8`;
  const lines = (await (await fetch(playlist)).text()).split('\n');
  return await Promise.all(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map(async (line) => {
        const { pathname } = new URL(line, playlist);
        const bytes = await readFile(join(archiveDir, pathname.replace(/^\/[a-z]+\//, '')));
        return { path: pathname, hash: createHash('sha256').update(bytes).digest('hex') };
      }),
  );
}

interface Stretch {
  readonly latenciesMs: number[];
  readonly tookMs: number[];
  unanswered: number;
  failed: number;
  seeks: number;
  bytes: number;
  ms: number;
  originCpuMs: number;
  serverCpuMs: number;
  rssMb: number;
}
const none = (): Stretch => ({
  latenciesMs: [],
  tookMs: [],
  ...{ unanswered: 0, failed: 0, seeks: 0, bytes: 0, ms: 0, originCpuMs: 0, serverCpuMs: 0, rssMb: 0 },
});

async function liveRound(live: Programme, viewers: Viewers, into: Stretch): Promise<void> {
  const part = live.parts + AHEAD;
  const [msn, index] = [1 + Math.floor(part / PARTS_PER_SEGMENT), part % PARTS_PER_SEGMENT];
  const { heard } = await viewers.ask(`/live/show/${WATCHED}.m3u8?_HLS_msn=${msn}&_HLS_part=${index}`);
  const { atMs, failed, bodies } = await heard;
  const line = new RegExp(`^#EXT-X-PART:.*/s${msn}\\.p${index}\\.mp4`, 'm');
  const completeMs = live.completeMs[part] ?? Number.NaN;
  into.unanswered += bodies.every((body) => line.test(body)) ? failed : HELD;
  into.latenciesMs.push(...Array.from(atMs, (ms) => ms - completeMs));
}

/** @param from who serves the recording; null: nobody asks for it */
async function stretch(
  live: Programme,
  viewers: Viewers,
  files: readonly WatchedFile[],
  from: FileServer | null,
  into: Stretch,
): Promise<void> {
  const audience = from
    ? await watchRecording({ port: from.port, count: VIEWERS, segmentMs: profile.segmentMs, files })
    : null;
  await sleep(SETTLE_MS);
  const before = { ms: monotonicMs(), cpu: process.cpuUsage(), server: processorSeconds(from?.pids() ?? []) };
  const others = audience ? processorSeconds(audience.pids) : 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    await liveRound(live, viewers, into);
    into.rssMb = Math.max(into.rssMb, process.memoryUsage.rss() / 2 ** 20);
  }
  const ms = monotonicMs() - before.ms;
  const cpu = process.cpuUsage(before.cpu);
  into.ms += ms;
  into.originCpuMs += (cpu.user + cpu.system) / 1000;
  into.serverCpuMs += (processorSeconds(from?.pids() ?? []) - before.server) * 1000;
  const viewersCores = audience ? ((processorSeconds(audience.pids) - others) * 1000) / ms : 0;
  const watched = await audience?.leave();
  if (!watched) return;
  // Those two seconds count among the bytes as they do in time.
  into.bytes += (watched.bytes * ms) / (ms + SETTLE_MS);
  into.tookMs.push(...watched.tookMs);
  into.failed += watched.failed;
  into.seeks += watched.seeks;
  progress(
    `${from?.name}: ${((watched.bytes / 1e6 / (ms + SETTLE_MS)) * 1000).toFixed(0)} MB/s, viewers take ${viewersCores.toFixed(2)} cores`,
  );
}

function tell(name: string, all: Stretch, alone: Stretch): Figure[] {
  const { latenciesMs, tookMs, bytes, ms } = all;
  const live = (q: number): number => quantile(latenciesMs, q);
  const p99 = live(0.99);
  const figures = [
    figure(`live, ${name}: p50`, live(0.5), 'ms'),
    figure(`live, ${name}: p99`, p99, 'ms', '<= 100 ms', p99 <= 100),
    figure(`live, ${name}: without a good answer`, all.unanswered, '', '0', all.unanswered === 0),
  ];
  if (all === alone) return figures;
  const cpuMs =
    all.serverCpuMs === 0 ? all.originCpuMs - (alone.originCpuMs * ms) / alone.ms : all.serverCpuMs;
  return [
    ...figures,
    figure(`live, ${name}: p99 over that with nobody there`, p99 / quantile(alone.latenciesMs, 0.99), 'x'),
    figure(`recording, ${name}: served`, bytes / 1000 / ms, 'MB/s'),
    figure(`recording, ${name}: for each core`, bytes / 1000 / cpuMs, 'MB/s'),
    figure(`recording, ${name}: a segment, p50`, quantile(tookMs, 0.5), 'ms'),
    figure(`recording, ${name}: a segment, p99`, quantile(tookMs, 0.99), 'ms'),
    figure(`recording, ${name}: seeks`, all.seeks, ''),
    figure(`recording, ${name}: failed`, all.failed, '', '0', all.failed === 0),
    figure(`origin's memory, ${name}`, all.rssMb, 'MB'),
  ];
}

let peer: FileServer | undefined;
try {
  progress(`a recording of ${MINUTES} min`);
  const files = await record();
  peer = await nginxFiles(archiveDir);
  if (!peer) progress('no nginx here, so it is not measured beside (Debian: nginx-light)');
  const output = await open('show');
  origin.addChannel(output);
  const live = new Programme(output);
  live.feed(8 * SEGMENT_FRAMES);
  live.run();
  const viewers = await Viewers.connect(port, HELD);
  const own: FileServer = { name: 'the origin', port, pids: () => [], close: async () => undefined };
  const [alone, byOrigin, byPeer] = [none(), none(), none()];
  try {
    await stretch(live, viewers, files, null, none()); // warms up
    for (let turn = 0; turn < TURNS; turn += 1) {
      progress(`turn ${turn + 1} of ${TURNS}`);
      await stretch(live, viewers, files, null, alone);
      await stretch(live, viewers, files, own, byOrigin);
      if (peer) await stretch(live, viewers, files, peer, byPeer);
    }
  } finally {
    await viewers.leave();
    live.stop();
    await origin.stop();
    await output.close();
  }
  const figures = [
    ...tell('nobody at the recording', alone, alone),
    ...tell(`${VIEWERS} at the origin`, byOrigin, alone),
    ...(peer ? tell(`${VIEWERS} at nginx`, byPeer, alone) : []),
  ];
  report('vod', figures);
} finally {
  await peer?.close();
  server.closeAllConnections();
  server.close();
  await rm(archiveDir, { recursive: true, force: true });
}
