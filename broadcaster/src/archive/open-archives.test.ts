import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { formatEntry } from './journal.ts';
import { OpenArchives } from './open-archives.ts';

let folder: string;
const lines: { channelId?: string }[] = [];
const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rostrum-open-'));
  lines.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function archive(name: string, journal: string | null): void {
  mkdirSync(join(folder, name));
  if (journal !== null) writeFileSync(join(folder, name, 'journal.jsonl'), journal);
}
const RUN = formatEntry({ type: 'run', firstEpoch: 1, startedUnixMs: 1 });
const END = formatEntry({ type: 'end', endedUnixMs: 2 });
const none = (): boolean => false;

test('archives without an end are found in the folder, and nothing else is', async () => {
  archive('open1', RUN);
  archive('open2', RUN.repeat(100));
  archive('torn1', RUN + END.slice(0, -1));
  archive('ended1', RUN + END);
  archive('empty1', '');
  archive('nothing1', null);
  archive('lost+found', RUN);
  archive('.removed-open3', RUN);
  archive('unreadable1', null);
  mkdirSync(join(folder, 'unreadable1', 'journal.jsonl'));
  writeFileSync(join(folder, 'file1'), '');
  const archives = new OpenArchives();
  await archives.find(folder, logger);
  expect(archives.some(20, none).toSorted()).toEqual(['open1', 'open2', 'torn1']);
  expect(lines.map((l) => l.channelId)).toEqual(['unreadable1']);
});

test('all of them are named in turn, those that run are not, and those that ended never again', async () => {
  const archives = new OpenArchives();
  for (let n = 1; n <= 5; n += 1) archives.begun(`open${n}`);
  const runs = (id: string): boolean => id === 'open2';
  expect(archives.some(2, runs)).toEqual(['open1', 'open3']);
  expect(archives.some(2, runs)).toEqual(['open4', 'open5']);
  archives.ended('open1');
  expect(archives.some(2, none)).toEqual(['open2', 'open3']);
  expect(archives.some(20, none)).toEqual(['open4', 'open5', 'open2', 'open3']);
});

test('what ended while the folder was looked through is not found any more', async () => {
  archive('open1', RUN);
  const archives = new OpenArchives();
  const finding = archives.find(folder, logger);
  archives.ended('open1');
  await finding;
  expect(archives.some(20, none)).toEqual([]);
});
