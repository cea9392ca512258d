/** Tracks are the crew's: in the channel's folder and its bucket, and under no address that viewers have. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { parseJournal } from '../archive/journal.ts';
import { ChannelQueue } from '../archive/publish/channel-queue.ts';
import { Gate } from '../archive/publish/gate.ts';
import { publishMetrics } from '../archive/publish/metrics.ts';
import type { PublishObject } from '../archive/publish/target.ts';
import { House, silentLogger } from '../origin/testing/house.ts';
import { createChannelOutput, finishRecording } from '../output/channel-output.ts';
import { LADDER } from '../packager/testing/synthetic.ts';
import { camera, sourceOf } from './testing/packets.ts';
import { record } from './testing/record.ts';

let house: House;
let folder: string;
beforeEach(async () => {
  house = await House.open();
  house.feedTo(48 * 3);
  await house.archived();
  folder = join(house.archiveDir, 'show');
  const sent = await camera('VP8', 25, [{ width: 160, height: 90, frames: 25 }], 25);
  await record(sourceOf('VP8'), sent, { folder });
});
afterEach(() => house.close());

const CHUNK = 'tracks/ada-1-camera/1.webm';

test('no address of the origin leads to a track, live or recorded', async () => {
  for (const file of [
    CHUNK,
    'tracks/manifest.json',
    'tracks/journal.jsonl',
    'tracks/ada-1-camera/take-1.ffconcat',
  ]) {
    await readFile(join(folder, file)); // it is there
    for (const area of ['live', 'recordings', 'standard', 'private/recordings', 'tracks', 'live/show/..'])
      expect((await house.get(`/${area}/show/${file}`)).status).toBe(404);
    expect((await house.get(`/${file}`)).status).toBe(404);
  }
});

const trackLines = async (): Promise<object[]> =>
  parseJournal(await readFile(join(folder, 'journal.jsonl'))).entries.filter(({ type }) => type === 'track');

test('a chunk is in the channel’s journal once, whoever tells of it and after whatever start', async () => {
  const { byteLength } = await readFile(join(folder, CHUNK));
  house.output.addTrackFile(CHUNK, byteLength);
  house.output.addTrackFile(CHUNK, byteLength);
  await house.output.close();
  const again = await createChannelOutput({
    ...{ channelId: 'show', profile: house.profile, ladder: LADDER, archiveDir: house.archiveDir },
    ...{ clock: { nowUnixMs: Date.now }, logger: silentLogger, metrics: new Registry() },
  });
  again.addTrackFile(CHUNK, byteLength);
  await again.close();
  expect(await trackLines()).toEqual([{ type: 'track', file: CHUNK, byteLength }]);
});

test('a channel that nobody ended has its tracks put in order at its end, before the last line of its journal', async () => {
  await house.output.close();
  await writeFile(join(folder, 'tracks/manifest.json'), 'torn');
  await finishRecording({
    ...{ channelId: 'show', archiveDir: house.archiveDir },
    ...{ clock: { nowUnixMs: Date.now }, logger: silentLogger, metrics: new Registry() },
  });
  const { entries } = parseJournal(await readFile(join(folder, 'journal.jsonl')));
  expect(entries.at(-1)?.type).toBe('end');
  expect((await trackLines()).map((line) => 'file' in line && line.file)).toEqual([
    CHUNK,
    'tracks/ada-1-camera/take-1.ffconcat',
    'tracks/manifest.json',
  ]);
  expect(JSON.parse(await readFile(join(folder, 'tracks/manifest.json'), 'utf8'))).toMatchObject({
    version: 1,
  });
});

test('a recording has its end before its tracks are in order; the journal’s last line comes after them', async () => {
  const { promise: inOrder, resolve } = Promise.withResolvers<void>();
  const ended = house.output.end(inOrder);
  for (;;) {
    const text = await house.text('/recordings/show/hi.m3u8');
    if (text.includes('#EXT-X-PLAYLIST-TYPE:VOD')) break;
  }
  const typesNow = async (): Promise<string[]> =>
    parseJournal(await readFile(join(folder, 'journal.jsonl'))).entries.map(({ type }) => type);
  expect(await typesNow()).not.toContain('end');
  house.output.addTrackFile(CHUNK, 1);
  resolve();
  await ended;
  house.output.addTrackFile('tracks/ada-1-camera/2.webm', 1);
  await house.output.close();
  expect((await typesNow()).slice(-2)).toEqual(['track', 'end']);
});

test('in the bucket tracks lie by themselves, where no CDN looks for media, and for nobody to keep', async () => {
  house.output.addTrackFile(CHUNK, (await readFile(join(folder, CHUNK))).byteLength);
  await house.output.close();
  const put = new Map<string, PublishObject>();
  const queue = await ChannelQueue.open({
    ...{ archiveDir: house.archiveDir, channelId: 'show', atOnce: 4, logger: silentLogger },
    target: {
      async put(object) {
        put.set(object.name, object);
        return createHash('md5').update(object.bytes).digest('hex');
      },
      remove: async () => undefined,
      close() {},
    },
    gate: new Gate({
      ...{ atOnce: 4, backoff: { firstMs: 1, maxMs: 1 } },
      onFailure: () => undefined,
      onRecovery: () => undefined,
    }),
    metrics: publishMetrics(new Registry(), () => ({ segments: 0, bytes: 0, behindS: 0, problem: null })),
    nowUnixMs: Date.now,
  });
  await queue.work();
  const names = [...put.keys()].filter((name) => name.includes('ada-1-camera'));
  expect(names).toEqual(['tracks/show/ada-1-camera/1.webm']);
  const chunk = put.get('tracks/show/ada-1-camera/1.webm');
  expect(Buffer.from(chunk!.bytes)).toEqual(await readFile(join(folder, CHUNK)));
  expect(chunk).toMatchObject({ cacheControl: 'private, no-store' });
  expect(put.has('live/show/hi/e1/s1.mp4')).toBe(true);
});
