/**
 * P8: what one forwarded consumer costs the media node, beside bare mediasoup fed with the same packets at the same
 * time. Both run as processes of their own with one worker; every consumer goes to a PlainTransport (SRTP and browsers
 * are mediasoup's own and the same for both). Ours has all that runs in operation: RPC, heartbeat, metrics, observers
 * of who speaks. Processor time is that of the worker and of its Node process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Egress, egressCapabilities, MEDIA_CODECS, startService } from '@rostrum/panel-sfu/server';
import { startTestCoordinator } from '@rostrum/panel-sfu/testing-coordinator';
import { createWorker, type types } from 'mediasoup';
import { pino } from 'pino';
import { progress, quantile, report } from './lib/result.ts';

/** A full stage: each of twelve receives the other eleven, and the broadcaster receives all. */
const PEOPLE = 12;
const CONSUMERS_PER_TRACK = PEOPLE;
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 12);
const ROUND_MS = 5000;
/** 1.2 Mbit/s of video at 25 frames a second, a key frame every 2 s; 50 packets of sound a second. */
const VIDEO = { packetsPerFrame: 6, payloadBytes: 1000, framesPerKeyFrame: 50, tickMs: 40 } as const;
const AUDIO = { payloadBytes: 80, tickMs: 20 } as const;
const LISTEN = '127.0.0.1';

type Track = { readonly kind: 'audio' | 'video'; readonly ssrc: number };
const TRACKS: readonly Track[] = Array.from({ length: PEOPLE }, (_, i): Track[] => [
  { kind: 'video', ssrc: 1000 + i },
  { kind: 'audio', ssrc: 2000 + i },
]).flat();
const AUDIO_LEVEL = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 10 } as const;

const rtpParametersOf = ({ kind, ssrc }: Track): types.RtpParameters =>
  kind === 'video'
    ? {
        codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }],
        encodings: [{ ssrc }],
        rtcp: { cname: `c${ssrc % 1000}` },
      }
    : {
        codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
        headerExtensions: [AUDIO_LEVEL],
        encodings: [{ ssrc }],
        rtcp: { cname: `c${ssrc % 1000}` },
      };

/** The tracks' producers, fed by plain RTP to one port. */
async function ingest(router: types.Router): Promise<{ port: number; producers: types.Producer[] }> {
  const transport = await router.createPlainTransport({ listenIp: LISTEN, rtcpMux: true, comedia: true });
  const producers: types.Producer[] = [];
  for (const track of TRACKS) {
    const appData = { personId: `person-${track.ssrc % 1000}` };
    producers.push(
      await transport.produce({ kind: track.kind, rtpParameters: rtpParametersOf(track), appData }),
    );
  }
  return { port: transport.tuple.localPort, producers };
}

/** Our node, as in operation: under a coordinator, with everything it starts. */
async function runOurs(coordinatorUrl: string, sinkPort: number): Promise<void> {
  const service = await startService(
    {
      coordinatorUrl,
      nodeToken: 'a token of the benchmark',
      nodeId: 'bench-node',
      rtcPort: 0,
      listenIp: LISTEN,
      announcedIp: undefined,
      metricsIp: LISTEN,
      metricsPort: 0,
      workers: 1,
      orphanMs: 60_000,
      workerBin: process.env.MEDIASOUP_WORKER_BIN,
      parentPipe: false,
      logLevel: 'silent',
    },
    pino({ level: 'silent' }),
  );
  const roomId = 'bench-room';
  await service.rooms.open(roomId);
  const room = service.rooms.get(roomId);
  const consumers = collectConsumers(room.router);
  const { port, producers } = await ingest(room.router);
  for (const producer of producers) {
    if (producer.kind === 'audio') await room.watchSpeaker(producer);
    for (let i = 0; i < CONSUMERS_PER_TRACK; i += 1) {
      const egress = await Egress.open({
        roomId,
        router: room.router,
        producer,
        srtp: false,
        listenIp: LISTEN,
        announcedIp: undefined,
        tell: () => undefined,
        warn: (error) => {
          throw error;
        },
      });
      await egress.connect({ remote: { ip: LISTEN, port: sinkPort, rtcpPort: sinkPort }, srtp: null });
    }
  }
  const worker = service.pool.alive()[0]?.worker;
  if (!worker) throw new Error('the worker is gone');
  answer({ port }, witness(worker, consumers));
}

/** The least code that forwards the same with mediasoup alone. */
async function runBare(sinkPort: number): Promise<void> {
  const workerBin = process.env.MEDIASOUP_WORKER_BIN;
  const worker = await createWorker(workerBin ? { workerBin } : {});
  const router = await worker.createRouter(MEDIA_CODECS ? { mediaCodecs: MEDIA_CODECS } : {});
  const consumers = collectConsumers(router);
  const { port, producers } = await ingest(router);
  const rtpCapabilities = egressCapabilities(router.rtpCapabilities);
  for (const producer of producers) {
    for (let i = 0; i < CONSUMERS_PER_TRACK; i += 1) {
      const transport = await router.createPlainTransport({ listenIp: LISTEN, rtcpMux: false });
      const consumer = await transport.consume({
        producerId: producer.id,
        rtpCapabilities,
        enableRtx: false,
        paused: true,
      });
      await transport.connect({ ip: LISTEN, port: sinkPort, rtcpPort: sinkPort });
      await consumer.resume();
    }
  }
  answer({ port }, witness(worker, consumers));
}

/** Answers questions about a subject. */
const witness =
  (worker: types.Worker, consumers: readonly types.Consumer[]) =>
  async (what: Question): Promise<number> => {
    switch (what) {
      case 'worker': {
        const used = await worker.getResourceUsage();
        return (used.ru_utime + used.ru_stime) / 1000;
      }
      case 'node': {
        const own = process.cpuUsage();
        return (own.user + own.system) / 1e6;
      }
      case 'packets':
        return packetsSent(consumers);
    }
  };

/** Consumers of a router from now on. */
function collectConsumers(router: types.Router): types.Consumer[] {
  const consumers: types.Consumer[] = [];
  router.observer.on('newtransport', (transport) => {
    transport.observer.on('newconsumer', (consumer) => consumers.push(consumer));
  });
  return consumers;
}

/** RTP packets the worker has sent to them so far. */
async function packetsSent(consumers: readonly types.Consumer[]): Promise<number> {
  const stats = await Promise.all(consumers.map((c) => c.getStats()));
  return stats.flat().reduce((sum, s) => sum + (s.type === 'outbound-rtp' ? s.packetCount : 0), 0);
}

/** The other end of the wire: sends every track to the subjects it is told of; a worker of its own drops what comes back. */
async function runNetwork(): Promise<void> {
  const workerBin = process.env.MEDIASOUP_WORKER_BIN;
  const worker = await createWorker({ logLevel: 'none', ...(workerBin ? { workerBin } : {}) });
  const sink = await (await worker.createRouter()).createPlainTransport({ listenIp: LISTEN });
  const out = createSocket('udp4');
  let targets: number[] = [];
  process.on('message', (message: { targets?: number[] }) => {
    if (message.targets) targets = message.targets;
  });
  const send = (packet: Buffer): void => {
    for (const port of targets) out.send(packet, port, LISTEN);
  };
  for (const track of TRACKS) startTrack(track, send);
  process.send?.({ sinkPort: sink.tuple.localPort });
}

function startTrack({ kind, ssrc }: Track, send: (packet: Buffer) => void): void {
  let sequence = 0;
  let tick = 0;
  const packet = (payloadType: number, marker: boolean, timestamp: number, rest: Buffer): Buffer => {
    const header = Buffer.alloc(12);
    header[0] = kind === 'audio' ? 0x90 : 0x80;
    header[1] = payloadType | (marker ? 0x80 : 0);
    header.writeUInt16BE(sequence++ & 0xffff, 2);
    header.writeUInt32BE(timestamp >>> 0, 4);
    header.writeUInt32BE(ssrc, 8);
    return Buffer.concat([header, rest]);
  };
  const frame = (): void => {
    for (let i = 0; i < VIDEO.packetsPerFrame; i += 1) {
      const payload = Buffer.alloc(VIDEO.payloadBytes);
      payload[0] = i === 0 ? 0x10 : 0; // VP8 payload descriptor: start of partition 0
      payload[1] = tick % VIDEO.framesPerKeyFrame === 0 ? 0 : 1; // lowest bit 0: a key frame
      send(packet(96, i === VIDEO.packetsPerFrame - 1, tick * 90 * VIDEO.tickMs, payload));
    }
  };
  const sound = (): void => {
    // One-byte header extension: the level, changing, so that there is somebody who speaks.
    const level = tick % 100 < 50 ? 0x80 | 30 : 90;
    const extension = Buffer.from([0xbe, 0xde, 0, 1, AUDIO_LEVEL.id << 4, level, 0, 0]);
    send(
      packet(
        111,
        false,
        tick * 48 * AUDIO.tickMs,
        Buffer.concat([extension, Buffer.alloc(AUDIO.payloadBytes)]),
      ),
    );
  };
  const tickMs = kind === 'video' ? VIDEO.tickMs : AUDIO.tickMs;
  const startedMs = performance.now();
  setInterval(() => {
    for (; startedMs + tick * tickMs <= performance.now(); tick += 1) {
      if (kind === 'video') frame();
      else sound();
    }
  }, tickMs / 2);
}

/** `worker` and `node`: processor seconds so far of a subject's worker and of its Node process. */
type Question = 'worker' | 'node' | 'packets';

/** A subject's side of the pipe: says where it takes RTP, then answers questions. Ends with its parent. */
function answer(ready: { port: number }, give: (what: Question) => Promise<number>): void {
  process.on('message', ({ ask: what }: { ask: Question }) => {
    void give(what).then((value) => process.send?.({ value }));
  });
  process.send?.(ready);
}

async function start<T>(
  role: string,
  ...args: (string | number)[]
): Promise<{ child: ChildProcess; ready: T }> {
  const child = fork(fileURLToPath(import.meta.url), [role, ...args.map(String)]);
  const [ready] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${role} did not start`))),
  ])) as [T];
  return { child, ready };
}

async function ask(child: ChildProcess, what: Question): Promise<number> {
  child.send({ ask: what });
  const [{ value }] = (await once(child, 'message')) as [{ value: number }];
  return value;
}

type Pair = readonly [ours: number, bare: number];

/** Something counted at both subjects at once: ours, bare. */
interface Look {
  readonly atMs: number;
  readonly counts: Pair;
}

async function measure(): Promise<void> {
  const coordinator = await startTestCoordinator({});
  const children: ChildProcess[] = [];
  try {
    const network = await start<{ sinkPort: number }>('network');
    children.push(network.child);
    const { sinkPort } = network.ready;
    const ours = await start<{ port: number }>('ours', coordinator.url, sinkPort);
    children.push(ours.child);
    const bare = await start<{ port: number }>('bare', sinkPort);
    children.push(bare.child);
    network.child.send({ targets: [ours.ready.port, bare.ready.port] });
    const look = async (what: Question): Promise<Look> => ({
      atMs: performance.now(),
      counts: await Promise.all([ask(ours.child, what), ask(bare.child, what)]),
    });
    await new Promise((wake) => setTimeout(wake, 4000)); // past the first key frame, and warm
    const packets = [await look('packets')];
    const worker = [await look('worker')];
    const node = [await look('node')];
    for (let round = 1; round <= ROUNDS; round += 1) {
      await new Promise((wake) => setTimeout(wake, ROUND_MS));
      worker.push(await look('worker'));
      node.push(await look('node'));
      progress(`round ${round} of ${ROUNDS}`);
    }
    packets.push(await look('packets'));
    tell(perSecond(worker), perSecond(node), perSecond(packets)[0] ?? [0, 0]);
  } finally {
    for (const child of children) child.kill();
    await coordinator.close();
  }
}

/** What grew a second between each two looks. */
function perSecond(looks: readonly Look[]): Pair[] {
  return looks.slice(1).map((now, i) => {
    const before = looks[i] ?? now;
    const seconds = (now.atMs - before.atMs) / 1000;
    return [(now.counts[0] - before.counts[0]) / seconds, (now.counts[1] - before.counts[1]) / seconds];
  });
}

function tell(worker: readonly Pair[], node: readonly Pair[], packets: Pair): void {
  const consumers = TRACKS.length * CONSUMERS_PER_TRACK;
  const cpu = worker.map((w, i): Pair => [w[0] + (node[i]?.[0] ?? 0), w[1] + (node[i]?.[1] ?? 0)]);
  const median = (of: readonly Pair[], which: 0 | 1): number =>
    quantile(
      of.map((pair) => pair[which]),
      0.5,
    );
  const ratios = cpu.map(([ours, bare]) => ours / bare);
  const ratio = quantile(ratios, 0.5);
  const workerRatio = quantile(
    worker.map(([ours, bare]) => ours / bare),
    0.5,
  );
  const side = { id: 'P8', goal: '', met: null };
  report(
    'stage',
    [
      { ...side, what: 'consumers at each', value: consumers, unit: '' },
      { ...side, what: 'packets forwarded a second, ours', value: packets[0], unit: '/s' },
      { ...side, what: 'packets forwarded a second, bare mediasoup', value: packets[1], unit: '/s' },
      {
        ...side,
        what: 'share of a core per consumer, ours',
        value: (median(cpu, 0) / consumers) * 100,
        unit: '%',
      },
      {
        ...side,
        what: 'share of a core per consumer, bare mediasoup',
        value: (median(cpu, 1) / consumers) * 100,
        unit: '%',
      },
      { ...side, what: 'the workers alone, ours against bare', value: workerRatio, unit: 'x' },
      { ...side, what: 'the Node process, ours, of a core', value: median(node, 0) * 100, unit: '%' },
      {
        id: 'P8',
        what: `ours against bare mediasoup, median of ${ratios.length} rounds`,
        value: ratio,
        unit: 'x',
        goal: '<= 1.05x',
        met: ratio <= 1.05,
      },
    ],
    { ratio: ratios },
  );
}

const [role, ...args] = process.argv.slice(2);
process.on('disconnect', () => process.exit());
if (role === 'network') await runNetwork();
else if (role === 'ours') await runOurs(args[0] ?? '', Number(args[1]));
else if (role === 'bare') await runBare(Number(args[0]));
else await measure();
