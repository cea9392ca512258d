/**
 * A live window of two hours, full, in both low-latency profiles: bytes a viewer fetches at each part (R4, LL16), what
 * rendering costs the origin's processor, and what the window costs its memory. Two hours of synthetic samples go through
 * packager and archive as fast as they can; payloads are small, so bytes of media in memory count for nothing here.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createChannelOutput } from '@rostrum/broadcaster/channel-output';
import { type RenditionWindow, renderMediaPlaylist, reportOf } from '@rostrum/broadcaster/packager';
import { epochEvents, perfect, ZERO_UNIX_MS } from '@rostrum/broadcaster/testing/synthetic';
import { FRAME_RATE, LADDER, type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { type Figure, progress, report } from './lib/result.ts';

const HOURS = Number(process.env.ROSTRUM_BENCH_HOURS ?? 2);
const MIB = 2 ** 20;
const MOST_BYTES = 2048;

/** Of one profile. Bytes are gzipped, of the rendition with most; times are of one rendition. */
interface Measured {
  readonly segments: number;
  readonly deltaBytes: number;
  readonly deltaAfterRestartsBytes: number;
  readonly wholeBytes: number;
  readonly deltaMs: number;
  readonly wholeMs: number;
  readonly wholeGzipMs: number;
  /** Packager and archive, for one part of the whole ladder: at first, and with the window full. */
  readonly firstPartMs: number;
  readonly fullPartMs: number;
  readonly heapMiB: number;
  readonly residentMiB: number;
}

async function memory(): Promise<{ heap: number; resident: number }> {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.();
    await sleep(100);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

async function measure(profile: LatencyProfile): Promise<Measured> {
  const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-dvr-'));
  const logger = { info() {}, warn() {}, error() {} };
  const output = await createChannelOutput({
    ...{ channelId: 'dvr', profile, ladder: LADDER, archiveDir, logger, metrics: new Registry() },
    clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
  });
  const before = await memory();
  const framesPerPart = (profile.partMs * FRAME_RATE) / 1000;
  let slot = 0;
  const feedPart = (): void => {
    for (const event of perfect(profile, slot, slot + framesPerPart, { ladder: LADDER })) output.push(event);
    slot += framesPerPart;
  };
  /** Milliseconds of processor for a part, mean. */
  const feed = async (parts: number): Promise<number> => {
    let spentMs = 0;
    for (let i = 0; i < parts; i += 1) {
      const startMs = performance.now();
      feedPart();
      spentMs += performance.now() - startMs;
      while (output.status().archiveQueueLength > 400) await setImmediate();
    }
    return spentMs / parts;
  };
  for (const event of epochEvents(ZERO_UNIX_MS, LADDER)) output.push(event);
  await feed(100); // warm
  const few = 500;
  const firstPartMs = await feed(few);
  await feed(Math.ceil((HOURS * 3_600_000) / profile.partMs) - few);
  const fullPartMs = await feed(few);
  while (output.status().archiveQueueLength > 0) await setImmediate();
  const after = await memory();
  const windows = output.live.windows();
  const render = (window: RenditionWindow, skip: boolean): string =>
    renderMediaPlaylist(window, {
      skip,
      reports: windows.filter((other) => other !== window).flatMap((other) => reportOf(other) ?? []),
    });
  const gzipped = (text: string): number => gzipSync(text, { level: 4 }).byteLength;
  const most = (skip: boolean): number => Math.max(...windows.map((window) => gzipped(render(window, skip))));
  const [first] = windows;
  if (!first) throw new Error('no rendition');
  const time = (work: () => unknown): number => {
    for (let i = 0; i < 20; i += 1) work();
    const startMs = performance.now();
    for (let i = 0; i < 200; i += 1) work();
    return (performance.now() - startMs) / 200;
  };
  const whole = render(first, false);
  const figures = {
    segments: first.segments.length,
    deltaBytes: most(true),
    wholeBytes: most(false),
    deltaMs: time(() => render(first, true)),
    wholeMs: time(() => render(first, false)),
    wholeGzipMs: time(() => gzipSync(whole, { level: 4 })),
  };
  // Ten restarts of the compositor within the last twelve seconds.
  const zeroMs = ZERO_UNIX_MS + (slot * 1000) / FRAME_RATE;
  for (let i = 0; i < 10; i += 1) {
    for (const event of epochEvents(zeroMs + i * 1200, LADDER)) output.push(event);
    for (const event of perfect(profile, 0, FRAME_RATE, { ladder: LADDER })) output.push(event);
  }
  const deltaAfterRestartsBytes = most(true);
  await output.close();
  await rm(archiveDir, { recursive: true, force: true });
  return {
    ...figures,
    deltaAfterRestartsBytes,
    firstPartMs,
    fullPartMs,
    heapMiB: (after.heap - before.heap) / MIB,
    residentMiB: (after.resident - before.resident) / MIB,
  };
}

function figuresOf(name: string, m: Measured): Figure[] {
  const side = (what: string, value: number, unit: string): Figure => ({
    ...{ id: '', what: `${name}: ${what}`, value, unit, goal: '', met: null },
  });
  const bytes = (what: string, value: number): Figure => ({
    ...{ id: 'DVR', what: `${name}: ${what}`, value, unit: 'B' },
    ...{ goal: `<= ${MOST_BYTES} B`, met: value <= MOST_BYTES },
  });
  return [
    side('segments in the window', m.segments, ''),
    bytes('delta update, gzip', m.deltaBytes),
    bytes('delta update after ten restarts in 12 s, gzip', m.deltaAfterRestartsBytes),
    side('whole playlist, gzip', m.wholeBytes / 1000, 'kB'),
    side('rendering a delta update', m.deltaMs, 'ms'),
    side('rendering the whole', m.wholeMs, 'ms'),
    side('gzip of the whole', m.wholeGzipMs, 'ms'),
    side('packager and archive a part, window empty', m.firstPartMs, 'ms'),
    side('packager and archive a part, window full', m.fullPartMs, 'ms'),
    side('heap of the window', m.heapMiB, 'MiB'),
    side('resident memory, its two hours pushed in seconds', m.residentMiB, 'MiB'),
  ];
}

const [name] = process.argv.slice(2);
if (name === 'fast' || name === 'standard') {
  process.send?.(await measure(PROFILES[name]));
  process.disconnect();
} else {
  const figures: Figure[] = [];
  for (const profile of ['fast', 'standard']) {
    progress(`two hours in profile ${profile}`);
    const child = fork(fileURLToPath(import.meta.url), [profile], { execArgv: ['--expose-gc'] });
    const [measured] = (await once(child, 'message')) as [Measured];
    figures.push(...figuresOf(profile, measured));
  }
  report('dvr', figures);
}
