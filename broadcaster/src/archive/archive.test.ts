import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { House, recordingLogger, silentLogger } from '../origin/testing/house.ts';
import { Packager } from '../packager/index.ts';
import { strictParse } from '../packager/testing/strict-parse.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { type ChannelArchive, openChannelArchive } from './index.ts';
import { parseJournal } from './journal.ts';
import { archiveMetrics } from './metrics.ts';

const profile = PROFILES.standard;
let archiveDir: string;
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-archive-'));
});
afterEach(() => rm(archiveDir, { recursive: true, force: true }));

interface OpenOptions {
  readonly disk?: Disk;
  readonly registry?: Registry;
  readonly maxQueuedSegments?: number;
}

function open({
  disk,
  registry = new Registry(),
  maxQueuedSegments,
}: OpenOptions = {}): Promise<ChannelArchive> {
  return openChannelArchive({
    archiveDir,
    channelId: 'show',
    profile,
    ladder: LADDER,
    logger: silentLogger,
    metrics: archiveMetrics(registry),
    nowUnixMs: () => ZERO_UNIX_MS,
    ...(disk ? { disk } : {}),
    ...(maxQueuedSegments === undefined ? {} : { maxQueuedSegments }),
  });
}

/** Feeds perfect encoders into a packager whose segments go to the archive. */
function record(archive: ChannelArchive, toSlot: number, durable: string[] = []): Packager {
  const packager = new Packager({ profile, ladder: LADDER, windowMs: 20_000, resume: archive.recovered });
  for (const event of [...epochEvents(), ...perfect(profile, 0, toSlot)]) {
    for (const out of packager.push(event)) {
      if (out.type === 'epoch') archive.epochBegan(out.epoch);
      if (out.type === 'init') archive.addInit(out);
      if (out.type === 'segment-opened') archive.segmentOpened(out.segment);
      if (out.type === 'segment-closed') {
        archive.addSegment(out.rendition, out.segment, () => {
          durable.push(`${out.rendition} ${out.segment.msn}`);
          packager.markArchived(out.rendition, out.segment.msn);
        });
      }
    }
  }
  return packager;
}

const journalOf = async () => parseJournal(await readFile(join(archiveDir, 'show', 'journal.jsonl')));

test('a segment is durable in this order: file, folder, journal line, word', async () => {
  const order: string[] = [];
  const spying: Disk = {
    ...nodeDisk,
    writeFile: async (path, pieces) => {
      await nodeDisk.writeFile(path, pieces);
      order.push(`file ${path.slice(archiveDir.length)}`);
    },
    syncFolder: async (path) => {
      await nodeDisk.syncFolder(path);
      order.push(`folder ${path.slice(archiveDir.length)}`);
    },
    writeTail: async (path, position, bytes) => {
      await nodeDisk.writeTail(path, position, bytes);
      if (new TextDecoder().decode(bytes).includes('"type":"segment"')) order.push('line');
    },
  };
  const archive = await open({ disk: spying });
  order.length = 0;
  const durable: string[] = [];
  const packager = record(archive, 48, durable);
  expect(durable).toEqual([]);
  await archive.drained();
  const file = order.indexOf('file /show/hi/e1/s1.mp4');
  const folder = order.lastIndexOf('folder /show/hi/e1');
  expect(file).toBeGreaterThanOrEqual(0);
  expect(folder).toBeGreaterThan(file);
  expect(order.indexOf('line')).toBeGreaterThan(folder);
  expect(durable.sort()).toEqual(['audio 1', 'hi 1', 'lo 1']);
  const published =
    packager.window('hi')?.segments[0]?.parts.map((part) => part.data ?? new Uint8Array()) ?? [];
  expect(Buffer.concat(published).equals(await readFile(join(archiveDir, 'show', 'hi/e1/s1.mp4')))).toBe(
    true,
  );
});

test('a folder that the spool made has a durable name before a segment in it counts', async () => {
  const order: string[] = [];
  const spying: Disk = {
    ...nodeDisk,
    syncFolder: async (path) => {
      await nodeDisk.syncFolder(path);
      order.push(path.slice(archiveDir.length));
    },
    writeTail: async (path, position, bytes) => {
      await nodeDisk.writeTail(path, position, bytes);
      if (new TextDecoder().decode(bytes).includes('"type":"segment"')) order.push('line');
    },
  };
  const archive = await open({ disk: spying });
  order.length = 0;
  for (const rendition of LADDER.map(({ name }) => name)) {
    await mkdir(join(archive.folder, rendition, 'e1'), { recursive: true });
  }
  record(archive, 48);
  await archive.drained();
  const before = order.slice(0, order.indexOf('line'));
  for (const folder of ['/show', '/show/hi', '/show/hi/e1']) expect(before).toContain(folder);
});

test('the journal rebuilds the window as it was', async () => {
  const archive = await open();
  const packager = record(archive, 48 * 3);
  await archive.drained();
  const again = await open();
  for (const { name } of LADDER) {
    const before = packager
      .window(name)
      ?.segments.map((segment) => ({ ...segment, archived: 0, released: 0, lost: 0 }));
    const after = again.recovered.segments
      .get(name)
      ?.map((segment) => ({ ...segment, archived: 0, released: 0, lost: 0 }));
    const bare = (segments: typeof before) =>
      segments?.map((segment) => ({
        ...segment,
        parts: segment.parts.map((part) => ({ ...part, data: 0 })),
      }));
    expect(bare(after)).toEqual(bare(before));
  }
  expect(again.recovered).toMatchObject({ nextMsn: 4, nextEpoch: 2, ended: false });
  expect(again.recovered.codecs.get('hi')).toBe('avc1.42c01f,mp4a.40.2');
});

test('a torn last line never counted and is cut off; the lines after it are read', async () => {
  const archive = await open();
  record(archive, 48 * 2);
  await archive.drained();
  const path = join(archiveDir, 'show', 'journal.jsonl');
  const bytes = await readFile(path);
  const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
  await writeFile(path, bytes.subarray(0, lastLine + 40));
  const torn = await open();
  // One rendition's second segment was in that line: it is a gap there, the others have theirs.
  const gaps = LADDER.map(({ name }) =>
    torn.recovered.segments.get(name)?.map((segment) => segment.parts[0]?.gap),
  );
  expect(gaps.flat().filter(Boolean)).toHaveLength(1);
  expect(torn.recovered.nextMsn).toBe(3);
  const third = await open();
  expect(third.recovered.filled).toEqual([]);
  expect((await journalOf()).unreadable).toBe(0);
});

test('parts of an open segment outlive the process; it ends with the last part that all renditions have whole', async () => {
  const archive = await open();
  const packager = record(archive, 48 + 28);
  for (const { rendition, segments } of packager.windows) {
    const segment = segments.at(-1);
    for (const part of segment?.parts ?? []) if (segment) archive.addPart(rendition.name, segment, part);
  }
  await archive.drained();
  // The last part of one rendition had not wholly reached the file.
  const torn = join(archiveDir, 'show', 'lo/e1/s2.mp4.open');
  await writeFile(torn, (await readFile(torn)).subarray(0, -1));
  const again = await open();
  for (const { name } of LADDER) {
    const published = packager.window(name)?.segments.at(-1)?.parts.slice(0, 2) ?? [];
    const recovered = again.recovered.segments.get(name)?.at(-1);
    expect(recovered?.parts.map(({ durationMs, gap }) => [durationMs, gap])).toEqual([
      [320, false],
      [320, false],
    ]);
    const file = await readFile(join(archiveDir, 'show', `${name}/e1/s2.mp4`));
    expect(file.equals(Buffer.concat(published.map((part) => part.data ?? new Uint8Array())))).toBe(true);
  }
  await expect(readFile(torn)).rejects.toMatchObject({ code: 'ENOENT' });
  expect((await open()).recovered.filled).toEqual([]);
});

test('a segment that one rendition had published as a whole one stays whole there; the others lack its end', async () => {
  const archive = await open();
  const packager = record(archive, 48 + 44);
  const newest = packager.windows.map(({ rendition, segments }) => ({ rendition, segment: segments.at(-1) }));
  for (const { rendition, segment } of newest) {
    for (const part of segment?.parts ?? []) if (segment) archive.addPart(rendition.name, segment, part);
    // Sound comes first: its last part is out, and the process dies before the journal knows.
    const last = segment?.parts.at(-1);
    if (rendition.kind === 'audio' && segment && last) {
      archive.addPart(rendition.name, segment, { ...last, index: last.index + 1 });
    }
  }
  await archive.drained();
  const again = await open();
  for (const { rendition } of newest) {
    const parts = again.recovered.segments.get(rendition.name)?.at(-1)?.parts;
    expect(parts?.map(({ durationMs }) => durationMs)).toEqual(Array(6).fill(320));
    expect(parts?.map(({ gap }) => gap)).toEqual([...Array(5).fill(false), rendition.kind === 'video']);
  }
});

test('an MSN whose first part was public is never used again, even if its segment is lost', async () => {
  const archive = await open();
  record(archive, 48 + 8);
  await archive.drained();
  const again = await open();
  expect(again.recovered.nextMsn).toBe(3);
  const lost = again.recovered.segments.get('hi')?.[1];
  expect(lost?.parts.map((part) => [part.gap, part.durationMs])).toEqual(Array(6).fill([true, 320]));
  expect(lost).toMatchObject({ msn: 2, epoch: 1, programDateTimeMs: ZERO_UNIX_MS + 1920 });
});

test('epochs go up with every start, published or not', async () => {
  await open();
  await open();
  expect((await open()).recovered.nextEpoch).toBe(3);
});

test('a slow disk keeps segments in the window, and the metric says so', async () => {
  let letGo = (): void => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slow: Disk = {
    ...nodeDisk,
    writeFile: async (path, pieces) => {
      await gate;
      await nodeDisk.writeFile(path, pieces);
    },
  };
  const registry = new Registry();
  const archive = await open({ disk: slow, registry });
  const packager = record(archive, 48 * 30);
  const waiting = await registry.getSingleMetric('rostrum_archive_queue_segments')?.get();
  expect(waiting?.values[0]?.value).toBe(90);
  expect(packager.window('hi')?.segments[0]?.msn).toBe(1);
  letGo();
  await archive.drained();
  expect(packager.window('hi')?.segments[0]?.msn).toBeGreaterThan(15);
  expect(archive.queueLength).toBe(0);
});

test('a disk that fails is tried again, and nothing is doubled or missing', async () => {
  let failures = 3;
  const failing: Disk = {
    ...nodeDisk,
    writeTail: async (path, position, bytes) => {
      if (failures > 0 && position > 0) {
        failures -= 1;
        // Half of it arrives before it fails.
        await nodeDisk.writeTail(path, position, bytes.subarray(0, bytes.byteLength >> 1));
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      }
      await nodeDisk.writeTail(path, position, bytes);
    },
  };
  const registry = new Registry();
  const archive = await open({ disk: failing, registry });
  record(archive, 48 * 2);
  await archive.drained();
  const { entries, unreadable } = await journalOf();
  expect(unreadable).toBe(0);
  const segments = entries.flatMap((entry) =>
    entry.type === 'segment' ? [`${entry.rendition} ${entry.msn}`] : [],
  );
  expect(segments.sort()).toEqual(['audio 1', 'audio 2', 'hi 1', 'hi 2', 'lo 1', 'lo 2']);
  const counted = await registry.getSingleMetric('rostrum_archive_failures_total')?.get();
  expect(counted?.values[0]?.value).toBe(3);
});

test('a queue that is full gives up its oldest segment as a gap: memory is bounded', async () => {
  let letGo = (): void => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const stuck: Disk = {
    ...nodeDisk,
    makeFolder: async (path) =>
      path.endsWith('show') ? nodeDisk.makeFolder(path) : gate.then(() => nodeDisk.makeFolder(path)),
  };
  const registry = new Registry();
  const archive = await open({ disk: stuck, registry, maxQueuedSegments: 6 });
  record(archive, 48 * 6);
  letGo();
  await archive.drained();
  const lost = await registry.getSingleMetric('rostrum_archive_lost_segments_total')?.get();
  expect(lost?.values[0]?.value).toBeGreaterThan(0);
  const again = await open();
  const gaps = [...again.recovered.segments.values()]
    .flat()
    .filter((segment) => segment.parts.every((part) => part.gap));
  expect(gaps.length).toBe(lost?.values[0]?.value);
  await archive.end();
  const recorded = await Promise.all(
    LADDER.map(async ({ name }) =>
      strictParse(await readFile(join(archiveDir, 'show', `${name}.m3u8`), 'utf8')),
    ),
  );
  const files = recorded.flatMap(({ segments }) => segments.map(({ uri }) => uri));
  // Nothing is a gap in the recording: what one rendition lost, the other has, or nobody.
  expect(recorded.flatMap(({ segments }) => segments.filter(({ gap }) => gap))).toEqual([]);
  for (const file of files)
    expect(
      (await readFile(join(archiveDir, 'show', file.replace('../../live/show/', '')))).byteLength,
    ).toBeGreaterThan(0);
});

test('a channel does not go on with other renditions or part lengths', async () => {
  const archive = await open();
  await archive.drained();
  const other = openChannelArchive({
    archiveDir,
    channelId: 'show',
    profile: PROFILES.fast,
    ladder: LADDER,
    logger: silentLogger,
    metrics: archiveMetrics(new Registry()),
    nowUnixMs: () => 0,
  });
  await expect(other).rejects.toMatchObject({ code: 'channel-mismatch', channelId: 'show' });
});

test('lines that cannot be read are left out with a warning', async () => {
  await mkdir(join(archiveDir, 'show'));
  await writeFile(
    join(archiveDir, 'show', 'journal.jsonl'),
    'garbage\n{"type":"epoch","epoch":7}\n{"type":"epoch"}\n',
  );
  const logger = recordingLogger();
  const archive = await openChannelArchive({
    archiveDir,
    channelId: 'show',
    profile,
    ladder: LADDER,
    logger,
    metrics: archiveMetrics(new Registry()),
    nowUnixMs: () => 0,
  });
  expect(archive.recovered.nextEpoch).toBe(8);
  expect(logger.lines).toEqual([['warn', { channelId: 'show', lines: 2 }, expect.any(String)]]);
});

test('a channel on which nothing was shown ends without a recording', async () => {
  const archive = await open();
  expect(await archive.end()).toEqual({ durationMs: 0, segmentCount: 0 });
  await expect(readFile(join(archiveDir, 'show', 'multivariant.m3u8'))).rejects.toMatchObject({
    code: 'ENOENT',
  });
});

test('[LL9] the end makes a recording of the same files, and it is served with ranges', async () => {
  const house = await House.open();
  try {
    house.feedTo(48 * 3);
    house.restartCompositor(ZERO_UNIX_MS + 20_000);
    house.feedTo(60);
    const end = await house.output.end();
    expect(end).toEqual({
      durationMs: 3 * 1920 + 2400,
      segmentCount: 5,
      recordingPath: '/recordings/show/multivariant.m3u8',
    });
    expect(house.output.status()).toMatchObject({ state: 'ended', lastMsn: 5, archiveQueueLength: 0 });
    const multivariant = await house.text(end.recordingPath);
    expect(multivariant).toContain('\nhi.m3u8\n');
    const text = await house.text('/recordings/show/hi.m3u8');
    const playlist = strictParse(text);
    expect(playlist.segments.map((segment) => [segment.uri, segment.discontinuity ?? false])).toEqual([
      ['../../live/show/hi/e1/s1.mp4', false],
      ['../../live/show/hi/e1/s2.mp4', false],
      ['../../live/show/hi/e1/s3.mp4', false],
      ['../../live/show/hi/e2/s4.mp4', true],
      ['../../live/show/hi/e2/s5.mp4', false],
    ]);
    const pathOf = (uri: string): string => new URL(uri, 'http://any/recordings/show/hi.m3u8').pathname;
    const live = await Promise.all(playlist.segments.map(({ uri }) => house.get(pathOf(uri))));
    house.origin.removeChannel('show');
    for (const [i, { uri }] of playlist.segments.entries()) {
      const recorded = await house.get(pathOf(uri));
      expect([recorded.status, recorded.body.equals(live[i]?.body ?? Buffer.of())]).toEqual([200, true]);
    }
    const whole = (await house.get('/live/show/hi/e1/s1.mp4')).body;
    const slice = await house.get('/live/show/hi/e1/s1.mp4', { headers: { range: 'bytes=4-99' } });
    expect([slice.status, slice.body.equals(whole.subarray(4, 100))]).toEqual([206, true]);
    expect((await house.get('/live/show/hi/e1/init.mp4')).headers['cache-control']).toContain('immutable');
    expect(await house.output.end()).toEqual(end);
  } finally {
    await house.close();
  }
});
