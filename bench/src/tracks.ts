/**
 * Isolated tracks: how far a sender whose clock runs 100 ppm wrong is from the programme's clock over two hours, in fast motion, through the
 * whole recorder but its sockets; and what a track costs in real time. ROSTRUM_BENCH_MINUTES (default 120) of the first,
 * ROSTRUM_BENCH_SECONDS (default 20) of each run of the second.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IsolatedTracks } from '@rostrum/broadcaster/isolated';
import {
  camera,
  microphone,
  type Sent,
  SSRC,
  senderReport,
  sourceOf,
} from '@rostrum/broadcaster/testing/track-packets';
import { BEGAN_UNIX_MS, type Coming, channelFolder, record } from '@rostrum/broadcaster/testing/tracks';
import { pino } from 'pino';
import { figure as figureOf, progress, quantile, report } from './lib/result.ts';

const MINUTES = Number(process.env.ROSTRUM_BENCH_MINUTES ?? 120);
const SECONDS = Number(process.env.ROSTRUM_BENCH_SECONDS ?? 20);
const MOST_DRIFT_MS = 20;
/** A panelist's line: least delay, mean of what comes on top, and how often it stands still for longer. */
const LINE = { leastMs: 20, meanMs: 8, stallShare: 0.0005, stallMs: 250 } as const;
const figure = figureOf('');
const drift = figureOf('T1');

interface Kind {
  readonly codec: 'VP8' | 'OPUS';
  readonly clockRate: number;
  /** Between frames by the sender's clock. */
  readonly frameMs: number;
  /** Between sender reports, as mediasoup sends them. */
  readonly reportMs: number;
  readonly loop: readonly Sent[];
}

/** Numbers from 0 to 1, the same in each run. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The packets of each frame of a loop. */
function framesOf(loop: readonly Sent[]): Buffer[][] {
  const frames: Buffer[][] = [];
  let last: number | null = null;
  for (const { packet } of loop) {
    const timestamp = packet.readUInt32BE(4);
    if (timestamp !== last) frames.push([]);
    frames.at(-1)?.push(packet);
    last = timestamp;
  }
  return frames;
}

/**
 * Somebody's stream as it comes to the recorder by way of an SFU, which says in its reports what the stream's clock showed when the last
 * packet came, plus what has gone by since.
 */
function* stream(kind: Kind, ppm: number): Generator<Coming> {
  const chance = chanceOf(ppm + 1000);
  const frames = framesOf(kind.loop);
  const ticksPerFrame = (kind.frameMs * kind.clockRate) / 1000;
  let sequence = 0;
  let cameMs = 0;
  let stalledUntilMs = 0;
  let nextReportMs = kind.reportMs;
  for (let n = 0; n * kind.frameMs < MINUTES * 60_000; n += 1) {
    const sentMs = (n * kind.frameMs) / (1 + ppm / 1e6);
    if (chance() < LINE.stallShare) stalledUntilMs = sentMs + LINE.stallMs;
    const arrivesMs = Math.max(sentMs + LINE.leastMs - LINE.meanMs * Math.log(1 - chance()), stalledUntilMs);
    const ticks = n * ticksPerFrame;
    for (; nextReportMs < arrivesMs; nextReportMs += kind.reportMs * (0.5 + chance())) {
      if (n === 0) continue;
      const shown = ticks - ticksPerFrame + ((nextReportMs - cameMs) * kind.clockRate) / 1000;
      yield { packet: senderReport(Math.round(shown), 0), atMs: nextReportMs, isReport: true };
    }
    // Nothing overtakes on this line.
    cameMs = Math.max(cameMs, arrivesMs);
    for (const packet of frames[n % frames.length] ?? []) {
      const copy = Buffer.from(packet);
      copy.writeUInt16BE(sequence & 0xffff, 2);
      copy.writeUInt32BE(ticks % 2 ** 32, 4);
      sequence += 1;
      yield { packet: copy, atMs: cameMs };
    }
  }
}

interface Drift {
  readonly worstMs: number;
  readonly endMs: number;
  readonly took: number;
}

/** How far chunks begin from where they were sent, and the track ends. */
async function follow(kind: Kind, ppm: number): Promise<Drift> {
  const startMs = performance.now();
  const { folder, manifest, counts } = await record(sourceOf(kind.codec), stream(kind, ppm));
  const take = manifest.tracks[0]?.takes[0];
  if (!take || counts.lost > 0) throw new Error('the track is not whole');
  const shiftMs = manifest.startUnixMs - BEGAN_UNIX_MS - LINE.leastMs;
  const off: number[] = [];
  let frames = 0;
  for (const chunk of take.chunks) {
    off.push(chunk.fromMs + shiftMs - (frames * kind.frameMs) / (1 + ppm / 1e6));
    frames += chunk.frames;
  }
  const endMs = take.toMs + shiftMs - (frames * kind.frameMs) / (1 + ppm / 1e6);
  await rm(folder, { recursive: true });
  return { worstMs: Math.max(...off.map(Math.abs)), endMs, took: (performance.now() - startMs) / 1000 };
}

/** So many sources at once from real sockets. @returns cores that the recorder used, and how far lengths are from the wall clock's */
async function carry(kind: Kind, count: number): Promise<{ cores: number; lengthMs: number; lost: number }> {
  const folder = await channelFolder();
  const tracks = new IsolatedTracks({
    channelId: 'bench',
    folder,
    mediaIp: '127.0.0.1',
    nowUnixMs: () => performance.timeOrigin + performance.now(),
    logger: pino({ level: 'silent' }),
    onLost: () => progress('the recorder died'),
    onFile: () => undefined,
  });
  const senders: { socket: Socket; rtcp: Socket; port: number }[] = [];
  for (let i = 0; i < count; i += 1) {
    const [socket, rtcp] = [createSocket('udp4'), createSocket('udp4')];
    for (const one of [socket, rtcp]) {
      one.bind(0, '127.0.0.1');
      await once(one, 'listening');
    }
    const at = (one: Socket): number => (one.address() as AddressInfo).port;
    const remote = { ip: '127.0.0.1', port: at(socket), rtcpPort: at(rtcp) };
    const who = { personId: `person-${i}`, sourceId: `source-${i}`, remote, ssrc: SSRC };
    const { local } = await tracks.add(sourceOf(kind.codec, who), null);
    senders.push({ socket, rtcp, port: local.port });
  }
  const frames = framesOf(kind.loop);
  const cores: number[] = [];
  const beganMs = performance.now();
  let sequence = 0;
  let seen: unknown = null;
  let n = 0;
  for (; n * kind.frameMs < SECONDS * 1000; n += 1) {
    await sleep(Math.max(0, beganMs + n * kind.frameMs - performance.now()));
    for (const packet of frames[n % frames.length] ?? []) {
      const copy = Buffer.from(packet);
      copy.writeUInt16BE(sequence & 0xffff, 2);
      copy.writeUInt32BE((n * kind.frameMs * kind.clockRate) / 1000, 4);
      sequence += 1;
      for (const { socket, port } of senders) socket.send(copy, port, '127.0.0.1');
    }
    const { stats } = tracks.status();
    if (stats && stats !== seen && performance.now() - beganMs > 3000) cores.push(stats.cpuCores);
    seen = stats;
  }
  await sleep(1000);
  const lost = tracks.status().stats?.lost ?? Number.NaN;
  await tracks.close();
  for (const { socket, rtcp } of senders) {
    socket.close();
    rtcp.close();
  }
  const manifest: { tracks: { takes: { fromMs: number; toMs: number }[] }[] } = JSON.parse(
    await readFile(join(folder, 'tracks/manifest.json'), 'utf8'),
  );
  const lengths = manifest.tracks.flatMap(({ takes }) => takes.map(({ fromMs, toMs }) => toMs - fromMs));
  await rm(folder, { recursive: true });
  const off = lengths.map((ms) => Math.abs(ms - n * kind.frameMs));
  return { cores: quantile(cores, 0.5), lengthMs: Math.max(...off), lost };
}

progress('coding what is sent');
const mic: Kind = {
  ...{ codec: 'OPUS', clockRate: 48_000, frameMs: 20, reportMs: 5000 },
  loop: (await microphone([{ channels: 1, ms: 10_000 }])).slice(1, -1),
};
const small: Kind = {
  ...{ codec: 'VP8', clockRate: 90_000, frameMs: 40, reportMs: 1000 },
  loop: await camera('VP8', 25, [{ width: 160, height: 90, frames: 250 }], 250, 50_000),
};
const figures = [];
for (const [name, kind] of [
  ['sound', mic],
  ['pictures', small],
] as const) {
  for (const ppm of [100, -100, 0]) {
    progress(`${MINUTES} minutes of ${name} at ${ppm} ppm`);
    const { worstMs, endMs, took } = await follow(kind, ppm);
    const goal = `<= ${MOST_DRIFT_MS} ms`;
    figures.push(
      drift(`${name}, ${ppm} ppm: at the end`, Math.abs(endMs), 'ms', goal, Math.abs(endMs) <= MOST_DRIFT_MS),
      drift(`${name}, ${ppm} ppm: at worst`, worstMs, 'ms', goal, worstMs <= MOST_DRIFT_MS),
      figure(`${name}, ${ppm} ppm: it took`, took, 's'),
    );
  }
}
progress('in real time');
const large: Kind = {
  ...small,
  loop: await camera('VP8', 25, [{ width: 1280, height: 720, frames: 250 }], 250, 1_500_000, 'snow'),
};
for (const [name, kind, count] of [
  ['camera of 720p', large, 6],
  ['microphone', mic, 12],
] as const) {
  const { cores, lengthMs, lost } = await carry(kind, count);
  figures.push(
    figure(`${name}: each of ${count} at once`, (1000 * cores) / count, 'mcores'),
    figure(`${name}: times that packets did not come`, lost, ''),
    figure(`${name}: length less the wall clock's, at worst`, lengthMs, 'ms'),
  );
}
report('tracks', figures);
