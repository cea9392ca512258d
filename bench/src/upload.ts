/**
 * A bucket that is away for an hour, in fast motion, while a channel of the whole ladder goes on: what the queue holds in memory, and
 * how fast all arrives afterwards. The channel's media have the sizes its encoders are set to; the bucket is a bare HTTP server in a
 * process of its own that checks Content-MD5 and answers after 20 ms, as one in the same region does. Whether the copy is right is
 * the unit tests' business, on a real server of the protocol.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createChannelOutput } from '@rostrum/broadcaster/channel-output';
import { Publisher, s3Target } from '@rostrum/broadcaster/publish';
import { epochEvents, perfect, ZERO_UNIX_MS } from '@rostrum/broadcaster/testing/synthetic';
import { FRAME_RATE, LADDER, PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { figure, progress, report } from './lib/result.ts';

const MINUTES = Number(process.env.ROSTRUM_BENCH_MINUTES ?? 60);
const ANSWER_AFTER_MS = 20;
const MIB = 2 ** 20;
const profile = PROFILES.standard;

/** What the bucket is told, and what it tells when it is asked. */
type ToBucket = 'away' | 'here' | 'tell';
interface Stored {
  readonly objects: number;
  readonly media: number;
  /** Media that came more than once. */
  readonly repeated: number;
  readonly bytes: number;
  readonly mostInFlight: number;
}

async function bucket(): Promise<void> {
  let away = true;
  let bytes = 0;
  let inFlight = 0;
  let mostInFlight = 0;
  const times = new Map<string, number>();
  const server = createServer((request, response) => {
    if (away) {
      request.socket.destroy();
      return;
    }
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    response.once('close', () => {
      inFlight -= 1;
    });
    const hash = createHash('md5');
    request.on('data', (piece: Buffer) => {
      hash.update(piece);
      bytes += piece.byteLength;
    });
    request.on('end', async () => {
      const right = hash.digest('base64') === request.headers['content-md5'];
      const name = (request.url ?? '').split('?')[0] ?? '';
      if (right) times.set(name, (times.get(name) ?? 0) + 1);
      await sleep(ANSWER_AFTER_MS);
      response.writeHead(right ? 200 : 400).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', (word: ToBucket) => {
    if (word !== 'tell') {
      away = word === 'away';
      return;
    }
    const media = [...times].filter(([name]) => name.endsWith('.mp4'));
    const stored: Stored = {
      objects: times.size,
      media: media.length,
      repeated: media.filter(([, count]) => count > 1).length,
      bytes,
      mostInFlight,
    };
    process.send?.(stored);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.((server.address() as AddressInfo).port);
}

interface Measured {
  readonly pendingSegments: number;
  readonly pendingBytes: number;
  readonly behindS: number;
  /** Of the publisher's hour: what the process has more of than before, window and archive included. */
  readonly heapMiB: number;
  readonly residentMiB: number;
  readonly catchUpS: number;
  readonly catchUpBytes: number;
  /** 99th percentile, ms. */
  readonly loopCatchingUpMs: number;
  readonly loopIdleMs: number;
  readonly residentPeakMiB: number;
  readonly files: number;
}

/** Once it falls no further: in fast motion parts are spooled later than their segments are on disk. MiB. */
async function memory(): Promise<{ heap: number; resident: number }> {
  for (let last = Number.POSITIVE_INFINITY; ; ) {
    await sleep(1000);
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    const heap = (heapUsed + external) / MIB;
    if (heap > last - 1) return { heap, resident: rss / MIB };
    last = heap;
  }
}

/** `publishing`: without it the same hour, to tell what the window costs by itself. */
async function channel(port: number, publishing: boolean): Promise<Measured> {
  const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-upload-'));
  let slot = 0;
  const nowUnixMs = (): number => ZERO_UNIX_MS + (slot * 1000) / FRAME_RATE;
  const logger = { info() {}, warn() {}, error() {} };
  const shared = { archiveDir, logger, metrics: new Registry() };
  const output = await createChannelOutput({
    ...{ ...shared, channelId: 'upload', profile, ladder: LADDER, windowMs: 60_000 },
    clock: { nowUnixMs, monotonicMs: () => 0 },
  });
  const place = { bucket: 'bench', prefix: '', region: 'us-east-1', pathStyle: true };
  const publisher = publishing
    ? new Publisher({
        ...{ ...shared, nowUnixMs },
        target: s3Target(
          { ...place, endpoint: `http://127.0.0.1:${port}` },
          { accessKeyId: 'bench', secretAccessKey: 'bench' },
        ),
      })
    : null;
  const payloads = new Map(
    LADDER.map((one) => [
      one.name,
      Buffer.alloc(one.kind === 'video' ? one.videoBitrate / 8 / FRAME_RATE : 256, one.name),
    ]),
  );
  const framesPerPart = (profile.partMs * FRAME_RATE) / 1000;
  const feedPart = (): void => {
    for (const event of perfect(profile, slot, slot + framesPerPart, { ladder: LADDER })) {
      if (event.type !== 'sample') output.push(event);
      else {
        const data = payloads.get(event.sample.track) ?? event.sample.data;
        output.push({ ...event, sample: { ...event.sample, data } });
      }
    }
    slot += framesPerPart;
  };
  for (const event of epochEvents(ZERO_UNIX_MS, LADDER)) output.push(event);
  const feed = async (toSlot: number): Promise<void> => {
    while (slot < toSlot) {
      feedPart();
      while (output.status().archiveQueueLength > 40) await setImmediate();
    }
    while (output.status().archiveQueueLength > 0) await setImmediate();
  };
  await feed(60 * FRAME_RATE);
  const before = await memory();
  await feed(MINUTES * 60 * FRAME_RATE);
  await publisher?.look();
  const pending = publisher?.health() ?? { segments: 0, bytes: 0, behindS: 0 };
  const after = await memory();
  const lasting = {
    pendingSegments: pending.segments,
    pendingBytes: pending.bytes,
    behindS: pending.behindS,
    heapMiB: after.heap - before.heap,
    residentMiB: after.resident - before.resident,
  };

  // Back: the channel goes on in real time while the rest follows.
  process.send?.('back');
  await once(process, 'message');
  const loop = monitorEventLoopDelay({ resolution: 5 });
  const p99 = (): number => loop.percentile(99) / 1e6;
  const live = setInterval(feedPart, profile.partMs);
  let residentPeakMiB = 0;
  loop.enable();
  const startMs = performance.now();
  while ((publisher?.health().segments ?? 0) > 0) {
    residentPeakMiB = Math.max(residentPeakMiB, process.memoryUsage.rss() / MIB);
    await sleep(50);
  }
  const catchUpS = (performance.now() - startMs) / 1000;
  const loopCatchingUpMs = p99();
  loop.reset();
  await sleep(10_000);
  const loopIdleMs = p99();
  clearInterval(live);
  await output.end();
  while (publisher && !publisher.has('upload')) await sleep(50);
  await publisher?.close();
  const files = (await readdir(join(archiveDir, 'upload'), { recursive: true })).filter((name) =>
    name.endsWith('.mp4'),
  );
  await rm(archiveDir, { recursive: true });
  return {
    ...{ ...lasting, catchUpS, catchUpBytes: pending.bytes, loopCatchingUpMs, loopIdleMs },
    ...{ residentPeakMiB: residentPeakMiB - after.resident, files: files.length },
  };
}

const start = (role: string, port: number): ChildProcess =>
  fork(fileURLToPath(import.meta.url), [role, String(port)], { execArgv: ['--expose-gc'] });
const next = async <T>(child: ChildProcess): Promise<T> => {
  const [said] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`a process of the benchmark ended with ${code}`);
    }),
  ])) as [T];
  return said;
};

async function run(store: ChildProcess, port: number, role: 'publishing' | 'alone'): Promise<Measured> {
  store.send('away' satisfies ToBucket);
  const child = start(role, port);
  await next(child);
  store.send('here' satisfies ToBucket);
  child.send('back');
  return next<Measured>(child);
}

const [role, port = '0'] = process.argv.slice(2);
if (role === 'bucket') await bucket();
else if (role === 'publishing' || role === 'alone') {
  process.on('disconnect', () => process.exit()); // with whoever started it
  process.send?.(await channel(Number(port), role === 'publishing'), () => process.disconnect());
} else {
  const store = start('bucket', 0);
  const storePort = await next<number>(store);
  progress(`${MINUTES} minutes of a channel, copied nowhere`);
  const alone = await run(store, storePort, 'alone');
  progress('the same with a bucket that is away all the while, and comes back');
  const m = await run(store, storePort, 'publishing');
  store.send('tell' satisfies ToBucket);
  const stored = await next<Stored>(store);
  store.disconnect();
  const of = figure('S3');
  const missing = m.files - stored.media;
  const rate = m.behindS / m.catchUpS;
  report('upload', [
    of('segments that waited on disk', m.pendingSegments, ''),
    of('their bytes', m.pendingBytes / MIB, 'MiB'),
    of('heap of that hour, without a bucket', alone.heapMiB, 'MiB'),
    of(
      'heap of that hour, with the bucket away',
      m.heapMiB,
      'MiB',
      '<= 16 MiB more',
      m.heapMiB - alone.heapMiB <= 16,
    ),
    of('resident memory of that hour, without a bucket', alone.residentMiB, 'MiB'),
    of('resident memory of that hour, with the bucket away', m.residentMiB, 'MiB'),
    of('files missing in the bucket afterwards', missing, '', '0', missing === 0),
    of('media that went up twice', stored.repeated, '', '0', stored.repeated === 0),
    of('objects on their way at once, at most', stored.mostInFlight, '', '<= 4', stored.mostInFlight <= 4),
    of('time to catch up, the channel going on', m.catchUpS, 's'),
    of('rate of catching up', rate, 'x real time', '>= 10 x', rate >= 10),
    of('bytes caught up a second', m.catchUpBytes / MIB / m.catchUpS, 'MiB/s'),
    of('resident memory more at its peak while it catches up', m.residentPeakMiB, 'MiB'),
    of("event loop's delay while it catches up, p99", m.loopCatchingUpMs, 'ms'),
    of("event loop's delay once it has, p99", m.loopIdleMs, 'ms'),
  ]);
}
