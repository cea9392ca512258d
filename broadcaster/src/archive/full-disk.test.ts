/** R8: what a full disk does to the archive, on a real one. */
import { type FileHandle, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROFILES } from '@rostrum/contracts/profile';
import { openSmallDisk, type SmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { Registry } from 'prom-client';
import { silentLogger } from '../origin/testing/house.ts';
import { Packager, type Part, type Segment } from '../packager/index.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { nodeDisk, writeWhole } from './disk.ts';
import { openChannelArchive } from './index.ts';
import { JOURNAL_NAME, readJournal } from './journal.ts';
import { archiveMetrics } from './metrics.ts';
import { readSpools, Spool } from './spool.ts';

const KIB = 1024;
const profile = PROFILES.standard;
let disk: SmallDisk;
beforeEach(async () => {
  disk = await openSmallDisk(256 * KIB);
});
afterEach(() => disk.close());

test.each([
  ['in one piece', [18_000]],
  ['in pieces', [9000, 9000]],
  ['of which the last is cut', [4096, 4096, 1000]],
])('[R8] what does not fit is an error, never half a file that counts: %s', async (_, lengths) => {
  await disk.leave(8 * KIB);
  const pieces = lengths.map((length, i) => Buffer.alloc(length, i + 1));
  const path = join(disk.folder, 'segment.mp4');
  await expect(nodeDisk.writeFile(path, pieces)).rejects.toMatchObject({ code: 'ENOSPC' });
  await disk.leave(64 * KIB);
  await nodeDisk.writeFile(path, pieces);
  expect(await readFile(path)).toEqual(Buffer.concat(pieces));
});

test('[R8] a part that found no room in its spool gets there with the next one', async () => {
  const errors: unknown[] = [];
  await mkdir(join(disk.folder, 'show'));
  const spool = new Spool(join(disk.folder, 'show'), (error) => errors.push(error));
  const parts = [3000, 9000, 500].map((byteLength, index): Part => {
    const data = Buffer.alloc(byteLength, index + 1);
    return { index, name: '', durationMs: 320, independent: true, gap: false, byteLength, data };
  });
  const segment: Segment = {
    msn: 1,
    epoch: 1,
    discontinuity: false,
    programDateTimeMs: ZERO_UNIX_MS,
    parts,
    closed: false,
  };
  await disk.leave(8 * KIB);
  for (const part of parts.slice(0, 2)) spool.add('hi', segment, part);
  await spool.drained();
  expect(errors).toEqual([expect.objectContaining({ code: 'ENOSPC' })]);
  const [torn] = await readSpools(join(disk.folder, 'show'), ['hi']);
  expect(torn?.parts.map(({ data }) => data)).toEqual([new Uint8Array(parts[0]?.data ?? [])]);
  await disk.leave(64 * KIB);
  for (const part of parts.slice(2)) spool.add('hi', segment, part);
  await spool.drained();
  const [whole] = await readSpools(join(disk.folder, 'show'), ['hi']);
  expect(whole?.parts.map(({ data }) => data)).toEqual(parts.map(({ data }) => new Uint8Array(data ?? [])));
});

test('[R8] a call that writes less than it was given is gone on with', async () => {
  const written: Buffer[] = [];
  const file = {
    write: async (bytes: Uint8Array, offset: number, length: number, position: number | null) => {
      const bytesWritten = Math.min(length, 7);
      expect(position).toBe(100 + written.reduce((sum, { byteLength }) => sum + byteLength, 0));
      written.push(Buffer.from(bytes.slice(offset, offset + bytesWritten)));
      return { bytesWritten, buffer: bytes };
    },
  };
  const pieces = [Buffer.alloc(20, 'a'), Buffer.alloc(1, 'b'), Buffer.alloc(15, 'c')];
  await writeWhole(file as unknown as FileHandle, pieces, 100);
  expect(Buffer.concat(written)).toEqual(Buffer.concat(pieces));
});

test('[R8] nothing that is not on the disk is called durable, the show goes on, and all is there once there is room', async () => {
  const archive = await openChannelArchive({
    archiveDir: disk.folder,
    channelId: 'show',
    profile,
    ladder: LADDER,
    logger: silentLogger,
    metrics: archiveMetrics(new Registry()),
    nowUnixMs: () => ZERO_UNIX_MS,
  });
  await disk.leave(12 * KIB);
  const packager = new Packager({ profile, ladder: LADDER, windowMs: 20_000, resume: archive.recovered });
  const durable = new Map<string, Buffer>();
  const added = new Map<string, Buffer>();
  for (const event of [...epochEvents(), ...perfect(profile, 0, 48 * 6)]) {
    for (const out of packager.push(event)) {
      if (out.type === 'epoch') archive.epochBegan(out.epoch);
      if (out.type === 'init') archive.addInit(out);
      if (out.type === 'segment-opened') archive.segmentOpened(out.segment);
      if (out.type === 'part') archive.addPart(out.rendition, out.segment, out.part);
      if (out.type !== 'segment-closed') continue;
      const { rendition, segment } = out;
      const name = `${rendition}/e${segment.epoch}/s${segment.msn}.mp4`;
      const bytes = Buffer.concat(segment.parts.flatMap(({ data }) => (data ? [data] : [])));
      added.set(name, bytes);
      archive.addSegment(rendition, segment, () => durable.set(name, bytes));
    }
  }
  const check = async (): Promise<void> => {
    const { entries } = await readJournal(join(disk.folder, 'show', JOURNAL_NAME));
    const listed = entries.flatMap((entry) => (entry.type === 'segment' ? [entry.file ?? ''] : []));
    for (const name of [...durable.keys(), ...listed]) {
      expect(await readFile(join(disk.folder, 'show', name))).toEqual(added.get(name));
    }
    for (const name of durable.keys()) expect(listed).toContain(name);
  };
  await sleep(300);
  await check();
  expect(archive.queueLength).toBeGreaterThan(0);
  await disk.leave(128 * KIB);
  await archive.drained();
  await check();
  expect([...durable.keys()].sort()).toEqual([...added.keys()].sort());
});
