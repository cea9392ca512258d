import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeldRecordings } from './held-recordings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-held-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('all that a folder has are named in turn, some at a time, and what comes later the next time round', async () => {
  for (const name of ['show-1', 'show-2', 'show-3', '.deleted', '.removed-x', 'no'])
    await mkdir(join(folder, name));
  let nowMs = 0;
  const held = new HeldRecordings(folder, () => nowMs);
  expect(held.some(2, () => false)).toEqual([]);
  nowMs += 60_000;
  await held.look();
  const named = [...held.some(2, () => false), ...held.some(2, () => false)];
  expect(named.sort()).toEqual(['show-1', 'show-2', 'show-3']);
  await mkdir(join(folder, 'show-4'));
  nowMs += 60_000;
  await held.look();
  expect(held.some(9, (id) => id === 'show-1').sort()).toEqual(['show-2', 'show-3', 'show-4']);
});

test('a folder that cannot be read holds nothing for now', async () => {
  const held = new HeldRecordings(join(folder, 'away'), () => 0);
  await held.look();
  expect(held.some(4, () => false)).toEqual([]);
});
