/** [R8] What the launcher writes, on a disk that is full: services go on, and a word is said. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSmallDisk, type SmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { openLogFile } from './log-file.ts';
import { type RunState, stateWriter } from './state.ts';

const KIB = 1024;
let disk: SmallDisk;
beforeEach(async () => {
  disk = await openSmallDisk(256 * KIB);
});
afterEach(() => disk.close());

test('a log that found no room goes on when there is some, and says what is missing', async () => {
  const path = join(disk.folder, 'service.log');
  const said: string[] = [];
  let nowMs = 0;
  const log = openLogFile(
    path,
    (trouble) => said.push(trouble),
    () => nowMs,
  );
  const line = (i: number): string => `line ${i} ${'x'.repeat(1000)}`;
  await disk.leave(6 * KIB);
  for (let i = 0; i < 20; i += 1) log.write(line(i));
  while (said.length === 0) await sleep(5);
  expect(said).toEqual([expect.stringContaining('ENOSPC')]);
  log.write(line(20));
  await disk.leave(128 * KIB);
  nowMs = 4999;
  log.write(line(21)); // not yet
  nowMs = 5000;
  log.write(line(22));
  log.write(line(23));
  await log.end();
  const lines = (await readFile(path, 'utf8')).split('\n');
  const missing = Number(/"msg":"up to (\d+) lines are missing here"/.exec(lines.join('\n'))?.[1]);
  const whole = lines.filter((l) => /^line \d+ x{1000}$/.test(l));
  expect(whole.slice(-2)).toEqual([line(22), line(23)]);
  expect(24 - whole.length).toBeLessThanOrEqual(missing);
  expect(whole.length).toBeGreaterThan(2);
  expect(said).toHaveLength(1);
});

test('a state that could not be written ends nothing; the one before stays whole, and the next one is tried', async () => {
  const file = join(disk.folder, 'state.json');
  const said: string[] = [];
  const save = stateWriter(file, (trouble) => said.push(trouble));
  const state: RunState = {
    runId: 'run',
    launcher: { pid: process.pid, startTicks: '1', bootId: 'boot' },
    startedAt: new Date(0).toISOString(),
    addresses: {},
    processes: [],
    weightsWarning: null,
    userWarning: null,
  };
  save(state);
  const before = await readFile(file, 'utf8');
  await disk.leave(0);
  const long = { ...state, weightsWarning: 'x'.repeat(9000) };
  save(long);
  save(long);
  expect(said).toEqual([expect.stringContaining('ENOSPC')]);
  expect(await readFile(file, 'utf8')).toBe(before);
  await disk.leave(64 * KIB);
  save(long);
  expect(await readFile(file, 'utf8')).toContain(long.weightsWarning);
  expect(said).toHaveLength(1);
});
