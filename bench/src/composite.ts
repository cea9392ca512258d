/**
 * P2: what one live composite costs: four panelists at 720p25 with sound, three renditions and AAC out. Beside it, fed
 * with the same packets at the same time, the same graph run by gst-launch-1.0 with plain UDP sources: no RTCP, no
 * scenes, no Node. Processor time is that of the whole process, from /proc; the cameras are recorded packets sent by a
 * third process that is not counted.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CompositorProcess } from '@rostrum/broadcaster/compositor-process';
import { JITTER_BUFFER_MS, mixDescription } from '@rostrum/broadcaster/mix';
import { layoutScene } from '@rostrum/contracts/layout';
import type { BroadcastSource, Endpoint } from '@rostrum/contracts/node-socket';
import { LADDER, PROFILES } from '@rostrum/contracts/profile';
import type { Scene } from '@rostrum/contracts/scene';
import { attachSink, init, parseLaunch } from '@rostrum/node-gst';
import { progress, quantile, report } from './lib/result.ts';

const PEOPLE = 4;
const CLIP_SECONDS = 4;
const WARM_MS = 5000;
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 8);
const ROUND_MS = 5000;
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

/** What the packet sender is told: for each track, the ports to send to. */
type Targets = readonly (readonly number[])[];

interface Recorded {
  readonly packet: Buffer;
  readonly atMs: number;
}

/** A clip as RTP packets: a moving picture with a noisy corner at 1.5 Mbit/s, or a tone. */
async function record({ person, kind, ssrc }: Track): Promise<Recorded[]> {
  init();
  const { payloadType } = KINDS[kind];
  const picture = ['ball', 'smpte', 'smpte75', 'smpte100'][person % 4];
  const pay = `ssrc=${ssrc} pt=${payloadType} timestamp-offset=0 seqnum-offset=0 ! appsink name=out sync=false`;
  const pipeline = parseLaunch(
    kind === 'video'
      ? `videotestsrc num-buffers=${CLIP_SECONDS * 25} pattern=${picture} ! video/x-raw,width=1280,height=720,framerate=25/1 ! ` +
          'vp8enc deadline=1 cpu-used=12 threads=2 target-bitrate=1500000 keyframe-max-dist=50 ! ' +
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
async function runNetwork(): Promise<void> {
  const clips: Recorded[][] = [];
  for (const track of TRACKS) clips.push(await record(track));
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
    },
    {
      onEvent: () => undefined,
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
    const answer = await compositor.request({ type: 'source.add', source: request });
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
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function measure(): Promise<void> {
  progress('recording four cameras');
  const network = fork(fileURLToPath(import.meta.url), ['network']);
  const [{ ports: senders }] = (await once(network, 'message')) as [{ ports: number[] }];
  const ours = await startOurs(senders);
  const bare = await startBare();
  try {
    network.send({ targets: TRACKS.map((_, i) => [ours.ports[i] ?? 9, bare.ports[i] ?? 9]) });
    await new Promise((wake) => setTimeout(wake, WARM_MS));
    const pids = [ours.compositor.pid ?? 0, bare.child.pid ?? 0] as const;
    const look = () => ({ atMs: performance.now(), ours: cpuSeconds(pids[0]), bare: cpuSeconds(pids[1]) });
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
    tell(series);
  } finally {
    bare.child.kill();
    network.kill();
    await ours.compositor.stop();
  }
}

function tell(series: { readonly ours: readonly number[]; readonly bare: readonly number[] }): void {
  const ours = quantile(series.ours, 0.5);
  const bare = quantile(series.bare, 0.5);
  const ratio = quantile(
    series.ours.map((value, i) => value / (series.bare[i] ?? Number.NaN)),
    0.5,
  );
  report(
    'composite',
    [
      {
        id: 'P2',
        what: 'one live composite, 4 panelists, 720/480/240',
        value: ours,
        unit: 'cores',
        goal: '<= 0.6 core',
        met: ours <= 0.6,
      },
      { id: 'P2', what: 'the same graph in gst-launch', value: bare, unit: 'cores', goal: '', met: null },
      {
        id: 'P2',
        what: 'ours to gst-launch, median of rounds',
        value: ratio,
        unit: 'x',
        goal: '<= 1.2x',
        met: ratio <= 1.2,
      },
    ],
    series,
  );
}

if (process.argv[2] === 'network') await runNetwork();
else await measure();
