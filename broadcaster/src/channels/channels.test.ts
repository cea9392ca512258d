/** Which channels a broadcaster takes on, and what it does with the ones it lets go. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_SHAPE, RecordingAbout } from '@rostrum/contracts/recording';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { OpenArchives } from '../archive/open-archives.ts';
import { Reserve } from '../archive/reserve.ts';
import { Shapes } from '../archive/shapes.ts';
import { sceneOf, until } from '../compositor/testing/harness.ts';
import { createOrigin } from '../origin/origin.ts';
import { Channels } from './channels.ts';

const logger = pino({ level: 'silent' });
const clock = { nowUnixMs: () => Date.now() };
let folder: string;
let channels: Channels;
let room: number;
let openArchives: OpenArchives;
const deleted = new Set<string>();
let shapes: Shapes;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-channels-'));
  room = 1;
  deleted.clear();
  openArchives = new OpenArchives();
  shapes = new Shapes({ archiveDir: folder, logger });
  const metrics = new Registry();
  channels = new Channels({
    origin: createOrigin({
      archiveDir: folder,
      coordinatorUrl: 'http://127.0.0.1:9',
      clock,
      logger,
      metrics,
    }),
    archiveDir: folder,
    reserve: new Reserve(folder),
    openArchives,
    isDeleted: (id) => deleted.has(id),
    shapes,
    pictureCap: { longSide: 1920, shortSide: 1200 },
    originUrl: () => 'http://origin.test',
    mediaIp: '127.0.0.1',
    clock,
    logger,
    metrics,
    tell: () => undefined,
    room: () => room,
  });
});
afterEach(async () => {
  await channels.close();
  await rm(folder, { recursive: true });
});

const start = (channelId: string) =>
  channels.start({ channelId, webinarId: channelId, profile: 'fast', scene: sceneOf({}) });

test('a channel that the machine has no room for is refused; one that was begun before is continued', async () => {
  await start('channel1');
  room = 0;
  await expect(start('channel2')).rejects.toMatchObject({
    code: 'limit-reached',
    message: expect.stringContaining('1 channel'),
  });
  // Running: the coordinator asks again.
  await start('channel1');
  // Stopped without an end: as after a restart, of it or of all.
  await channels.stop('channel1');
  await channels.stop('channel1');
  expect(channels.live).toEqual([]);
  await start('channel1');
  expect(channels.live.map((c) => c.channelId)).toEqual(['channel1']);
});

test('a channel that was stopped and not ended is told of as an open archive, until it is ended', async () => {
  const open = (): string[] => openArchives.some(20, (id) => channels.has(id));
  await start('channel1');
  expect(open()).toEqual([]);
  await channels.stop('channel1');
  expect(open()).toEqual(['channel1']);
  await channels.end('channel1');
  expect(open()).toEqual([]);
});

test('a deleted channel does not come back, and nothing of it is told as recorded', async () => {
  deleted.add('gone');
  await expect(start('gone')).rejects.toMatchObject({ code: 'conflict' });
  expect(await channels.end('gone')).toEqual({ recordingUrl: null });
  await channels.release('gone');
});

test('a recording is what it was said to be while it ran; nothing of it is from before its beginning or after its end', async () => {
  await expect(channels.shape('channel1', NO_SHAPE)).rejects.toMatchObject({ code: 'not-found' });
  const beforeUnixMs = Date.now();
  await start('channel1');
  expect(await channels.shape('channel1', { ...NO_SHAPE, revision: 2, title: 'Town hall' })).toBe(2);
  await until('a segment', () => channels.get('channel1').output.status().lastMsn >= 1);
  await channels.end('channel1');
  const afterUnixMs = Date.now();
  const about = RecordingAbout.parse(
    JSON.parse(await readFile(join(folder, 'channel1', 'about.json'), 'utf8')),
  );
  expect(about).toMatchObject({ title: 'Town hall', live: false });
  expect(about.startsUnixMs).toBeGreaterThanOrEqual(beforeUnixMs);
  expect(about.startsUnixMs + about.durationMs).toBeLessThanOrEqual(afterUnixMs);
  expect(await channels.shape('channel1', { ...NO_SHAPE, revision: 3, published: false })).toBe(3);
  expect(await readdir(join(folder, 'channel1'))).not.toContain('about.json');
  expect(shapes.some(5)).toEqual([{ channelId: 'channel1', revision: 3 }]);
  // As of one that its process does not know any more.
  shapes.over('channel1');
  expect(await channels.shape('channel1', { ...NO_SHAPE, revision: 4 })).toBe(4);
  expect(await readdir(join(folder, 'channel1'))).toContain('about.json');
});
