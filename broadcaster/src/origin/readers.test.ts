/** A live channel and its recording of really encoded samples, read over HTTP by ffmpeg: a reader nobody here wrote. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import type { EncoderEvent } from '../media/samples.ts';
import { createChannelOutput } from '../output/channel-output.ts';
import type { ChannelOutput } from '../output/interface.ts';
import { asEvents, encodeRealStream, SMALL_LADDER } from '../packager/testing/real-samples.ts';
import { strictParse } from '../packager/testing/strict-parse.ts';
import { ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { createOrigin } from './origin.ts';
import { silentLogger } from './testing/house.ts';

const run = promisify(execFile);
const profile = PROFILES.standard;

interface Show {
  readonly base: string;
  readonly output: ChannelOutput;
  readonly metrics: Registry;
}

/** A channel at a base address, before its first sample. */
async function atShow(read: (show: Show) => Promise<void>): Promise<void> {
  const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-readers-'));
  // It stands still, so that nothing counts as stalled while readers start.
  const clock = { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 };
  const shared = { archiveDir, clock, logger: silentLogger, metrics: new Registry() };
  const origin = createOrigin({ ...shared, coordinatorUrl: 'http://localhost:3000' });
  const output = await createChannelOutput({ ...shared, channelId: 'show', profile, ladder: SMALL_LADDER });
  origin.addChannel(output);
  const server = http.createServer(origin.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await read({ base, output, metrics: shared.metrics });
  } finally {
    await origin.stop();
    await output.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(archiveDir, { recursive: true, force: true });
  }
}

/** An ended channel of what encoders gave. */
const afterShow = (events: Iterable<EncoderEvent>, read: (base: string) => Promise<void>): Promise<void> =>
  atShow(async ({ base, output }) => {
    for (const event of events) output.push(event);
    await output.end();
    await read(base);
  });

/** What ffmpeg reads or decodes of a playlist, by kind of stream. It must not complain. */
async function counted(
  url: string,
  what: 'packets' | 'frames',
  options: readonly string[] = [],
): Promise<{ video?: number; audio?: number }> {
  const { stdout, stderr } = await run('ffprobe', [
    ...['-v', 'error', '-of', 'json', `-count_${what}`, ...options],
    ...['-show_entries', `stream=codec_type,nb_read_${what}`, url],
  ]);
  // FFmpeg's reader takes the next epoch's init segment for a second moov of the same file, and says so.
  expect(stderr.replaceAll(/.*Found duplicated MOOV Atom.*\n/g, '')).toBe('');
  const streams: { codec_type: string; [count: string]: string }[] = JSON.parse(stdout).streams;
  return Object.fromEntries(streams.map((found) => [found.codec_type, Number(found[`nb_read_${what}`])]));
}

/** Types of the pictures that ffmpeg decodes of a file that ends in the middle of its samples. */
async function decoded(file: Buffer): Promise<string[]> {
  const decoding = run('ffprobe', [
    ...['-v', 'quiet', '-of', 'csv=p=0', '-select_streams', 'v', '-show_entries', 'frame=pict_type', '-'],
  ]);
  decoding.child.stdin?.on('error', () => undefined); // it has enough
  decoding.child.stdin?.end(file);
  return (await decoding).stdout.split('\n').flatMap((line) => line.split(',')[0] || []);
}

test('ffmpeg reads every picture and every sound of the live playlists and of the recording', async () => {
  // Two runs of the compositor: 9.6 s and 5.76 s.
  const stream = await encodeRealStream(profile, 9.6);
  const again = { ...stream, samples: stream.samples.filter((sample) => sample.dtsNs < 5.76e9) };
  const events = [
    ...asEvents(stream, { number: 1, timelineZeroUnixMs: ZERO_UNIX_MS }),
    ...asEvents(again, { number: 2, timelineZeroUnixMs: ZERO_UNIX_MS + 12_000 }),
  ];
  await afterShow(events, async (base) => {
    for (const area of ['live', 'recordings']) {
      for (const { name, kind } of SMALL_LADDER) {
        const found = await counted(`${base}/${area}/show/${name}.m3u8`, 'packets');
        expect(found.audio).toBe(450 + 270);
        if (kind === 'video') expect(found.video).toBe(240 + 144);
      }
    }
  });
});

test('ffmpeg decodes every picture of a recording in which another rendition stands in for what is missing', async () => {
  const stream = await encodeRealStream(profile, 9.6);
  const missing: Readonly<Record<string, readonly number[]>> = { large: [1, 2], small: [3] };
  const samples = stream.samples.filter(
    ({ track, dtsNs }) => !missing[track]?.includes(Math.floor((dtsNs + 1e6) / (profile.segmentMs * 1e6))),
  );
  const events = asEvents({ ...stream, samples }, { number: 1, timelineZeroUnixMs: ZERO_UNIX_MS });
  await afterShow(events, async (base) => {
    const text = await (await fetch(`${base}/recordings/show/large.m3u8`)).text();
    expect(text.split('\n').filter((line) => line.endsWith('.mp4'))).toEqual([
      '../../live/show/large/e1/s1.mp4',
      '../../live/show/small/e1/s2.mp4',
      '../../live/show/small/e1/s3.mp4',
      '../../live/show/large/e1/s4.mp4',
      '../../live/show/large/e1/s5.mp4',
    ]);
    for (const { name, kind } of SMALL_LADDER) {
      const found = await counted(`${base}/recordings/show/${name}.m3u8`, 'frames');
      expect(found.audio).toBe(450);
      if (kind === 'video') expect(found.video).toBe(240);
    }
  });
});

test('ffmpeg decodes the key frame of every segment from the bytes that the I-frame playlist names', async () => {
  const stream = await encodeRealStream(profile, 9.6);
  await afterShow(asEvents(stream, { number: 1, timelineZeroUnixMs: ZERO_UNIX_MS }), async (base) => {
    for (const name of ['large', 'small']) {
      const url = `${base}/recordings/show/${name}-iframes.m3u8`;
      const { segments } = strictParse(await (await fetch(url)).text());
      expect(segments).toHaveLength(5);
      for (const { uri, byterange, map } of segments) {
        const read = async (path: string, headers = {}): Promise<Buffer> =>
          Buffer.from(await (await fetch(new URL(path, url), { headers })).arrayBuffer());
        const range = `bytes=0-${(byterange?.length ?? 0) - 1}`;
        expect(byterange?.offset).toBe(0);
        const coded = Buffer.concat([await read(map?.uri ?? ''), await read(uri, { range })]);
        expect(await decoded(coded)).toEqual(['I']);
      }
    }
  });
});

test('[P10] ffmpeg that began a recording while the channel was live has all of it, from the first picture to the last', async () => {
  const stream = await encodeRealStream(profile, 9.6);
  const events = [...asEvents(stream, { number: 1, timelineZeroUnixMs: ZERO_UNIX_MS })];
  const middle = events.length >> 1;
  await atShow(async ({ base, output, metrics }) => {
    for (const event of events.slice(0, middle)) output.push(event);
    const url = (name: string): string => `${base}/recordings/show/${name}.m3u8`;
    while (output.status().archiveQueueLength > 0) await sleep(10);
    const reading = SMALL_LADDER.map(({ name }) => counted(url(name), 'packets', ['-live_start_index', '0']));
    // Each has its playlist, init segment and first segment before there is more.
    for (let read = 0; read < 3 * SMALL_LADDER.length; await sleep(10)) {
      const responses = await metrics.getSingleMetric('rostrum_origin_responses_total')?.get();
      const counts =
        responses?.values.filter(({ labels }) => /recording|media/.test(`${labels.class}`)) ?? [];
      read = counts.reduce((sum, { value }) => sum + value, 0);
    }
    expect(await (await fetch(url('large'))).text()).not.toContain('ENDLIST');
    for (const event of events.slice(middle)) output.push(event);
    await output.end();
    for (const [i, found] of (await Promise.all(reading)).entries()) {
      expect(found.audio).toBe(450);
      if (SMALL_LADDER[i]?.kind === 'video') expect(found.video).toBe(240);
    }
  });
}, 60_000);
