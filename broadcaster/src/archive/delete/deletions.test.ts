import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingLogger, silentLogger } from '../../origin/testing/house.ts';
import { Deletions, type DeletionsOptions } from './deletions.ts';
import { contentsOf, makeRecording } from './testing/house.ts';

let archiveDir: string;
let outside: string;
const open: Deletions[] = [];
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-delete-'));
  outside = await mkdtemp(join(tmpdir(), 'rostrum-outside-'));
  for (const id of ['show', 'other']) await makeRecording(archiveDir, id);
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  for (const folder of [archiveDir, outside]) await rm(folder, { recursive: true, force: true });
});

async function deletions(changes: Partial<DeletionsOptions> = {}): Promise<Deletions> {
  const made = await Deletions.open({
    archiveDir,
    removeCopies: null,
    caches: [],
    letGo: async () => undefined,
    nowUnixMs: () => Date.now(),
    logger: silentLogger,
    backoff: { firstMs: 1, maxMs: 5 },
    settleMs: 1,
    ...changes,
  });
  open.push(made);
  return made;
}
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
const tombstones = (): Promise<string[]> => readdir(join(archiveDir, '.deleted')).catch(() => []);
const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

test('a recording that is deleted is out of service at once, is gone for good when that was promised, and no other is touched', async () => {
  const before = await contentsOf(join(archiveDir, 'other'));
  let promised: string[] | null = null;
  const made = await deletions({
    // The first thing that is done to it: what is wanted is on disk by then.
    letGo: async () => {
      promised = await tombstones();
      expect(await isThere(join(archiveDir, 'show', 'journal.jsonl'))).toBe(true);
    },
  });
  expect(made.has('show')).toBe(false);
  const asked = made.want('show');
  expect(made.has('show')).toBe(true);
  expect(await asked).toEqual(['files']);
  await until(() => made.size === 0);
  expect(promised).toEqual(['show.json']);
  expect((await readdir(archiveDir)).sort()).toEqual(['.deleted', 'other']);
  expect(await tombstones()).toEqual([]);
  expect(await contentsOf(join(archiveDir, 'other'))).toEqual(before);
  expect(made.has('show')).toBe(true);
  expect(made.has('other')).toBe(false);
  expect(await made.want('show')).toEqual([]);
});

test.each(['..', '.', '', 'a', '../other', 'show/hi', '.deleted', 'show\0', `${'x'.repeat(65)}`])(
  '%j is no recording',
  async (id) => {
    const before = await contentsOf(archiveDir);
    const made = await deletions();
    await expect(made.want(id)).rejects.toThrow('an id is');
    expect(await contentsOf(archiveDir)).toEqual(before);
    expect(await tombstones()).toEqual([]);
  },
);

test('links are removed, and nothing that they lead to', async () => {
  await writeFile(join(outside, 'precious'), 'kept');
  await mkdir(join(archiveDir, 'show', 'deep'));
  await symlink(outside, join(archiveDir, 'show', 'deep', 'link'));
  await symlink(join(archiveDir, 'other', 'journal.jsonl'), join(archiveDir, 'show', 'other.jsonl'));
  await symlink(outside, join(archiveDir, 'linked'));
  const logger = recordingLogger();
  const made = await deletions({ logger });
  await Promise.all([made.want('show'), made.want('linked')]);
  await until(() => made.size === 0);
  expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('kept');
  expect(Object.keys(await contentsOf(archiveDir)).every((name) => name.startsWith('other/'))).toBe(true);
  expect(await isThere(join(archiveDir, 'other', 'journal.jsonl'))).toBe(true);
  expect(await isThere(join(archiveDir, 'linked'))).toBe(false);
  expect(JSON.stringify(logger.lines)).toContain('left alone');
});

test('files go whatever the bucket does; it is tried until it works, and caches are told once more after it', async () => {
  let failing = true;
  const told: string[] = [];
  const made = await deletions({
    removeCopies: async (channelId) => {
      if (failing) throw new Error('away');
      told.push(`bucket ${channelId}`);
    },
    caches: (['edge', 'cdn'] as const).map((name) => ({
      name,
      forget: async (channelId, reference) => {
        told.push(`${name} ${channelId} ${reference.endsWith('-again') ? 'again' : 'at once'}`);
      },
    })),
  });
  expect(await made.want('show')).toEqual(['files', 'bucket', 'edge', 'cdn']);
  await until(async () => told.length === 2 && !(await isThere(join(archiveDir, 'show'))));
  expect(told.sort()).toEqual(['cdn show at once', 'edge show at once']);
  await until(async () => (await made.want('show')).join() === 'bucket,edge,cdn');
  failing = false;
  await until(() => made.size === 0);
  expect(told[2]).toBe('bucket show');
  expect(told.slice(3).sort()).toEqual(['cdn show again', 'edge show again']);
});

test('what was on its way into a cache has time to arrive before it is told again', async () => {
  const told: string[] = [];
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let nowUnixMs = 1_000_000;
  const made = await deletions({
    settleMs: 30,
    nowUnixMs: () => nowUnixMs,
    letGo: () => gate,
    caches: [{ name: 'edge', forget: async (_, reference) => void told.push(reference) }],
  });
  await made.want('show');
  await until(() => told.length === 1);
  // A clock that is set back makes it wait no longer than it would have.
  nowUnixMs -= 1_000_000_000;
  release();
  await until(() => made.size === 0);
  expect(told).toEqual(['show-1000000-forget-edge', 'show-1000000-forget-edge-again']);
});

test('the next process goes on with what is left, also where it cannot read how far the last one was', async () => {
  const stuck = { removeCopies: () => Promise.reject(new Error('away')) };
  const first = await deletions(stuck);
  await first.want('show');
  await until(async () => (await first.want('show')).join() === 'bucket');
  await first.close();
  await writeFile(join(archiveDir, '.deleted', 'other.json'), '{"version":1,"chann');
  await writeFile(join(archiveDir, '.deleted', '..json'), '{}');
  const copies: string[] = [];
  const second = await deletions({ removeCopies: async (id) => void copies.push(id) });
  expect([second.has('show'), second.has('other')]).toEqual([true, true]);
  expect(copies).toEqual([]);
  second.resume();
  await until(() => second.size === 0);
  expect(copies.sort()).toEqual(['other', 'show']);
  expect(await isThere(join(archiveDir, 'other'))).toBe(false);
});

test('a recording that is put back after it was deleted is deleted again', async () => {
  const made = await deletions();
  await made.want('show');
  await until(() => made.size === 0);
  await makeRecording(archiveDir, 'show');
  expect(await made.want('show')).toEqual(['files']);
  await until(() => made.size === 0);
  expect(await isThere(join(archiveDir, 'show'))).toBe(false);
});

test('what cannot be written down is not promised, and is not served either', async () => {
  const made = await deletions();
  await writeFile(join(archiveDir, '.deleted'), 'in the way');
  await expect(made.want('show')).rejects.toMatchObject({ code: 'EEXIST' });
  expect(made.has('show')).toBe(true);
  expect(await isThere(join(archiveDir, 'show'))).toBe(true);
  await rm(join(archiveDir, '.deleted'));
  expect(await made.want('show')).toEqual(['files']);
  await until(() => made.size === 0);
});
