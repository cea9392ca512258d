/** A channel's archive, the publisher, and a real S3 behind a front that fails. */
import { mkdtemp, readFile, rm, stat, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { recordingLogger, silentLogger } from '../../origin/testing/house.ts';
import { createChannelOutput, finishRecording } from '../../output/channel-output.ts';
import type { ChannelOutput } from '../../output/interface.ts';
import { strictParse } from '../../packager/testing/strict-parse.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { removeOldestRecording } from '../retention.ts';
import { PUBLISHED_NAME } from './published.ts';
import { Publisher } from './publisher.ts';
import { s3Target } from './s3.ts';
import { makeBucket, type TestBucket } from './testing/bucket.ts';
import { FaultyFront } from './testing/faulty-front.ts';
import { type S3TestServer, startSwift } from './testing/swift.ts';

const profile = PROFILES.standard;
/** Frames of a segment. */
const SEGMENT = 48;
let server: S3TestServer;
let front: FaultyFront;
let bucket: TestBucket;
let archiveDir: string;
const closing: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  server = await startSwift();
});
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-publish-'));
  front = await FaultyFront.open(server.port);
  bucket = await makeBucket(server, front.endpoint);
});
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
  bucket.close();
  front.close();
  await rm(archiveDir, { recursive: true, force: true });
});
afterAll(() => server?.stop());

const shared = () => ({
  archiveDir,
  clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
  logger: silentLogger,
  metrics: new Registry(),
});
async function channel(channelId = 'show'): Promise<ChannelOutput> {
  const output = await createChannelOutput({ ...shared(), channelId, profile, ladder: LADDER });
  closing.push(output);
  return output;
}
interface Running {
  readonly publisher: Publisher;
  readonly metrics: Registry;
}
function publish(
  logger = silentLogger,
  { lookIntervalMs = 20, isDeleted = (_: string): boolean => false } = {},
): Running {
  const metrics = new Registry();
  const publisher = new Publisher({
    archiveDir,
    target: s3Target(bucket.place, server.credentials),
    nowUnixMs: () => ZERO_UNIX_MS,
    logger,
    metrics,
    backoff: { firstMs: 10, maxMs: 50 },
    lookIntervalMs,
    isDeleted,
  });
  closing.push(publisher);
  return { publisher, metrics };
}
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
const metric = async ({ metrics }: Running, name: string): Promise<number> =>
  (await metrics.getSingleMetric(name)?.get())?.values.reduce((sum, { value }) => sum + value, 0) ??
  Number.NaN;
const media = (names: readonly string[]): string[] => names.filter((name) => name.endsWith('.mp4'));
/** How often the server took an object. */
const times = (name: string): number => front.stored.filter((path) => path.endsWith(`/${name}`)).length;

async function expectSameAsOnDisk(channelId = 'show'): Promise<string[]> {
  const names = media(await bucket.names());
  for (const name of names) {
    const file = name.replace(/^live\//, '');
    expect((await bucket.get(name)).bytes.equals(await readFile(join(archiveDir, file)))).toBe(true);
  }
  expect(names.every((name) => name.startsWith(`live/${channelId}/`))).toBe(true);
  return names;
}

/** All that a playlist in the bucket names, as names in the bucket. */
async function namedBy(playlist: string): Promise<string[]> {
  const { segments } = strictParse(await bucket.text(playlist));
  const uris = segments.flatMap(({ uri, map, gap }) => (gap ? [] : [uri ?? '', map?.uri ?? []].flat()));
  return [...new Set(uris)].map((uri) => posix.join(posix.dirname(playlist), uri)).sort();
}

test('each segment goes up as it closes, under the name the origin serves it by, with a playlist of what is there', async () => {
  const output = await channel();
  const running = publish();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 3 + 10)]) output.push(event);
  await until(async () => media(await bucket.names()).length === 3 * (3 + 1));
  await until(async () => (await bucket.names()).includes('standard/show/multivariant.m3u8'));
  await until(() => running.publisher.health().segments === 0);
  const names = await expectSameAsOnDisk();
  for (const rendition of ['hi', 'lo', 'audio']) {
    expect(names).toContain(`live/show/${rendition}/e1/init.mp4`);
    const playlist = `standard/show/${rendition}.m3u8`;
    await until(async () => (await bucket.text(playlist)).includes('s3.mp4'));
    expect(await namedBy(playlist)).toEqual(names.filter((name) => name.includes(`/${rendition}/`)));
    expect(await bucket.text(playlist)).not.toContain('ENDLIST');
  }
  expect(await bucket.text('standard/show/multivariant.m3u8')).toContain('\nhi.m3u8\n');
  expect(await bucket.get('live/show/hi/e1/s1.mp4')).toMatchObject({
    contentType: 'video/mp4',
    cacheControl: 'public, max-age=31536000, immutable',
  });
  expect(await bucket.get('standard/show/hi.m3u8')).toMatchObject({
    contentType: 'application/vnd.apple.mpegurl',
    cacheControl: 'public, max-age=1',
  });
  expect(running.publisher.health()).toEqual({ segments: 0, bytes: 0, behindS: 0, problem: null });
  expect(running.publisher.has('show')).toBe(false);
  expect(await bucket.names()).toContain('rostrum-check.txt');
});

test('at the end the recording is in the bucket with all that its playlists name, and no file went up twice', async () => {
  const output = await channel();
  const { publisher } = publish();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 2 + 20)]) output.push(event);
  await output.end();
  await until(() => publisher.has('show'));
  const names = await expectSameAsOnDisk();
  for (const rendition of ['hi', 'lo', 'audio']) {
    const own = names.filter((name) => name.includes(`/${rendition}/`));
    for (const area of ['recordings', 'standard']) {
      const playlist = `${area}/show/${rendition}.m3u8`;
      expect(await namedBy(playlist)).toEqual(own);
      expect(await bucket.text(playlist)).toContain('#EXT-X-ENDLIST');
    }
  }
  for (const name of ['multivariant.m3u8', 'hi.m3u8', 'audio.m3u8', 'hi-iframes.m3u8']) {
    const text = await readFile(join(archiveDir, 'show', name), 'utf8');
    expect(await bucket.text(`recordings/show/${name}`)).toBe(text);
  }
  for (const name of names) expect([name, times(name)]).toEqual([name, 1]);
});

test('while it grows the recording is in the bucket as the origin has it, with nothing that is not there', async () => {
  const output = await channel();
  const { publisher } = publish();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 3 + 10)]) output.push(event);
  await until(async () => (await bucket.names()).includes('recordings/show/multivariant.m3u8'));
  const names = await bucket.names();
  for (const name of ['hi.m3u8', 'lo.m3u8', 'audio.m3u8', 'hi-iframes.m3u8']) {
    const copy = await bucket.text(`recordings/show/${name}`);
    expect(copy).toContain('\n#EXT-X-PLAYLIST-TYPE:EVENT\n');
    expect(output.recording?.playlist(name)?.text('EVENT').startsWith(copy)).toBe(true);
    for (const named of await namedBy(`recordings/show/${name}`)) expect(names).toContain(named);
  }
  expect((await bucket.get('recordings/show/hi.m3u8')).cacheControl).toBe('public, max-age=1');
  await output.end();
  await until(() => publisher.has('show'));
  expect(await bucket.get('recordings/show/hi.m3u8')).toMatchObject({ cacheControl: 'public, max-age=10' });
  expect(await bucket.text('recordings/show/hi.m3u8')).toContain('#EXT-X-ENDLIST');
});

test('looks that come together are one, so that no channel is begun twice and no file goes up twice', async () => {
  const output = await channel();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 3)]) output.push(event);
  await output.close();
  const { publisher } = publish(silentLogger, { lookIntervalMs: 1_000_000 });
  const look = () => Promise.all([publisher.look(), publisher.look()]);
  await until(async () => {
    await look();
    return times('live/show/audio/e1/s3.mp4') > 0 && publisher.health().segments === 0;
  });
  await look();
  await publisher.close();
  for (const name of await expectSameAsOnDisk()) expect([name, times(name)]).toEqual([name, 1]);
});

test('a channel that went on without the bucket arrives when it is back; memory holds a few objects at most', async () => {
  const output = await channel();
  front.fault = () => 'closed';
  const logger = recordingLogger();
  const running = publish(logger);
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 40)]) output.push(event);
  await until(() => running.publisher.health().segments === 40 * 3);
  const { bytes, behindS } = running.publisher.health();
  expect(bytes).toBeGreaterThan(0);
  expect(behindS).toBeCloseTo(40 * 1.92, 5);
  expect(await metric(running, 'rostrum_publish_pending_segments')).toBe(40 * 3);
  await until(async () => (await metric(running, 'rostrum_publish_failures_total')) >= 3);
  // Said once, whatever it is tried.
  expect(logger.lines.filter(([level]) => level === 'error')).toHaveLength(1);
  front.mostInFlight = 0;
  front.fault = () => 'none';
  await until(() => running.publisher.health().segments === 0);
  expect(running.publisher.health()).toEqual({ segments: 0, bytes: 0, behindS: 0, problem: null });
  expect(front.mostInFlight).toBeLessThanOrEqual(4);
  expect(await expectSameAsOnDisk()).toHaveLength(40 * 3 + 3);
  expect(logger.lines.filter(([level]) => level === 'info')).toHaveLength(1);
});

test('whatever goes wrong on the way, all arrives whole', async () => {
  const faults = ['cut-body', 'none', 'garbled', 'lost-answer', 'closed', 'none'] as const;
  let n = 0;
  front.fault = () => {
    n += 1;
    if (n % 11 === 0) return { status: 503, code: 'SlowDown' };
    return faults[n % faults.length] ?? 'none';
  };
  const output = await channel();
  const { publisher } = publish();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 4)]) output.push(event);
  await output.end();
  await until(() => publisher.has('show'));
  expect(await expectSameAsOnDisk()).toHaveLength(4 * 3 + 3);
});

test('the next publisher goes on where the last one was, and puts nothing again', async () => {
  const output = await channel();
  const first = publish();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 3 + 1)]) output.push(event);
  await until(() => first.publisher.health().segments === 0 && times('live/show/audio/e1/s3.mp4') === 1);
  await first.publisher.close();
  for (const event of perfect(profile, SEGMENT * 3 + 1, SEGMENT * 5 + 1)) output.push(event);
  await output.close();
  const second = publish();
  await until(() => times('live/show/audio/e1/s5.mp4') === 1);
  // What came before is in its playlists, too.
  await until(async () => (await bucket.text('standard/show/audio.m3u8')).includes('s5.mp4'));
  expect(await namedBy('standard/show/audio.m3u8')).toHaveLength(6);
  // And a show that nobody takes up again is ended by whoever finds it.
  await finishRecording({ ...shared(), channelId: 'show' });
  await until(() => second.publisher.has('show'));
  const names = await expectSameAsOnDisk();
  for (const name of names) expect([name, times(name)]).toEqual([name, 1]);
  await second.publisher.close();
  const asked = front.asked.length;
  const third = publish();
  await until(() => third.publisher.has('show'));
  // It looks whether the bucket takes anything, and that is all.
  expect(front.asked.slice(asked).every((path) => path.endsWith('/rostrum-check.txt'))).toBe(true);
});

test('what is noted of lines that a power cut took from the journal is not believed', async () => {
  const output = await channel();
  const first = publish();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 3)]) output.push(event);
  await output.close();
  await until(() => first.publisher.health().segments === 0 && times('live/show/audio/e1/s3.mp4') === 1);
  await first.publisher.close();
  const path = join(archiveDir, 'show', 'journal.jsonl');
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  await truncate(path, (await stat(path)).size - Buffer.byteLength(`${lines.at(-1)}\n`) - 10);
  const again = await channel();
  for (const event of [...epochEvents(ZERO_UNIX_MS + 60_000), ...perfect(profile, 0, SEGMENT * 3)])
    again.push(event);
  await again.end();
  const { publisher } = publish();
  await until(() => publisher.has('show'));
  for (const rendition of ['hi', 'lo', 'audio']) {
    const names = await bucket.names();
    for (const name of await namedBy(`recordings/show/${rendition}.m3u8`)) expect(names).toContain(name);
  }
  await expectSameAsOnDisk();
});

test('a file that is gone or damaged holds nothing up: it is told, counted and left out', async () => {
  const output = await channel();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 3)]) output.push(event);
  await output.end();
  await unlink(join(archiveDir, 'show/hi/e1/s1.mp4'));
  await truncate(join(archiveDir, 'show/lo/e1/s2.mp4'), 10);
  const logger = recordingLogger();
  const running = publish(logger);
  await until(() => running.publisher.has('show'));
  const names = media(await bucket.names());
  expect(names).toHaveLength(3 * 3 + 3 - 2);
  expect(names).not.toContain('live/show/lo/e1/s2.mp4');
  expect(await metric(running, 'rostrum_publish_damaged_files_total')).toBe(2);
  expect(logger.lines.filter(([level]) => level === 'error')).toHaveLength(2);
  const noted = await readFile(join(archiveDir, 'show', PUBLISHED_NAME), 'utf8');
  expect(noted.split('\n').filter((line) => line !== '' && !line.includes('md5'))).toHaveLength(3);
});

test('a wrong bucket is told at the start, before anybody is live, and work begins once it is there', async () => {
  const logger = recordingLogger();
  const wrong = { status: 404, code: 'NoSuchBucket' };
  front.fault = () => wrong;
  const { publisher } = publish(logger);
  await until(() => publisher.health().problem !== null);
  expect(publisher.health().problem).toBe('no-bucket');
  expect(logger.lines.at(0)?.[2] ?? '').toContain('there is no bucket');
  front.fault = () => 'none';
  await until(() => publisher.health().problem === null);
});

test('on a full disk a recording goes once it is in the bucket wholly, and not before', async () => {
  const output = await channel();
  front.fault = () => 'closed';
  const { publisher } = publish();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 2)]) output.push(event);
  await output.end();
  await until(() => publisher.health().segments > 0);
  const remove = (): Promise<string | null> => removeOldestRecording(archiveDir, (id) => !publisher.has(id));
  expect(await remove()).toBeNull();
  front.fault = () => 'none';
  await until(() => publisher.has('show'));
  expect(await remove()).toBe('show');
  await publisher.look();
  expect(publisher.has('show')).toBe(false);
});

test('a recording that is removed is wanted no more', async () => {
  const output = await channel();
  front.fault = () => 'closed';
  const { publisher } = publish();
  for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 3)]) output.push(event);
  await output.end();
  await until(() => publisher.health().segments > 0);
  await rm(join(archiveDir, 'show'), { recursive: true });
  await until(() => publisher.health().segments === 0);
});

test('a recording that is deleted while it goes up goes no further, and nothing of it comes after', async () => {
  const deleted = new Set<string>();
  const output = await channel();
  const other = await channel('other');
  for (const one of [output, other])
    for (const event of [...epochEvents(), ...perfect(profile, 0, SEGMENT * 12 + 10)]) one.push(event);
  const { publisher } = publish(silentLogger, { isDeleted: (id) => deleted.has(id) });
  await until(() => front.stored.some((path) => path.includes('/live/show/')));
  deleted.add('show');
  await publisher.remove('show', new AbortController().signal);
  expect(front.inFlight).toBeLessThanOrEqual(4); // of the other
  expect((await bucket.names()).filter((name) => name.includes('/show/'))).toEqual([]);
  await until(async () => media(await bucket.names()).length === 3 * (12 + 1));
  await until(() => publisher.health().segments === 0);
  await publisher.look();
  expect((await bucket.names()).filter((name) => name.includes('/show/'))).toEqual([]);
});
