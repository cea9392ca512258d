/** Wishes that tracks be deleted: when they are carried out, and that they are. */
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatEntry, JOURNAL_NAME } from '../archive/journal.ts';
import { recordingLogger, silentLogger } from '../origin/testing/house.ts';
import { TrackErasures, type TrackErasuresOptions } from './erasures.ts';
import { removeFolders } from './testing/record.ts';
import { GOING, noteChannel, OF_BOB, recordTwo, tracksIn, WISH, wish } from './testing/two-people.ts';

let archiveDir: string;
let folder: string;
const erased: string[] = [];
const running: TrackErasures[] = [];
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-erasures-'));
  folder = join(archiveDir, 'show');
  await recordTwo(folder);
  erased.length = 0;
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
  await rm(archiveDir, { recursive: true });
});
afterAll(removeFolders);

function erasures(changes: Partial<TrackErasuresOptions> = {}): TrackErasures {
  const made = new TrackErasures({
    archiveDir,
    inTurn: (_, task) => task(),
    erased: (channelId) => erased.push(channelId),
    logger: silentLogger,
    lookIntervalMs: 10,
    ...changes,
  });
  running.push(made);
  return made;
}
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
const done = (own: TrackErasures): Promise<void> => until(() => !own.waits('show'));
/** Of those that are to go, what is there. */
const going = async (): Promise<string[]> => {
  const there = await tracksIn(folder);
  return GOING.filter((name) => name in there);
};

test('while the channel goes on a wish waits; with its end it is done, in the channel’s turn', async () => {
  await noteChannel(folder, { ended: false });
  await wish(folder, WISH);
  const turns: string[] = [];
  let looks = 0;
  const own = erasures({
    inTurn: async (channelId, task) => {
      turns.push(channelId);
      await task();
    },
  });
  own.want('show');
  // Looked at again and again.
  const look = setInterval(() => {
    looks += 1;
  }, 10);
  await until(() => looks > 5);
  clearInterval(look);
  expect([own.waits('show'), turns, await going()]).toEqual([true, [], GOING]);
  await appendFile(join(folder, JOURNAL_NAME), formatEntry({ type: 'end', endedUnixMs: 1 }));
  await done(own);
  expect([turns, erased, await going()]).toEqual([['show'], ['show'], []]);
  expect(await tracksIn(folder)).toHaveProperty([OF_BOB[0]!]);
});

test('a recording of which nobody wishes anything is left alone, and one that is gone is let go of', async () => {
  await noteChannel(folder);
  const before = await tracksIn(folder);
  const own = erasures();
  own.want('show');
  own.want('gone');
  await until(() => !own.waits('show') && !own.waits('gone'));
  expect(await tracksIn(folder)).toEqual(before);
  expect(erased).toEqual([]);
});

test('what fails is told once and tried until it works, and holds up no other', async () => {
  await noteChannel(folder);
  await wish(folder, WISH);
  // The journal is no file.
  await rename(join(folder, 'tracks/journal.jsonl'), join(folder, 'kept'));
  await mkdir(join(folder, 'tracks/journal.jsonl'));
  const other = join(archiveDir, 'other');
  await recordTwo(other);
  await noteChannel(other);
  await wish(other, WISH);
  const logger = recordingLogger();
  const own = erasures({ logger });
  own.want('show');
  own.want('other');
  await until(() => !own.waits('other'));
  let looks = 0;
  const look = setInterval(() => {
    looks += 1;
  }, 10);
  await until(() => looks > 5);
  clearInterval(look);
  expect(own.waits('show')).toBe(true);
  expect(JSON.stringify(logger.lines).match(/cannot be deleted yet/g)).toHaveLength(1);
  expect(erased).toEqual(['other']);
  await rm(join(folder, 'tracks/journal.jsonl'), { recursive: true });
  await rename(join(folder, 'kept'), join(folder, 'tracks/journal.jsonl'));
  await done(own);
  expect(await going()).toEqual([]);
});

test('a shape that nobody can read is no wish', async () => {
  await noteChannel(folder);
  await writeFile(join(folder, 'shape.json'), '{"erase":');
  const own = erasures();
  own.want('show');
  await done(own);
  expect(await going()).toEqual(GOING);
});
