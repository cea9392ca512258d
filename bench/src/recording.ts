/**
 * The recording of an hour: what one segment more costs while the channel is live, what its playlist costs whoever asks for it
 * then, and how long its end takes (P10): of a channel that runs, and, by another process, of one whose process died. An hour of
 * synthetic samples goes through packager and archive as fast as they can; payloads are small, files and fsyncs are real.
 * ROSTRUM_BENCH_HOURS for another length.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type ChannelOutput,
  createChannelOutput,
  finishRecording,
} from '@rostrum/broadcaster/channel-output';
import { createOrigin } from '@rostrum/broadcaster/origin';
import { epochEvents, perfect, ZERO_UNIX_MS } from '@rostrum/broadcaster/testing/synthetic';
import { FRAME_RATE, LADDER, PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { figure as figureOf, progress, quantile, report } from './lib/result.ts';

const HOURS = Number(process.env.ROSTRUM_BENCH_HOURS ?? 1);
const MOST_END_MS = 1000;
const profile = PROFILES.standard;
/** Frames. */
const SEGMENT = (profile.segmentMs * FRAME_RATE) / 1000;
const FEW = 50;
const SILENT = { info() {}, warn() {}, error() {} };
const CLOCK = { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 };

const optionsOf = (archiveDir: string) => ({
  archiveDir,
  clock: CLOCK,
  logger: SILENT,
  metrics: new Registry(),
});
type Options = ReturnType<typeof optionsOf>;

/** A channel, and how to feed it. */
class Show {
  readonly output: ChannelOutput;
  #slot = 0;

  private constructor(output: ChannelOutput) {
    this.output = output;
    for (const event of epochEvents(ZERO_UNIX_MS, LADDER)) output.push(event);
  }

  static open = async (options: Options, channelId: string): Promise<Show> =>
    new Show(await createChannelOutput({ ...options, channelId, profile, ladder: LADDER }));

  /** One segment more, on disk. Milliseconds of processor that it took. */
  async segment(): Promise<number> {
    const before = process.cpuUsage();
    this.#feed();
    await this.durable(0);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }

  async hours(): Promise<void> {
    const to = Math.round((HOURS * 3_600_000) / profile.segmentMs) * SEGMENT;
    while (this.#slot < to) {
      this.#feed();
      await this.durable(200);
    }
    await this.durable(0);
  }

  #feed(): void {
    const to = this.#slot + SEGMENT;
    for (const event of perfect(profile, this.#slot, to, { ladder: LADDER })) this.output.push(event);
    this.#slot = to;
  }

  async durable(queued: number): Promise<void> {
    while (this.output.status().archiveQueueLength > queued) await sleep(1);
  }
}

async function median(work: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < FEW; i += 1) values.push(await work());
  return quantile(values, 0.5);
}

/** Milliseconds that another process needs to end the channel `left` of this folder. */
async function finishedBy(archiveDir: string): Promise<number> {
  const child = fork(fileURLToPath(import.meta.url), [archiveDir]);
  const [ms] = (await once(child, 'message')) as [number];
  return ms;
}

async function measure(): Promise<void> {
  const options = optionsOf(await mkdtemp(join(tmpdir(), 'rostrum-recording-')));
  const origin = createOrigin({ ...options, coordinatorUrl: 'http://localhost:3000' });
  const server = http.createServer(origin.handle);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  /** Of the rendition that has most. */
  const playlist = async (channelId: string) => {
    const startMs = performance.now();
    const response = await fetch(`${base}/recordings/${channelId}/${LADDER[0]?.name}.m3u8`);
    const text = await response.text();
    const bytes = Number(response.headers.get('content-length'));
    return { text, bytes, tookMs: performance.now() - startMs };
  };
  const ended = async (channelId: string): Promise<string> => {
    const { text } = await playlist(channelId);
    if (!text.endsWith('\n#EXT-X-ENDLIST\n')) throw new Error(`the recording of ${channelId} did not end`);
    return text;
  };

  progress(`${HOURS} h of a live channel`);
  const live = await Show.open(options, 'live');
  origin.addChannel(live.output);
  await median(() => live.segment()); // warm
  const firstMs = await median(() => live.segment());
  await live.hours();
  const fullMs = await median(() => live.segment());
  const askedFirst = await playlist('live');
  const askedMs = await median(async () => {
    await live.segment();
    return (await playlist('live')).tookMs;
  });
  const { bytes } = await playlist('live');
  const startMs = performance.now();
  await live.output.end();
  const { length } = await ended('live');
  const endMs = performance.now() - startMs;
  await live.output.close();

  progress(`${HOURS} h of a channel that is left without an end`);
  const left = await Show.open(options, 'left');
  await left.hours();
  // All of it is on disk, and nothing is closed: as after a death.
  const leftMs = await finishedBy(options.archiveDir);
  await ended('left');

  const figure = figureOf('P10');
  const goal = `<= ${MOST_END_MS} ms`;
  report('recording', [
    figure(`end of ${HOURS} h to its VOD playlist, over HTTP`, endMs, 'ms', goal, endMs <= MOST_END_MS),
    figure('the same by another process, of a channel whose own died', leftMs, 'ms'),
    figure('a segment of all renditions on disk, processor, at first', firstMs, 'ms'),
    figure('a segment of all renditions on disk, processor, at last', fullMs, 'ms'),
    figure('the growing playlist, asked for the first time', askedFirst.tookMs, 'ms'),
    figure('the growing playlist with one segment more', askedMs, 'ms'),
    figure('its length', length / 1000, 'kB'),
    figure('the same, gzipped', bytes / 1000, 'kB'),
  ]);
  await origin.stop();
  server.closeAllConnections();
  server.close();
  await rm(options.archiveDir, { recursive: true, force: true });
}

const [leftIn] = process.argv.slice(2).filter((argument) => argument !== '--json');
if (leftIn === undefined) {
  await measure();
} else {
  const startMs = performance.now();
  await finishRecording({ ...optionsOf(leftIn), channelId: 'left' });
  process.send?.(performance.now() - startMs);
  process.disconnect();
}
