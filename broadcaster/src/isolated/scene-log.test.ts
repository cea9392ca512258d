import { appendFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { sceneOf } from '../compositor/testing/harness.ts';
import { readScenes, SCENES_FILE, SceneLog } from './scene-log.ts';

const logger = pino({ level: 'silent' });
let folder: string;
let nowMs: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-scenes-'));
  nowMs = 1000;
});
afterEach(() => rm(folder, { recursive: true }));

const open = (): SceneLog => {
  const log = new SceneLog({ folder, nowUnixMs: () => nowMs, logger });
  return log;
};
const note = (log: SceneLog, title: string, atMs: number): void => {
  nowMs = atMs;
  log.note(sceneOf({ title }));
};
const titles = async () => (await readScenes(folder)).map(({ atUnixMs, scene }) => [atUnixMs, scene.title]);

test('nothing is written before there are tracks, and then what came before them too', async () => {
  const log = open();
  note(log, 'first', 1000);
  note(log, 'second', 2000);
  await log.settled();
  expect(await readdir(folder)).toEqual([]);
  await mkdir(join(folder, 'tracks'));
  log.begin();
  note(log, 'third', 3000);
  log.begin();
  await log.settled();
  expect(await titles()).toEqual([
    [1000, 'first'],
    [2000, 'second'],
    [3000, 'third'],
  ]);
});

test('what could not be written is written with the next, and a torn line costs that line alone', async () => {
  const log = open();
  note(log, 'early', 1000);
  log.begin();
  await log.settled();
  await mkdir(join(folder, 'tracks'));
  await appendFile(join(folder, SCENES_FILE), '{"atUnixMs":15');
  note(log, 'late', 2000);
  await log.settled();
  expect(await titles()).toEqual([
    [1000, 'early'],
    [2000, 'late'],
  ]);
});
