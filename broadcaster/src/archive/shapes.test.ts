/** What the coordinator wants of a recording, on real files and behind a real origin. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NO_SHAPE, RecordingAbout, type RecordingShape } from '@rostrum/contracts/recording';
import { House, recordingLogger, silentLogger } from '../origin/testing/house.ts';
import { strictParse } from '../packager/testing/strict-parse.ts';
import { ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { SHAPE_NAME } from './shape.ts';
import { Shapes } from './shapes.ts';

let house: House;
beforeEach(async () => {
  house = await House.open();
});
afterEach(() => house.close());

const SEGMENT = 48;
const SEGMENT_MS = 1920;
const pathOf = (name: string): string => `/recordings/show/${name}`;
const statusOf = async (name: string): Promise<number> => (await house.get(pathOf(name))).status;
const about = async (): Promise<RecordingAbout> =>
  RecordingAbout.parse(JSON.parse(await house.text(pathOf('about.json'))));
const shape = (revision: number, change: Partial<RecordingShape> = {}): RecordingShape => ({
  ...NO_SHAPE,
  revision,
  title: 'Town hall',
  ...change,
});
const cut = (from: number, to: number) => ({
  fromUnixMs: ZERO_UNIX_MS + from * SEGMENT_MS,
  toUnixMs: ZERO_UNIX_MS + to * SEGMENT_MS,
});
const chapter = (segment: number, title: string) => ({
  atUnixMs: ZERO_UNIX_MS + segment * SEGMENT_MS,
  title,
  kind: 'mark' as const,
});
const folder = () => join(house.archiveDir, 'show');
/** Playlists as they are on disk. */
async function playlists(): Promise<Map<string, string>> {
  const names = (await readdir(folder())).filter((name) => name.endsWith('.m3u8')).toSorted();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder(), name), 'utf8')] as const),
    ),
  );
}
const msnsOf = (text = ''): number[] =>
  [...text.matchAll(/^[^#].*s(\d+)\.mp4$/gm)].map(([, msn]) => Number(msn));
async function record(segments: number): Promise<void> {
  house.feedTo(segments * SEGMENT);
  await house.archived();
}
/** A new process over the same folder. */
const another = (disk?: Disk) =>
  new Shapes({ archiveDir: house.archiveDir, logger: silentLogger, ...(disk ? { disk } : {}) });

test('while it is live its chapters come with what is said, and nothing of it is there while it is for nobody', async () => {
  await record(3);
  expect(await about()).toMatchObject({ title: '', live: true, durationMs: 3 * SEGMENT_MS, chapters: [] });
  await house.shapes.set('show', shape(4, { chapters: [chapter(0, 'Start'), chapter(2, 'Two')] }));
  const { headers } = await house.get(pathOf('about.json'));
  expect([headers['content-type'], headers['cache-control']]).toEqual([
    'application/json',
    'public, max-age=1',
  ]);
  expect((await about()).chapters).toEqual([
    { startMs: 0, title: 'Start', kind: 'mark' },
    { startMs: 2 * SEGMENT_MS, title: 'Two', kind: 'mark' },
  ]);
  await house.shapes.set('show', shape(5, { published: false }));
  for (const name of ['multivariant.m3u8', 'hi.m3u8', 'hi-iframes.m3u8', 'about.json', 'poster.jpg']) {
    expect([name, await statusOf(name)]).toEqual([name, 404]);
  }
  await house.output.end();
  expect(await playlists()).toEqual(new Map());
  expect(await statusOf('multivariant.m3u8')).toBe(404);
  house.shapes.over('show');
  expect(await house.shapes.set('show', shape(6))).toBe(6);
  expect((await about()).live).toBe(false);
  expect(await statusOf('multivariant.m3u8')).toBe(200);
});

test('what is cut while it is live is cut at its end: a growing playlist loses no line', async () => {
  await record(3);
  const before = await house.text(pathOf('hi.m3u8'));
  await house.shapes.set(
    'show',
    shape(4, { cuts: [cut(-9, 0.5), cut(2, 3)], chapters: [chapter(2, 'Two')] }),
  );
  await record(5);
  expect((await house.text(pathOf('hi.m3u8'))).startsWith(before)).toBe(true);
  expect((await about()).chapters).toEqual([{ startMs: 2 * SEGMENT_MS, title: 'Two', kind: 'mark' }]);
  await house.output.end();
  for (const [name, text] of await playlists()) {
    if (name === 'multivariant.m3u8') continue;
    expect([name, msnsOf(text)]).toEqual([name, [2, 4, 5]]);
    strictParse(text);
  }
  expect(await about()).toMatchObject({
    startsUnixMs: ZERO_UNIX_MS + SEGMENT_MS,
    durationMs: 3 * SEGMENT_MS,
    chapters: [{ startMs: SEGMENT_MS, title: 'Two', kind: 'mark' }],
  });
});

test('of an ended one cuts are made and taken back, and then it is the same bytes', async () => {
  await record(4);
  house.restartCompositor(ZERO_UNIX_MS + 20_000);
  await record(3);
  await house.output.end();
  house.shapes.over('show');
  const whole = await playlists();
  await house.shapes.set('show', shape(7, { cuts: [cut(1, 2)] }));
  expect(msnsOf((await playlists()).get('hi.m3u8'))).toEqual([1, 3, 4, 5, 6, 7]);
  // All of it: nothing is left to play.
  await house.shapes.set('show', shape(8, { cuts: [cut(-1, 1000)] }));
  expect([...(await playlists())]).toEqual([]);
  await house.shapes.set('show', shape(9));
  expect(await playlists()).toEqual(whole);
});

test('a later revision holds, whatever comes after it; a new process goes by what the last one kept', async () => {
  await record(3);
  await house.output.end();
  house.shapes.over('show');
  const whole = await playlists();
  expect(await house.shapes.set('show', shape(9, { cuts: [cut(0, 1)] }))).toBe(9);
  expect(await another().set('show', shape(8))).toBe(9);
  expect(msnsOf((await playlists()).get('hi.m3u8'))).toEqual([2, 3]);
  const next = another();
  await next.find();
  expect(next.some(5)).toEqual([{ channelId: 'show', revision: 9 }]);
  expect(await next.set('show', shape(10))).toBe(10);
  expect(await playlists()).toEqual(whole);
});

test('what could not be made wholly is told as not made, and made when it is said again', async () => {
  await record(3);
  await house.output.end();
  for (const name of ['lo.m3u8', 'about.json', SHAPE_NAME]) {
    const full: Disk = {
      ...nodeDisk,
      async replaceFile(path, pieces) {
        if (path.endsWith(`/${name}`)) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        await nodeDisk.replaceFile(path, pieces);
      },
    };
    const failing = another(full);
    await failing.find();
    const before = failing.some(1);
    const wanted = shape((before[0]?.revision ?? 0) + 1, { cuts: [cut(0, 1)] });
    await expect(failing.set('show', wanted)).rejects.toThrow('full');
    const next = another();
    await next.find();
    expect(next.some(1)).toEqual(before);
    expect(await next.set('show', wanted)).toBe(wanted.revision);
    expect(msnsOf((await playlists()).get('lo.m3u8'))).toEqual([2, 3]);
    await next.set('show', shape(wanted.revision + 1));
  }
});

test('all recordings are told in turn, what changed first; one that is gone is told no more', async () => {
  await record(1);
  const { shapes } = house;
  for (const id of ['a', 'b', 'c']) await shapes.begun(id);
  expect(shapes.some(2).map(({ channelId }) => channelId)).toEqual(['c', 'b']);
  expect(shapes.some(2).map(({ channelId }) => channelId)).toEqual(['a', 'show']);
  await shapes.set('show', shape(3));
  expect(shapes.some(1)).toEqual([{ channelId: 'show', revision: 3 }]);
  await expect(shapes.set('a', shape(3))).rejects.toMatchObject({ code: 'not-found' });
  expect(shapes.some(9).map(({ channelId }) => channelId)).not.toContain('a');
});

test('a shape that cannot be read counts as none, and a folder that is none is left out', async () => {
  await record(1);
  await house.output.end();
  await nodeDisk.writeFile(join(folder(), SHAPE_NAME), [new TextEncoder().encode('{"revision":')]);
  await nodeDisk.makeFolder(join(house.archiveDir, 'empty'));
  const logger = recordingLogger();
  const shapes = new Shapes({ archiveDir: house.archiveDir, logger });
  await shapes.find();
  expect(shapes.some(9)).toEqual([{ channelId: 'show', revision: 0 }]);
  await rm(folder(), { recursive: true });
  await expect(shapes.set('show', shape(1))).rejects.toMatchObject({ code: 'not-found' });
  expect(shapes.some(9)).toEqual([]);
});
