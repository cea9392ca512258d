/** What was kept of somebody who wants it deleted, on real files. */
import { appendFile, cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Disk, nodeDisk } from '../archive/disk.ts';
import { eraseTracks } from './erase.ts';
import { readTracks, stateOf, TRACKS_JOURNAL, trackLine } from './journal.ts';
import { type Manifest, manifestOf } from './manifest.ts';
import { finishTracks } from './recovery.ts';
import { BEGAN_UNIX_MS, decode, removeFolders } from './testing/record.ts';
import { AGAIN, GOING, NO_UNIX_MS, OF_BOB, recordTwo, tracksIn, WISH } from './testing/two-people.ts';

let root: string;
let recorded: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rostrum-erase-'));
  recorded = join(root, 'recorded');
  await recordTwo(recorded);
});
beforeEach(async () => {
  folder = join(root, 'show');
  await cp(recorded, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));
afterAll(async () => {
  await rm(root, { recursive: true });
  await removeFolders();
});

const names = async (): Promise<string[]> => Object.keys(await tracksIn(folder)).sort();
const manifest = async (): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'tracks/manifest.json'), 'utf8')) as Manifest;
const journal = () => join(folder, TRACKS_JOURNAL);
const LEFT = [...AGAIN, ...OF_BOB, 'journal.jsonl', 'manifest.json'].sort();

test('all of theirs from before the moment goes, and what tells of it; what they agreed to later and everybody else stays', async () => {
  const before = await tracksIn(folder);
  expect(Object.keys(before).sort()).toEqual([...GOING, ...LEFT].sort());
  const { startUnixMs } = await manifest();
  expect(await eraseTracks(folder, 'show-1', [WISH])).toBe(GOING.length);

  const after = await tracksIn(folder);
  expect(Object.keys(after).sort()).toEqual(LEFT);
  for (const name of [...AGAIN, ...OF_BOB]) expect(after[name]).toBe(before[name]);
  const told = await manifest();
  expect(told.tracks.map(({ id, takes }) => [id, takes.map(({ take }) => take)])).toEqual([
    ['ada-1-mic', [3]],
    ['bob-1-mic', [4]],
  ]);
  // Who cut by its times goes on.
  expect(told.startUnixMs).toBe(startUnixMs);
  expect(JSON.stringify(told)).not.toContain('camera');
  // What a new picture of the show is made from.
  const state = stateOf(await readTracks(journal()));
  expect(manifestOf('show-1', state)).toEqual(told);
  expect([...state.erased].sort()).toEqual(GOING.map((name) => `tracks/${name}`).sort());
  for (const list of ['ada-1-mic/take-3.ffconcat', 'bob-1-mic/take-4.ffconcat'])
    expect((await decode(join(folder, 'tracks', list))).complaints).toBe('');

  expect(await eraseTracks(folder, 'show-1', [WISH])).toBe(0);
  expect(await tracksIn(folder)).toEqual(after);
  // And whoever puts it in order later has none of it back.
  await finishTracks(folder, 'show-1');
  expect(await names()).toEqual(LEFT);
});

test('times in the manifest stay what they were, though what came first is gone', async () => {
  const first = { take: 1, file: 'tracks/ada-1-mic/1.webm', fromUnixMs: BEGAN_UNIX_MS - 300 };
  const entries = (await readTracks(journal())).map((entry) =>
    'file' in entry && entry.file === first.file ? { ...entry, ...first } : entry,
  );
  const { startUnixMs } = manifestOf('show-1', stateOf(entries));
  expect(startUnixMs).toBe(first.fromUnixMs);
  const without = stateOf([...entries, { type: 'erased', file: first.file }]);
  expect(manifestOf('show-1', without).startUnixMs).toBe(startUnixMs);
});

test('of a later wish too, and of several people at once', async () => {
  await eraseTracks(folder, 'show-1', [WISH]);
  const again = { ...WISH, beforeUnixMs: NO_UNIX_MS + 90_000 };
  await eraseTracks(folder, 'show-1', [again, { personId: 'bob-1', beforeUnixMs: NO_UNIX_MS }]);
  expect(await names()).toEqual(['journal.jsonl', 'manifest.json']);
  expect((await manifest()).tracks).toEqual([]);
});

test('a take that began before the moment goes wholly: it ended with the no, by whatever clock', async () => {
  await eraseTracks(folder, 'show-1', [{ personId: 'bob-1', beforeUnixMs: BEGAN_UNIX_MS + 10_000 }]);
  expect(Object.keys(await tracksIn(folder)).filter((name) => name.startsWith('bob-1'))).toEqual([]);
});

test('nobody’s wish is anybody else’s, nor one from before they were heard', async () => {
  const before = await tracksIn(folder);
  for (const personId of ['ada', 'ada-1-mic', 'eve-1'])
    expect(await eraseTracks(folder, 'show-1', [{ personId, beforeUnixMs: NO_UNIX_MS }])).toBe(0);
  expect(await eraseTracks(folder, 'show-1', [{ ...WISH, beforeUnixMs: BEGAN_UNIX_MS - 5000 }])).toBe(0);
  expect(await eraseTracks(join(root, 'nothing'), 'show-1', [WISH])).toBe(0);
  expect(await tracksIn(folder)).toEqual(before);
});

test('chunks that are torn, and those that the journal does not know, go as well', async () => {
  const torn = 'tracks/ada-1-screen/1.webm';
  const open = { take: 1, file: torn, fromUnixMs: NO_UNIX_MS - 1, size: null };
  await appendFile(journal(), trackLine({ type: 'open', ...open }));
  await cp(join(folder, 'tracks/ada-1-camera'), join(folder, 'tracks/ada-1-screen'), { recursive: true });
  await rm(join(folder, 'tracks/ada-1-screen/take-2.ffconcat'));
  await truncate(join(folder, torn), 20);
  await writeFile(join(folder, 'tracks/ada-1-mic/7.webm'), 'what a power cut left');
  await eraseTracks(folder, 'show-1', [WISH]);
  expect(await names()).toEqual(LEFT);
});

test('whatever step fails, others have all of theirs, and the next call finishes it', async () => {
  const before = await tracksIn(folder);
  let steps = 0;
  let failAt = 0;
  const stepping = <A extends unknown[]>(work: (...args: A) => Promise<void>) => {
    return async (...args: A): Promise<void> => {
      steps += 1;
      if (steps === failAt) throw new Error('no disk');
      await work(...args);
    };
  };
  const disk: Disk = {
    ...nodeDisk,
    replaceFile: stepping(nodeDisk.replaceFile),
    syncFolder: stepping(nodeDisk.syncFolder),
  };
  for (failAt = 1; ; failAt += 1) {
    steps = 0;
    const done = await eraseTracks(folder, 'show-1', [WISH], disk).catch(() => null);
    const after = await tracksIn(folder);
    for (const name of [...AGAIN, ...OF_BOB]) expect(after[name]).toBe(before[name]);
    // What is told of is there.
    for (const { takes } of (await manifest()).tracks)
      for (const { file } of takes.flatMap(({ chunks }) => chunks)) expect(after).toHaveProperty([file]);
    await eraseTracks(folder, 'show-1', [WISH]);
    expect(await names()).toEqual(LEFT);
    expect((await manifest()).tracks).toHaveLength(2);
    if (done !== null) break;
    await rm(folder, { recursive: true });
    await cp(recorded, folder, { recursive: true });
  }
  expect(failAt).toBeGreaterThan(4);
});

test('a journal that was torn while it was told is enough to go on', async () => {
  await eraseTracks(folder, 'show-1', [WISH]);
  const lines = (await readFile(journal(), 'utf8')).split('\n').filter((line) => line !== '');
  const first = lines.findIndex((line) => line.includes('erased'));
  for (const kept of [first, first + 1, first + 3]) {
    await rm(folder, { recursive: true });
    await cp(recorded, folder, { recursive: true });
    await writeFile(journal(), `${lines.slice(0, kept).join('\n')}\n${lines[kept]?.slice(0, 12)}`);
    await eraseTracks(folder, 'show-1', [WISH]);
    expect(await names()).toEqual(LEFT);
  }
});
