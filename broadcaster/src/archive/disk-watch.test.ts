/** R8: how full a real disk is, in words, and what goes when it is full and its operator said so. */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSmallDisk, type SmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { Registry } from 'prom-client';
import { recordingLogger } from '../origin/testing/house.ts';
import { type DiskLevel, nextLevel, usedShareOf } from './disk-level.ts';
import { DiskWatch } from './disk-watch.ts';
import { formatEntry, type JournalEntry } from './journal.ts';
import { removeOldestRecording } from './retention.ts';

const KIB = 1024;
const thresholds = { low: 0.9, full: 0.98, hysteresis: 0.02 };

test('a level is taken at its threshold and left below it', () => {
  const after = (...shares: number[]): DiskLevel[] => {
    let level: DiskLevel = 'ample';
    return shares.map((share) => {
      level = nextLevel(level, share, thresholds);
      return level;
    });
  };
  expect(after(0.5, 0.899, 0.9, 0.89, 0.881, 0.879)).toEqual([
    'ample',
    'ample',
    'low',
    'low',
    'low',
    'ample',
  ]);
  expect(after(0.98, 0.965, 0.959, 0.98, 0.5)).toEqual(['full', 'full', 'low', 'full', 'ample']);
});

test('what is kept back for root is neither used nor free', () => {
  expect(usedShareOf({ blocks: 100, bfree: 20, bavail: 20 })).toBe(0.8);
  expect(usedShareOf({ blocks: 100, bfree: 5, bavail: 0 })).toBe(1);
  expect(usedShareOf({ blocks: 0, bfree: 0, bavail: 0 })).toBe(0);
});

describe('on a real disk', () => {
  let disk: SmallDisk;
  beforeEach(async () => {
    disk = await openSmallDisk(1024 * KIB);
  });
  afterEach(() => disk.close());

  async function channel(channelId: string, lines: JournalEntry[], bytes: number): Promise<void> {
    await mkdir(join(disk.folder, channelId));
    const more = Array.from({ length: 50 }, (_, epoch): JournalEntry => ({ type: 'epoch', epoch }));
    await writeFile(
      join(disk.folder, channelId, 'journal.jsonl'),
      [...more, ...lines].map(formatEntry).join(''),
    );
    await writeFile(join(disk.folder, channelId, 's1.mp4'), Buffer.alloc(bytes));
  }

  function watch(removes: boolean) {
    const logger = recordingLogger();
    const metrics = new Registry();
    const keep = (channelId: string): boolean => channelId === 'shown';
    const removeOldest = (): Promise<string | null> => removeOldestRecording(disk.folder, keep);
    const watching = new DiskWatch({
      folder: disk.folder,
      thresholds,
      ...(removes ? { removeOldest } : {}),
      logger,
      metrics,
    });
    return { watching, logger, metrics };
  }

  async function fill(): Promise<void> {
    const end = (endedUnixMs: number): JournalEntry => ({ type: 'end', endedUnixMs });
    await channel('newest', [end(3000)], 8 * KIB);
    await channel('oldest', [end(1000)], 8 * KIB);
    await channel('middle', [end(2000)], 200 * KIB);
    await channel('shown', [end(500)], 8 * KIB);
    await channel('running', [], 8 * KIB);
    await mkdir(join(disk.folder, 'no-channel'));
    await disk.leave(4 * KIB);
  }

  test('it is low, then full, then ample again, each said once and shown to Prometheus', async () => {
    const { watching, logger, metrics } = watch(false);
    for (const [left, level, value] of [
      [500, 'ample', 0],
      [90, 'low', 1],
      [8, 'full', 2],
      [8, 'full', 2],
      [60, 'low', 1],
      [500, 'ample', 0],
    ] as const) {
      await disk.leave(left * KIB);
      await watching.look();
      expect(watching.use.level).toBe(level);
      expect(await metrics.metrics()).toContain(`\nrostrum_archive_disk_level ${value}\n`);
    }
    expect(logger.lines.map(([at, , said]) => `${at}: ${said}`)).toEqual([
      "warn: the archive's disk is low",
      "error: the archive's disk is full",
      "warn: the archive's disk is low",
      "info: the archive's disk is ample",
    ]);
    await watching.close();
  });

  test('nothing is ever removed unless the operator said so', async () => {
    await fill();
    const { watching } = watch(false);
    await watching.look();
    expect(watching.use.level).toBe('full');
    expect(await readdir(disk.folder)).toHaveLength(7);
    await watching.close();
  });

  test('when the operator said so the oldest finished ones go, as many as it takes; what is shown or runs stays', async () => {
    await fill();
    // A removal that a crash cut off.
    await rename(join(disk.folder, 'no-channel'), join(disk.folder, '.removed-before'));
    const { watching, metrics } = watch(true);
    await watching.look();
    expect(watching.use.level).not.toBe('full');
    expect((await readdir(disk.folder)).sort()).toEqual(['.filler', 'newest', 'running', 'shown']);
    expect(await metrics.metrics()).toContain('rostrum_archive_removed_recordings_total 2');
    await watching.close();
  });

  test('with nothing left to remove it stays full, and that is all', async () => {
    await channel('running', [], 8 * KIB);
    await disk.leave(4 * KIB);
    const { watching } = watch(true);
    await watching.look();
    expect(watching.use.level).toBe('full');
    expect((await readdir(disk.folder)).sort()).toEqual(['.filler', 'running']);
    await watching.close();
  });
});
