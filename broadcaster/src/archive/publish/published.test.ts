import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatEntry, JOURNAL_NAME, type JournalEntry } from '../journal.ts';
import { readEntries } from './journal-reader.ts';
import { END, notePublished, PUBLISHED_NAME, publishedUpTo } from './published.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-published-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const init = (epoch: number): JournalEntry => ({
  type: 'init',
  rendition: 'hi',
  epoch,
  file: `hi/e${epoch}/init.mp4`,
  codecs: 'avc1.64001f',
});
const run: JournalEntry = { type: 'run', firstEpoch: 1, startedUnixMs: 0 };
const end: JournalEntry = { type: 'end', endedUnixMs: 1 };
/** Writes a journal; byte offsets of its lines' ends. */
async function journal(entries: readonly JournalEntry[]): Promise<number[]> {
  let at = 0;
  const lines = entries.map(formatEntry);
  await writeFile(join(folder, JOURNAL_NAME), lines.join(''));
  return lines.map((line) => (at += Buffer.byteLength(line)));
}

test('nothing noted is the beginning, and the last note is where it goes on', async () => {
  const [, first = 0, second = 0, last = 0] = await journal([run, init(1), init(2), end]);
  expect(await publishedUpTo(folder)).toEqual({ at: 0, ended: false });
  await notePublished(folder, [{ at: first, name: 'hi/e1/init.mp4', byteLength: 1, md5: 'x' }]);
  expect(await publishedUpTo(folder)).toEqual({ at: first, ended: false });
  await notePublished(folder, [{ at: second, name: 'hi/e2/init.mp4', byteLength: 1, md5: 'x' }]);
  expect(await publishedUpTo(folder)).toEqual({ at: second, ended: false });
  await notePublished(folder, [{ at: last, name: END, byteLength: 0 }]);
  expect(await publishedUpTo(folder)).toEqual({ at: last, ended: true });
});

test('a torn last line counts for nothing, is cut off, and what follows one in the same run stands by itself', async () => {
  const [, first = 0, second = 0] = await journal([run, init(1), init(2)]);
  await notePublished(folder, [{ at: first, name: 'hi/e1/init.mp4', byteLength: 1, md5: 'x' }]);
  const whole = await readFile(join(folder, PUBLISHED_NAME), 'utf8');
  await appendFile(join(folder, PUBLISHED_NAME), '{"at":99,"na');
  expect(await publishedUpTo(folder)).toEqual({ at: first, ended: false });
  expect(await readFile(join(folder, PUBLISHED_NAME), 'utf8')).toBe(whole);
  await appendFile(join(folder, PUBLISHED_NAME), '{"at":99,"na');
  await notePublished(folder, [{ at: second, name: 'hi/e2/init.mp4', byteLength: 1, md5: 'x' }], true);
  expect(await publishedUpTo(folder)).toEqual({ at: second, ended: false });
});

test.each([
  ['the journal is shorter', [run]],
  ['another line ends there', [run, { ...init(3), codecs: 'avc1.64001f' } as JournalEntry]],
  ['no line ends there', [{ ...run, startedUnixMs: 12345 }, init(1)]],
])('of another journal nothing is believed: %s', async (_, entries) => {
  const [, first = 0] = await journal([run, init(1)]);
  await notePublished(folder, [{ at: first, name: 'hi/e1/init.mp4', byteLength: 1, md5: 'x' }]);
  await journal(entries as JournalEntry[]);
  expect(await publishedUpTo(folder)).toEqual({ at: 0, ended: false });
});

test('a journal is read in pieces of whole lines; one that is being written waits, one that cannot be read is passed over', async () => {
  const many = Array.from({ length: 2000 }, (_, i) => init(i));
  const ends = await journal(many);
  const path = join(folder, JOURNAL_NAME);
  await appendFile(path, 'not a line\n{"type":"end","ended');
  const read: number[] = [];
  let at = 0;
  let pieces = 0;
  for (;;) {
    const { entries, next } = await readEntries(path, at);
    read.push(...entries.map((one) => one.end));
    if (next === at) break;
    at = next;
    pieces += 1;
  }
  expect(read).toEqual(ends);
  expect(pieces).toBeGreaterThan(1);
  expect(at).toBe((ends.at(-1) ?? 0) + 'not a line\n'.length);
  await appendFile(path, 'UnixMs":1}\n');
  expect((await readEntries(path, at)).entries.map(({ entry }) => entry)).toEqual([end]);
});
