/**
 * Mends one recording: what is missing comes from the bucket where it is there, what is lost is said to be lost, and the playlists are
 * written anew, so that players go around it. Bytes that are there stay there. Who calls it holds the archive's lock.
 */
import { createHash } from 'node:crypto';
import { appendFile, open, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '@rostrum/service-kit/logger';
import { Registry } from 'prom-client';
import { begunWith, openChannelArchive } from '../archive.ts';
import { nodeDisk } from '../disk.ts';
import { formatEntry, JOURNAL_NAME, type JournalEntry, type SegmentEntry } from '../journal.ts';
import { archiveMetrics } from '../metrics.ts';
import { END, PUBLISHED_NAME, parsePublished } from '../publish/published.ts';
import { objectOfFile } from '../publish/wanted.ts';
import type { BucketReader } from './bucket.ts';
import { type InspectOptions, inspect } from './inspect.ts';
import { readJournaled, readPublished } from './journaled.ts';

export type Change =
  | { readonly kind: 'fetched'; readonly file: string; readonly bytes: number }
  /** The recording goes around it from now on. */
  | {
      readonly kind: 'given-up';
      readonly rendition: string;
      readonly msn: number;
      readonly durationMs: number;
    }
  | { readonly kind: 'cut-torn-line'; readonly bytes: number }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'wrote-playlists' }
  | { readonly kind: 'copies-again'; readonly files: number };

export interface RepairOptions extends InspectOptions {
  /** Gives one that was never ended its end. */
  readonly end: boolean;
  /** Says what it would do, and does nothing. */
  readonly dryRun: boolean;
  readonly logger: Logger;
  /** Each change when it is made. */
  readonly tell: (change: Change) => void;
}

/** It cannot be mended: somebody has to look. */
export class RepairError extends Error {
  readonly code = 'beyond-repair';
}

/** Resolves with how many changes there were. Rejects with `RepairError`, `PublishError`, or the file system's error. */
export async function repair(options: RepairOptions): Promise<number> {
  const { archiveDir, channelId, dryRun, bucket } = options;
  const folder = join(archiveDir, channelId);
  const report = await inspect(options);
  if (!report) throw new RepairError(`there is no recording ${channelId}`);
  const journal = await readJournaled(folder);
  if (!journal?.begun) {
    const what = journal ? 'the first line of its journal is missing or damaged' : 'it has no journal';
    throw new RepairError(`${what}: what its files are is not known, and they are left as they are`);
  }
  let changes = 0;
  const change = async (what: Change, make: () => Promise<void>): Promise<void> => {
    if (!dryRun) await make();
    changes += 1;
    options.tell(what);
  };

  const kinds = new Set(report.findings.map(({ kind }) => kind));
  const gone = new Set<string>();
  for (const finding of report.findings) {
    if (finding.kind !== 'missing' && finding.kind !== 'short' && finding.kind !== 'damaged') continue;
    const { file } = finding;
    const bytes = bucket && (await goodCopy(folder, channelId, file, bucket, journal.segments));
    if (!bytes) gone.add(file);
    else {
      await change({ kind: 'fetched', file, bytes: bytes.byteLength }, async () => {
        const path = join(folder, file);
        await nodeDisk.makeFolder(dirname(path), folder);
        await nodeDisk.replaceFile(path, [bytes]);
      });
    }
  }
  // Of bytes that changed since they were copied nothing better is known: they stay.
  for (const finding of report.findings) if (finding.kind === 'damaged') gone.delete(finding.file);

  if (journal.tornBytes > 0 && (journal.ended || kinds.has('torn-journal'))) {
    await change({ kind: 'cut-torn-line', bytes: journal.tornBytes }, () => cutTornLine(folder));
  }
  const lost = journal.segments.filter(
    ({ file, init }) => file !== undefined && (gone.has(file) || gone.has(init)),
  );
  if (lost.length > 0) {
    const lines: JournalEntry[] = [...lost.map(asGap), ...(journal.ended ? [journal.ended] : [])];
    if (!dryRun) await appendLines(folder, lines);
    for (const { rendition, msn, durationMs } of lost)
      await change({ kind: 'given-up', rendition, msn, durationMs }, async () => undefined);
  }
  const again = report.findings.filter(
    ({ kind }) => kind === 'not-in-bucket' || kind === 'other-in-bucket',
  ).length;
  if (again > 0 || (changes > 0 && journal.ended)) {
    const said = { kind: 'copies-again', files: again } as const;
    if (again > 0) await change(said, () => forgetCopies(folder, 'all'));
    else if (!dryRun) await forgetCopies(folder, 'end');
  }
  if (journal.ended || options.end) {
    const playlists = kinds.has('no-playlist') || kinds.has('unfinished-playlist');
    if (changes > 0 || playlists || !journal.ended) {
      if (!journal.ended) await change({ kind: 'ended' }, async () => undefined);
      await change({ kind: 'wrote-playlists' }, () => reopened(options, true));
    }
  } else if (changes > 0) {
    await change({ kind: 'recovered' }, () => reopened(options, false));
  }
  return changes;
}

/** What the bucket has of a file, where that is what it was; null: nothing, or something else. */
async function goodCopy(
  folder: string,
  channelId: string,
  file: string,
  bucket: BucketReader,
  segments: readonly SegmentEntry[],
): Promise<Buffer | null> {
  const bytes = await bucket.get(objectOfFile(channelId, file));
  if (!bytes || bytes.byteLength === 0) return null;
  const entry = segments.find((one) => one.file === file);
  const length = entry?.parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (length !== undefined && bytes.byteLength !== length) return null;
  const md5 = (await readPublished(folder)).get(file)?.md5;
  if (md5 !== undefined && createHash('md5').update(bytes).digest('hex') !== md5) return null;
  return bytes;
}

/** The line that the archive writes of what the disk did not take. */
function asGap({ file: _, ...entry }: SegmentEntry): SegmentEntry {
  const parts = entry.parts.map(({ durationMs }) => ({
    durationMs,
    byteLength: 0,
    independent: false,
    gap: true,
  }));
  return { ...entry, parts };
}

async function cutTornLine(folder: string): Promise<void> {
  const path = join(folder, JOURNAL_NAME);
  const journal = await readJournaled(folder);
  const file = await open(path, 'r+');
  try {
    await file.truncate((await file.stat()).size - (journal?.tornBytes ?? 0));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function appendLines(folder: string, entries: readonly JournalEntry[]): Promise<void> {
  await cutTornLine(folder);
  const path = join(folder, JOURNAL_NAME);
  await appendFile(path, entries.map(formatEntry).join(''), { flush: true });
}

/** `end`: playlists go up again; `all`: everything does. */
async function forgetCopies(folder: string, what: 'end' | 'all'): Promise<void> {
  const path = join(folder, PUBLISHED_NAME);
  if (what === 'all') return truncate(path, 0);
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return;
  try {
    const text = (await file.readFile()).toString();
    const start = text.lastIndexOf('\n', text.length - 2) + 1;
    if (parsePublished(text.slice(start)).at(-1)?.name === END)
      await file.truncate(Buffer.byteLength(text.slice(0, start)));
  } finally {
    await file.close();
  }
}

/** As a broadcaster that starts would: holes are filled, and, where it is over, its end and its playlists written. */
async function reopened(
  { archiveDir, channelId, logger, nowUnixMs }: RepairOptions,
  end: boolean,
): Promise<void> {
  const begun = await begunWith(archiveDir, channelId);
  if (!begun) throw new RepairError(`nothing of ${channelId} was begun`);
  const metrics = archiveMetrics(new Registry());
  const archive = await openChannelArchive({ ...begun, archiveDir, channelId, logger, metrics, nowUnixMs });
  if (end) await archive.end();
  else await archive.drained();
}
