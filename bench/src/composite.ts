/**
 * P2: what one live composite costs: four panelists at 720p25 with sound, three renditions and AAC out. Their cameras come in the
 * simulcast layer that the SFU sends for tiles of this size (360 lines in a grid of four); a second run takes all four at 720 lines.
 * Beside it, fed with the same packets at the same time, the same graph run by gst-launch-1.0 with plain UDP sources: no RTCP, no
 * scenes, no Node. Processor time is that of the whole process, from /proc, and of each of its threads; the cameras are recorded
 * packets sent by a third process that is not counted. Last, the limit: decoders and encoders alone, on the same pictures.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompositorProcess } from '@rostrum/broadcaster/compositor-process';
import { encoder, JITTER_BUFFER_MS, mixDescription } from '@rostrum/broadcaster/mix';
import { CAMERA_LAYERS, layerForHeight } from '@rostrum/contracts';
import { layoutScene } from '@rostrum/contracts/layout';
import type { BroadcastSource, Endpoint } from '@rostrum/contracts/node-socket';
import { FRAME_RATE, LADDER, PROFILES } from '@rostrum/contracts/profile';
import type { Scene } from '@rostrum/contracts/scene';
import { attachSink, init, parseLaunch } from '@rostrum/node-gst';
import { type Figure, progress, quantile, report } from './lib/result.ts';

const PEOPLE = 4;
const CLIP_SECONDS = 4;
/** Lines of the cameras' pictures: what the tiles need, and all there is. */
const LINES = { layer: 0, full: 720 } as const;
type Kept = keyof typeof LINES;
const WARM_MS = 5000;
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 8);
const ROUND_MS = 5000;
const LIMIT_SECONDS = 20;
const IP = '127.0.0.1';
/** Clock ticks a second in /proc/PID/stat; 100 on Linux for x86 and ARM. */
const TICKS_PER_SECOND = 100;

const PROFILE = PROFILES.standard;
const KINDS = {
  video: { payloadType: 101, clockRate: 90_000, codec: 'VP8', source: 'camera' },
  audio: { payloadType: 100, clockRate: 48_000, codec: 'OPUS', source: 'mic' },
} as const;
type Kind = keyof typeof KINDS;
interface Track {
  readonly person: number;
  readonly kind: Kind;
  readonly ssrc: number;
}
const TRACKS: readonly Track[] = Array.from({ length: PEOPLE }, (_, person): Track[] => [
  { person, kind: 'video', ssrc: 1000 + person },
  { person, kind: 'audio', ssrc: 2000 + person },
]).flat();

const SCENE: Scene = {
  title: 'Benchmark',
  layout: 'grid',
  onAir: Array.from({ length: PEOPLE }, (_, i) => ({ personId: `person-${i}`, name: `Panelist ${i + 1}` })),
  focus: null,
  screen: null,
  nameCards: true,
  lowerThird: null,
  slide: null,
};

/** Lines of the layer that the SFU is asked for. */
function layerLines(): number {
  const [tile] = layoutScene(SCENE).tiles;
  return CAMERA_LAYERS[layerForHeight(tile?.height ?? 720)]?.height ?? 720;
}

const bitrateOf = (lines: number): number =>
  CAMERA_LAYERS.find(({ height }) => height === lines)?.maxBitrate ?? 1_500_000;

/** What the packet sender is told: for each track, the ports to send to. */
type Targets = readonly (readonly number[])[];

interface Recorded {
  readonly packet: Buffer;
  readonly atMs: number;
}

/** A clip as RTP packets: a moving picture with a noisy corner at 1.5 Mbit/s, or a tone. */
async function record({ person, kind, ssrc }: Track, lines: number): Promise<Recorded[]> {
  init();
  const { payloadType } = KINDS[kind];
  const picture = ['ball', 'smpte', 'smpte75', 'smpte100'][person % 4];
  const pay = `ssrc=${ssrc} pt=${payloadType} timestamp-offset=0 seqnum-offset=0 ! appsink name=out sync=false`;
  const pipeline = parseLaunch(
    kind === 'video'
      ? `videotestsrc num-buffers=${CLIP_SECONDS * 25} pattern=${picture} ! video/x-raw,width=${(lines * 16) / 9},height=${lines},framerate=25/1 ! ` +
          `vp8enc deadline=1 cpu-used=12 threads=2 target-bitrate=${bitrateOf(lines)} keyframe-max-dist=50 ! ` +
          `rtpvp8pay picture-id-mode=2 mtu=1200 ${pay}`
      : `audiotestsrc num-buffers=${CLIP_SECONDS * 50} samplesperbuffer=960 freq=${300 + person * 100} volume=0.2 ! ` +
          `audio/x-raw,rate=48000,channels=1 ! opusenc ! rtpopuspay ${pay}`,
  );
  const sink = pipeline.element('out');
  if (!sink) throw new Error('no sink');
  const packets: Recorded[] = [];
  const done = Promise.withResolvers<void>();
  attachSink(
    sink,
    ({ data, ptsNs }) => packets.push({ packet: Buffer.from(data), atMs: (ptsNs ?? 0) / 1e6 }),
    {
      onEos: done.resolve,
    },
  );
  await Promise.all([pipeline.play(30_000), done.promise]);
  await pipeline.close();
  return packets;
}

/** The process that is not counted: plays the clips over and over, with times and numbers that go on. */
async function runNetwork(lines: number): Promise<void> {
  const clips: Recorded[][] = [];
  for (const track of TRACKS) clips.push(await record(track, lines));
  const sockets = await Promise.all(TRACKS.map(() => bound()));
  process.send?.({ ports: sockets.map((s) => s.address().port) });
  process.on('message', ({ targets }: { targets: Targets }) => {
    TRACKS.forEach((track, i) => {
      const [clip, socket, ports] = [clips[i], sockets[i], targets[i]];
      if (clip && socket && ports) play(track, clip, socket, ports);
    });
  });
  process.on('disconnect', () => process.exit(0));
}

function play({ kind }: Track, clip: readonly Recorded[], socket: Socket, ports: readonly number[]): void {
  const startedMs = performance.now();
  let index = 0;
  setInterval(() => {
    for (;;) {
      const loop = Math.floor(index / clip.length);
      const recorded = clip[index % clip.length];
      if (!recorded || startedMs + loop * CLIP_SECONDS * 1000 + recorded.atMs > performance.now()) return;
      const packet = Buffer.from(recorded.packet);
      packet.writeUInt16BE(index & 0xffff, 2);
      const ticks = packet.readUInt32BE(4) + loop * CLIP_SECONDS * KINDS[kind].clockRate;
      packet.writeUInt32BE(ticks % 2 ** 32, 4);
      for (const port of ports) socket.send(packet, port, IP);
      index += 1;
    }
  }, 5);
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind(0, IP);
  await once(socket, 'listening');
  return socket;
}

/** Starts ours with all sources in it. @returns the process and where its sources listen */
async function startOurs(
  senders: readonly number[],
): Promise<{ compositor: CompositorProcess; ports: number[] }> {
  const compositor = new CompositorProcess(
    {
      type: 'start',
      profile: PROFILE.name,
      scene: SCENE,
      timelineZeroUnixMs: Date.now(),
      notBeforeNs: 0,
      mediaIp: IP,
      step: 0,
      pictureCap: { longSide: 1920, shortSide: 1200 },
    },
    {
      onEvent: () => undefined,
      onSource: () => undefined,
      onStats: (stats) => {
        if (stats.framesSkipped > 0 || stats.packetsRefused > 0)
          throw new Error(`not a sound run: ${JSON.stringify(stats)}`);
      },
      onLog: (_level, message, fields) => progress(`${message} ${JSON.stringify(fields)}`),
      onExit: (why) => progress(`the compositor died: ${why}`),
    },
  );
  await compositor.started;
  const ports: number[] = [];
  for (const [i, track] of TRACKS.entries()) {
    const port = senders[i] ?? 9;
    const remote: Endpoint = { ip: IP, port, rtcpPort: port };
    const { payloadType, clockRate, codec, source } = KINDS[track.kind];
    const request: BroadcastSource = {
      sourceId: `source-${track.ssrc}`,
      personId: `person-${track.person}`,
      source,
      codec,
      payloadType,
      clockRate,
      ssrc: track.ssrc,
      rtx: null,
      cname: `person-${track.person}`,
      fmtp: {},
      remote,
      srtp: null,
    };
    const answer = await compositor.request({ type: 'source.add', source: request, trust: 'full' });
    if (!answer) throw new Error('no address');
    ports.push(answer.local.port);
  }
  return { compositor, ports };
}

/** The same mix and encoders, with the sources as one would write them by hand. */
async function startBare(): Promise<{ child: ChildProcess; ports: number[] }> {
  const sockets = await Promise.all(TRACKS.map(() => bound()));
  const ports = sockets.map((s) => s.address().port);
  for (const socket of sockets) socket.close();
  const tiles = layoutScene(SCENE).tiles;
  const pads = tiles
    .map((t, i) => `sink_${i + 1}::xpos=${t.x} sink_${i + 1}::ypos=${t.y} sink_${i + 1}::zorder=${i + 2}`)
    .join(' ');
  const mix = mixDescription(LADDER, PROFILE)
    .replaceAll(/appsink name=\S+/g, 'fakesink')
    // Nobody asks for key frames here.
    .replaceAll(/key-int-max=\d+/g, `key-int-max=${(PROFILE.segmentMs * FRAME_RATE) / 1000}`)
    .replace(/appsrc name=canvas .*?caps="([^"]*?),framerate=0\/1" ! video\. /, (_match, caps: string) => {
      return `videotestsrc is-live=true pattern=black ! ${caps},framerate=25/1 ! video.sink_0 `;
    })
    .replace('compositor name=video', `compositor name=video ${pads}`);
  const sources = TRACKS.map(({ kind, person }, i) => {
    const { payloadType, clockRate, codec } = KINDS[kind];
    const tile = tiles[person];
    const caps = `application/x-rtp,media=${kind},encoding-name=${codec},payload=${payloadType},clock-rate=${clockRate}`;
    const input = `udpsrc address=${IP} port=${ports[i]} caps="${caps}" ! rtpjitterbuffer latency=${JITTER_BUFFER_MS[PROFILE.name]} drop-on-latency=true`;
    return kind === 'video'
      ? `${input} ! rtpvp8depay ! vp8dec threads=1 ! capssetter caps="video/x-raw,colorimetry=(string)2:4:5:1" ! ` +
          `videoconvertscale n-threads=1 ! video/x-raw,format=I420,width=${tile?.width},height=${tile?.height},pixel-aspect-ratio=1/1,colorimetry=2:4:5:1 ! ` +
          `queue leaky=downstream max-size-buffers=4 ! video.sink_${person + 1}`
      : `${input} ! rtpopusdepay ! opusdec plc=true ! audioconvert ! audioresample ! queue ! audio.`;
  }).join(' ');
  const child = spawn('gst-launch-1.0', ['-q', ...words(`${mix} ${sources}`)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { child, ports };
}

/** Splits a description at blanks outside of quotes, as a shell would, without its quotes. */
const words = (description: string): string[] =>
  (description.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => word.replaceAll('"', ''));

/** Processor seconds that a process has used so far, all its threads. */
function cpuSeconds(pid: number): number {
  return secondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

function secondsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The same by what its threads are called: element and pad that they begin at. */
function threadSeconds(pid: number): Map<string, number> {
  const seconds = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    seconds.set(name, (seconds.get(name) ?? 0) + secondsOf(stat));
  }
  return seconds;
}

interface Measured {
  readonly ours: readonly number[];
  readonly bare: readonly number[];
  /** Cores by thread name, most first. */
  readonly threads: readonly (readonly [string, number])[];
}

async function measure(kept: Kept): Promise<Measured> {
  const lines = LINES[kept] || layerLines();
  progress(`recording four cameras of ${lines} lines`);
  const network = fork(fileURLToPath(import.meta.url), ['network', String(lines)]);
  const [{ ports: senders }] = (await once(network, 'message')) as [{ ports: number[] }];
  const ours = await startOurs(senders);
  const bare = await startBare();
  try {
    network.send({ targets: TRACKS.map((_, i) => [ours.ports[i] ?? 9, bare.ports[i] ?? 9]) });
    await new Promise((wake) => setTimeout(wake, WARM_MS));
    const pids = [ours.compositor.pid ?? 0, bare.child.pid ?? 0] as const;
    const look = () => ({ atMs: performance.now(), ours: cpuSeconds(pids[0]), bare: cpuSeconds(pids[1]) });
    const first = { atMs: performance.now(), threads: threadSeconds(pids[0]) };
    let last = look();
    const series: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
    for (let round = 1; round <= ROUNDS; round += 1) {
      await new Promise((wake) => setTimeout(wake, ROUND_MS));
      const now = look();
      const seconds = (now.atMs - last.atMs) / 1000;
      series.ours.push((now.ours - last.ours) / seconds);
      series.bare.push((now.bare - last.bare) / seconds);
      last = now;
      progress(
        `round ${round} of ${ROUNDS}: ${series.ours.at(-1)?.toFixed(3)} and ${series.bare.at(-1)?.toFixed(3)} cores`,
      );
    }
    const seconds = (performance.now() - first.atMs) / 1000;
    const threads = [...threadSeconds(pids[0])]
      .map(([name, used]) => [name, (used - (first.threads.get(name) ?? 0)) / seconds] as const)
      .toSorted((a, b) => b[1] - a[1]);
    return { ...series, threads };
  } finally {
    bare.child.kill();
    network.kill();
    await ours.compositor.stop();
  }
}

/** Cores that decoding the cameras and coding three renditions alone take, each by itself, as fast as it goes, in one thread. */
async function limits(): Promise<{ decode: number; encode: number }> {
  const lines = layerLines();
  const used = async (description: string): Promise<number> => {
    init();
    const pipeline = parseLaunch(description);
    const sink = pipeline.element('out');
    if (!sink) throw new Error('no sink');
    const done = Promise.withResolvers<void>();
    attachSink(sink, () => undefined, { onEos: done.resolve });
    const before = process.cpuUsage();
    await Promise.all([pipeline.play(60_000), done.promise]);
    const { user, system } = process.cpuUsage(before);
    await pipeline.close();
    return (user + system) / 1e6;
  };
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-limits-'));
  try {
    const frames = LIMIT_SECONDS * 25;
    let decode = 0;
    for (const picture of ['ball', 'smpte', 'smpte75', 'smpte100']) {
      const file = join(folder, `${picture}.mkv`);
      await used(
        `videotestsrc num-buffers=${frames} pattern=${picture} ! video/x-raw,width=${(lines * 16) / 9},height=${lines},framerate=25/1 ! ` +
          `vp8enc deadline=1 cpu-used=12 target-bitrate=${bitrateOf(lines)} keyframe-max-dist=50 ! tee name=t t. ! queue ! ` +
          `matroskamux ! filesink location=${file} t. ! queue ! appsink name=out sync=false`,
      );
      const read = `filesrc location=${file} ! matroskademux !`;
      decode +=
        (await used(`${read} vp8dec threads=1 ! appsink name=out sync=false`)) -
        (await used(`${read} appsink name=out sync=false`));
    }
    let encode = 0;
    for (const rendition of LADDER) {
      if (rendition.kind !== 'video') continue;
      const { width, height } = rendition;
      const pictures = `videotestsrc num-buffers=${frames} pattern=ball ! video/x-raw,format=I420,width=${width},height=${height},framerate=25/1 !`;
      encode +=
        (await used(`${pictures} ${encoder(rendition)} ! appsink name=out sync=false`)) -
        (await used(`${pictures} appsink name=out sync=false`));
    }
    return { decode: decode / LIMIT_SECONDS, encode: encode / LIMIT_SECONDS };
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv[2] === 'network') await runNetwork(Number(process.argv[3]));
else {
  const figures: Figure[] = [];
  const series: Record<string, readonly number[]> = {};
  for (const kept of ['layer', 'full'] as const) {
    const { ours, bare, threads } = await measure(kept);
    const ratio = quantile(
      ours.map((value, i) => value / (bare[i] ?? Number.NaN)),
      0.5,
    );
    const what =
      kept === 'layer' ? `the layer of their tiles (${layerLines()} lines)` : '720 lines, all four';
    const cores = quantile(ours, 0.5);
    const goal = kept === 'layer' ? { goal: '<= 0.4 core', met: cores <= 0.4 } : { goal: '', met: null };
    figures.push({ id: 'P2', what: `one live composite, ${what}`, value: cores, unit: 'cores', ...goal });
    figures.push({
      id: 'P2',
      what: '  the same graph in gst-launch',
      value: quantile(bare, 0.5),
      unit: 'cores',
      goal: '',
      met: null,
    });
    figures.push({
      id: 'P2',
      what: '  ours to gst-launch, median of rounds',
      value: ratio,
      unit: 'x',
      goal: '<= 1.1x',
      met: ratio <= 1.1,
    });
    for (const [name, used] of threads.slice(0, 14))
      figures.push({ id: '', what: `    thread ${name}`, value: used, unit: 'cores', goal: '', met: null });
    series[`${kept}Ours`] = ours;
    series[`${kept}Bare`] = bare;
  }
  const { decode, encode } = await limits();
  figures.push({
    id: '',
    what: 'the limit: decoding four cameras alone',
    value: decode,
    unit: 'cores',
    goal: '',
    met: null,
  });
  figures.push({
    id: '',
    what: 'the limit: coding three renditions alone',
    value: encode,
    unit: 'cores',
    goal: '',
    met: null,
  });
  report('composite', figures, series);
}
