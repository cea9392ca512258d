import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rendition } from '@rostrum/contracts/profile';
import { NO_SHAPE } from '@rostrum/contracts/recording';
import { Registry } from 'prom-client';
import { silentLogger } from '../../origin/testing/house.ts';
import { strictParse } from '../../packager/testing/strict-parse.ts';
import { LADDER, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { formatEntry, JOURNAL_NAME, type JournalEntry } from '../journal.ts';
import { SHAPE_NAME } from '../shape.ts';
import { ChannelQueue } from './channel-queue.ts';
import { Gate } from './gate.ts';
import { publishMetrics } from './metrics.ts';
import { PUBLISHED_NAME } from './published.ts';
import type { PublishObject } from './target.ts';

let archiveDir: string;
let nowMs: number;
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-queue-'));
  await mkdir(join(archiveDir, 'show/hi/e1'), { recursive: true });
  nowMs = ZERO_UNIX_MS;
});
afterEach(() => rm(archiveDir, { recursive: true, force: true }));

const BYTES = 1000;
const append = (entry: JournalEntry): Promise<void> =>
  appendFile(join(archiveDir, 'show', JOURNAL_NAME), formatEntry(entry));
const begin = (ladder: readonly Rendition[] = LADDER): Promise<void> =>
  append({
    ...{ type: 'channel', version: 1, channelId: 'show', profile: 'standard', partMs: 320, segmentMs: 1920 },
    renditions: ladder.map(({ name }) => name),
    ladder: [...ladder],
  });
const segment = (msn: number): JournalEntry => ({
  ...{ type: 'segment', rendition: 'hi', msn, epoch: 1, discontinuity: false, durationMs: 1920 },
  file: `hi/e1/s${msn}.mp4`,
  programDateTimeMs: ZERO_UNIX_MS + (msn - 1) * 1920,
  init: 'hi/e1/init.mp4',
  parts: [{ durationMs: 1920, byteLength: BYTES, independent: true, gap: false }],
});
const writeSegment = (msn: number): Promise<void> =>
  writeFile(join(archiveDir, `show/hi/e1/s${msn}.mp4`), Buffer.alloc(BYTES, msn));
async function addSegment(msn: number): Promise<void> {
  await writeSegment(msn);
  await append(segment(msn));
}

function open(
  put: (object: PublishObject) => Promise<void>,
  remove = async (_: string): Promise<void> => undefined,
): Promise<ChannelQueue> {
  return ChannelQueue.open({
    ...{ archiveDir, channelId: 'show', atOnce: 4, logger: silentLogger },
    target: {
      async put(object) {
        await put(object);
        return createHash('md5').update(object.bytes).digest('hex');
      },
      remove,
      close() {},
    },
    gate: new Gate({
      ...{ atOnce: 4, backoff: { firstMs: 1, maxMs: 1 } },
      onFailure: () => undefined,
      onRecovery: () => undefined,
    }),
    metrics: publishMetrics(new Registry(), () => ({ segments: 0, bytes: 0, behindS: 0, problem: null })),
    nowUnixMs: () => nowMs,
    monotonicMs: () => nowMs,
  });
}

test('what waits is counted once, whoever looks', async () => {
  await begin();
  for (let msn = 1; msn <= 3; msn += 1) await addSegment(msn);
  const queue = await open(async () => undefined);
  expect(await Promise.all([queue.look(), queue.look()])).toEqual([true, true]);
  expect(queue.behind).toEqual({ segments: 3, bytes: 3 * BYTES, ms: 3 * 1920 });
  await queue.work();
  expect(queue.behind).toEqual({ segments: 0, bytes: 0, ms: 0 });
  expect(await queue.look()).toBe(false);
});

test('what comes while it works is worked off in the same go', async () => {
  await begin();
  await addSegment(1);
  const put: string[] = [];
  const queue = await open(async ({ name }) => {
    put.push(name);
    if (name.endsWith('s1.mp4')) await addSegment(2);
  });
  await queue.work();
  expect(put.filter((name) => name.endsWith('.mp4'))).toEqual([
    'live/show/hi/e1/s1.mp4',
    'live/show/hi/e1/s2.mp4',
  ]);
  expect(queue.behind.segments).toBe(0);
});

test('a file system that fails is tried again from where it was, and what is in the bucket is noted in order', async () => {
  await begin();
  for (let msn = 1; msn <= 6; msn += 1) await addSegment(msn);
  let failing = true;
  const put: string[] = [];
  const queue = await open(async ({ name }) => {
    if (failing && name.endsWith('s5.mp4')) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    if (name.endsWith('.mp4')) put.push(name.slice(-6));
  });
  await expect(queue.work()).rejects.toThrow('EIO');
  failing = false;
  await queue.work();
  expect(put.slice(0, 4).sort()).toEqual(['s1.mp4', 's2.mp4', 's3.mp4', 's4.mp4']);
  expect(queue.behind.segments).toBe(0);
  const noted = (await readFile(join(archiveDir, 'show', PUBLISHED_NAME), 'utf8')).trimEnd().split('\n');
  expect(noted.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(
    [1, 2, 3, 4, 5, 6].map((msn) => `hi/e1/s${msn}.mp4`),
  );
});

test('a channel is on the air as long as its newest segment is young', async () => {
  await begin();
  await addSegment(1);
  const queue = await open(async () => undefined);
  await queue.look();
  expect(queue.turn).toBe('live');
  nowMs += 120_000;
  expect(queue.turn).toBe('later');
});

test('of a recording that is for nobody nothing is copied while it grows, and what was is taken away', async () => {
  const [hi] = LADDER;
  await begin(hi ? [hi] : []);
  await append({ type: 'init', rendition: 'hi', epoch: 1, file: 'hi/e1/init.mp4', codecs: 'avc1.64001f' });
  await writeFile(join(archiveDir, 'show/hi/e1/init.mp4'), 'init');
  const there = new Set<string>();
  const queue = await open(
    async ({ name }) => void there.add(name),
    async (name) => void there.delete(name),
  );
  const shapeFile = join(archiveDir, 'show', SHAPE_NAME);
  const recordings = (): string[] => [...there].filter((name) => name.startsWith('recordings/'));
  for (const [msn, published] of [true, false, false, true, false].entries()) {
    await writeFile(shapeFile, JSON.stringify({ ...NO_SHAPE, revision: msn, published }));
    await addSegment(msn + 1);
    nowMs += 31_000;
    await queue.work();
    expect(recordings()).toHaveLength(published ? 2 : 0);
  }
  // At its end it has no playlists: those that an earlier process copied go.
  there.add('recordings/show/multivariant.m3u8');
  await append({ type: 'end', endedUnixMs: 1 });
  await queue.look();
  await queue.work();
  expect(queue.ended).toBe(true);
  expect(recordings()).toEqual([]);
});

test('a line that came between counting and reading is counted before it is worked off', async () => {
  await begin();
  await addSegment(1);
  await writeSegment(2);
  const put: string[] = [];
  const queue = await open(async ({ name }) => {
    if (name.endsWith('.mp4')) put.push(name.slice(-6));
  });
  const counted = queue.look().then(() => {
    appendFileSync(join(archiveDir, 'show', JOURNAL_NAME), formatEntry(segment(2)));
  });
  await Promise.all([queue.work(), counted]);
  expect(put).toEqual(['s1.mp4', 's2.mp4']);
  expect(queue.behind).toEqual({ segments: 0, bytes: 0, ms: 0 });
});

test('the recording’s playlists are copied while it grows: twice a minute at most, and never for nothing', async () => {
  const [hi] = LADDER;
  await begin(hi ? [hi] : []);
  await append({ type: 'init', rendition: 'hi', epoch: 1, file: 'hi/e1/init.mp4', codecs: 'avc1.64001f' });
  await writeFile(join(archiveDir, 'show/hi/e1/init.mp4'), 'init');
  const lengths: number[] = [];
  const queue = await open(async ({ name, bytes }) => {
    if (name !== 'recordings/show/hi.m3u8') return;
    const text = Buffer.from(bytes).toString();
    expect(text).toContain('#EXT-X-PLAYLIST-TYPE:EVENT\n');
    lengths.push(strictParse(text).segments.length);
  });
  const grow = async (from: number, to: number): Promise<void> => {
    for (let msn = from; msn <= to; msn += 1) {
      await addSegment(msn);
      await queue.work();
      nowMs += 1920;
    }
  };
  await grow(1, 40);
  expect(lengths).toEqual([1, 17, 33]);
  // Nothing comes any more: what is there is told in its time, once.
  expect(await queue.look()).toBe(false);
  nowMs += 30_000;
  expect(await queue.look()).toBe(true);
  await queue.work();
  expect(lengths).toEqual([1, 17, 33, 40]);
  nowMs += 30_000;
  expect(await queue.look()).toBe(false);
});
