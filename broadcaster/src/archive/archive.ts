/**
 * A channel's files: every init and closed segment, durable before it may leave the live window, and the journal. The
 * recording plays what is durable, and grows with it; at the end its playlists are files too.
 */
import { dirname, join } from 'node:path';
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import type { Logger } from '@rostrum/service-kit/logger';
import type { Part, Recording, Segment } from '../packager/index.ts';
import { initName } from '../packager/names.ts';
import { type Disk, nodeDisk } from './disk.ts';
import {
  formatEntry,
  JOURNAL_NAME,
  type Journal,
  type JournalEntry,
  readJournal,
  segmentEntry,
} from './journal.ts';
import type { ArchiveMetrics } from './metrics.ts';
import { ladderOf, profileOf } from './older.ts';
import { readRecording, writeRecordingFiles } from './recording-files.ts';
import { type Recovered, recordingOf, recover } from './recovery.ts';
import { readShape } from './shape.ts';
import { readSpools, Spool, type SpooledSegment } from './spool.ts';
import { WriteQueue } from './write-queue.ts';

/**
 * `channel-mismatch`: the folder holds a channel with other renditions or part lengths, which are frozen for its life.
 * `no-beginning`: there is a journal, and what the channel was begun with cannot be read of it.
 */
export class ArchiveError extends Error {
  readonly code: 'channel-mismatch' | 'no-beginning';
  readonly channelId: string;

  constructor(code: ArchiveError['code'], channelId: string, message: string) {
    super(message);
    this.name = 'ArchiveError';
    this.code = code;
    this.channelId = channelId;
  }
}

export interface ChannelArchiveOptions {
  readonly archiveDir: string;
  readonly channelId: string;
  readonly profile: LatencyProfile;
  readonly ladder: readonly Rendition[];
  readonly logger: Logger;
  readonly metrics: ArchiveMetrics;
  readonly nowUnixMs: () => number;
  /** Default 2,000: about a quarter of an hour of four renditions. */
  readonly maxQueuedSegments?: number;
  readonly disk?: Disk;
  /** Whether what comes is held: shown, and not recorded. Default: as it was, and recorded in a new channel. */
  readonly held?: boolean;
  /** The channel's, where it was read already (`begunWith`): of an hour it is megabytes. */
  readonly journal?: Journal;
}

export interface RecordingSummary {
  /** Programme milliseconds that some rendition has. */
  readonly durationMs: number;
  readonly segmentCount: number;
}

/** One channel's archive, open for writing by this process alone. */
export interface ChannelArchive {
  readonly folder: string;
  /** What earlier runs left; an empty channel the first time. */
  readonly recovered: Recovered;
  /** Closed segments that are not durable yet. */
  readonly queueLength: number;
  /** The disk takes nothing since then, Unix ms; null: it does. */
  readonly failingSinceUnixMs: number | null;
  /** Of all that is durable. null once its playlists are files. */
  readonly recording: Recording | null;
  /** Whether segments that are not opened yet are held: shown, and not recorded. */
  readonly held: boolean;
  /** All from this one on, which no rendition has opened, are held or recorded. In the journal before any of them. */
  turn(fromMsn: number, held: boolean): void;
  epochBegan(epoch: number): void;
  addInit(init: { rendition: string; epoch: number; data: Uint8Array; codecs: string }): void;
  segmentOpened(segment: Segment): void;
  /** Every part as it is published: what is open when the process is killed is not lost with it. */
  addPart(rendition: string, segment: Segment, part: Part): void;
  /**
   * `durable` is called once file, folder and journal line are; `lost` when the disk was away for so long that the segment is
   * not waited for any more: it is not kept in memory then, and the recording leaves it out. So it is with one that is held, at once.
   */
  addSegment(rendition: string, segment: Segment, durable: () => void, lost?: () => void): void;
  /** A file of the isolated tracks that is on disk, for whoever reads the journal. One that was told before changes nothing. */
  addTrackFile(file: string, byteLength: number | null): void;
  /**
   * Everything durable, VOD playlists written, the journal closed by an `end` line. Idempotent. @param tracks that line waits until
   * what the journal is to have of isolated tracks was told; must not reject. The recording does not wait.
   */
  end(tracks?: Promise<void>): Promise<RecordingSummary>;
  /** Resolves when all that was added is durable. */
  drained(): Promise<void>;
}

/** Opens a channel's folder, makes it when it is new, and mends what a crash left (torn line, lost segments). */
export async function openChannelArchive(options: ChannelArchiveOptions): Promise<ChannelArchive> {
  const { archiveDir, channelId, profile, ladder, logger } = options;
  const disk = options.disk ?? nodeDisk;
  const folder = join(archiveDir, channelId);
  await disk.makeFolder(folder);
  // It may be there from a run that ended before its name was durable.
  await disk.syncFolder(archiveDir);
  const journal = options.journal ?? (await readJournal(join(folder, JOURNAL_NAME)));
  if (journal.unreadable > 0) {
    logger.warn({ channelId, lines: journal.unreadable }, 'journal lines could not be read and are left out');
  }
  checkSameChannel(options, journal.entries);
  const spooled = await readSpools(
    folder,
    ladder.map(({ name }) => name),
  );
  const recovered = recover(journal.entries, profile, ladder, spooled);
  const opening: JournalEntry[] = [];
  if (journal.entries.length === 0) {
    opening.push({
      type: 'channel',
      version: 1,
      channelId,
      profile: profile.name,
      partMs: profile.partMs,
      segmentMs: profile.segmentMs,
      renditions: ladder.map(({ name }) => name),
      ladder: [...ladder],
    });
  }
  for (const { rendition, segment } of recovered.filled) {
    if (recovered.ended) break;
    const entry = segmentEntry(rendition, segment);
    opening.push(entry);
    if (entry.file === undefined) continue;
    const path = join(folder, entry.file);
    await disk.writeFile(
      path,
      segment.parts.flatMap((part) => (part.data ? [part.data] : [])),
    );
    await disk.syncFolder(dirname(path));
  }
  const turned = options.held !== undefined && options.held !== recovered.held.now;
  if (turned && !recovered.ended) {
    recovered.held.turn(recovered.nextMsn, options.held);
    opening.push({ type: options.held ? 'hold' : 'record', fromMsn: recovered.nextMsn });
  }
  opening.push({ type: 'run', firstEpoch: recovered.nextEpoch, startedUnixMs: options.nowUnixMs() });
  const lines = new TextEncoder().encode(opening.map(formatEntry).join(''));
  // Also cuts off a torn last line. An ended channel is only read.
  if (!recovered.ended) await disk.writeTail(join(folder, JOURNAL_NAME), journal.length, lines);
  await disk.syncFolder(folder);
  for (const { segment } of recovered.filled) {
    for (const part of segment.parts) part.data = undefined; // from here on it is read from the file
  }
  const queue = new WriteQueue({
    folder,
    disk,
    journalLength: journal.length + lines.byteLength,
    logger,
    metrics: options.metrics,
    maxSegments: options.maxQueuedSegments ?? 2000,
    nowUnixMs: options.nowUnixMs,
  });
  const tracks = journal.entries.flatMap((entry) => (entry.type === 'track' ? [entry.file] : []));
  const archive = new Archive(options, folder, disk, recovered, queue, new Set(tracks));
  archive.removeSpools(spooled);
  return archive;
}

/**
 * What a channel was begun with, which is not what is begun today: the journal tells it. null: nothing was begun. Throws an
 * `ArchiveError` `no-beginning`, or the file system's error.
 */
export async function begunWith(
  archiveDir: string,
  channelId: string,
): Promise<Required<Pick<ChannelArchiveOptions, 'profile' | 'ladder' | 'journal'>> | null> {
  const folder = join(archiveDir, channelId);
  const journal = await readJournal(join(folder, JOURNAL_NAME));
  const { entries, length } = journal;
  if (length === 0) return null;
  const first = entries.find((entry) => entry.type === 'channel');
  if (!first) {
    throw new ArchiveError(
      'no-beginning',
      channelId,
      `the journal of channel ${channelId} does not say what it was begun with: its first line is missing or damaged`,
    );
  }
  const ladder = first.ladder ?? (await ladderOf(folder, first, entries));
  return { profile: profileOf(first), ladder, journal };
}

class Archive implements ChannelArchive {
  readonly folder: string;
  readonly recovered: Recovered;
  readonly #options: ChannelArchiveOptions;
  readonly #disk: Disk;
  readonly #queue: WriteQueue;
  readonly #recording: Recording;
  #written = false;
  /** The journal has its last line, or will. */
  #ending = false;
  readonly #opened = new Set<number>();
  readonly #spool: Spool;
  /** Files of isolated tracks that the journal has. */
  readonly #trackFiles: Set<string>;
  #summary: Promise<RecordingSummary> | undefined;

  constructor(
    options: ChannelArchiveOptions,
    folder: string,
    disk: Disk,
    recovered: Recovered,
    queue: WriteQueue,
    trackFiles: Set<string>,
  ) {
    this.#options = options;
    this.#trackFiles = trackFiles;
    this.folder = folder;
    this.#disk = disk;
    this.recovered = recovered;
    this.#queue = queue;
    this.#spool = new Spool(folder, (error) => {
      options.metrics.failures.inc();
      options.logger.error({ err: error, channelId: options.channelId }, 'part could not be spooled');
    });
    this.#recording = recordingOf(recovered, options.profile, options.ladder, options.channelId);
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  get failingSinceUnixMs(): number | null {
    return this.#queue.failingSinceUnixMs;
  }

  get recording(): Recording | null {
    return this.#written ? null : this.#recording;
  }

  get held(): boolean {
    return this.recovered.held.now;
  }

  turn(fromMsn: number, held: boolean): void {
    this.recovered.held.turn(fromMsn, held);
    this.#queue.push({ entry: { type: held ? 'hold' : 'record', fromMsn } });
  }

  epochBegan(epoch: number): void {
    this.#queue.push({ entry: { type: 'epoch', epoch } });
  }

  addInit({
    rendition,
    epoch,
    data,
    codecs,
  }: {
    rendition: string;
    epoch: number;
    data: Uint8Array;
    codecs: string;
  }): void {
    this.#recording.setCodecs(rendition, codecs);
    const file = initName(rendition, epoch);
    this.#queue.push({
      file: { name: file, pieces: [data] },
      entry: { type: 'init', rendition, epoch, file, codecs },
    });
  }

  segmentOpened({ msn, epoch, discontinuity, programDateTimeMs }: Segment): void {
    if (this.#opened.has(msn)) return; // the first rendition to open it speaks for all
    this.#opened.add(msn);
    this.#queue.push({ entry: { type: 'open', msn, epoch, discontinuity, programDateTimeMs } });
  }

  addPart(rendition: string, segment: Segment, part: Part): void {
    // Its number is used, which the first part tells; more of it nobody needs.
    if (part.index > 0 && this.recovered.held.has(segment.msn)) return;
    this.#spool.add(rendition, segment, part);
  }

  /** Of an earlier run, now that their segments are durable. */
  removeSpools(spooled: readonly SpooledSegment[]): void {
    for (const segment of spooled) this.#spool.remove(segment.rendition, segment);
  }

  addSegment(rendition: string, segment: Segment, durable: () => void, lost = (): void => {}): void {
    if (this.recovered.held.has(segment.msn)) {
      this.#opened.delete(segment.msn - 2);
      this.#spool.remove(rendition, segment);
      lost();
      return;
    }
    const entry = segmentEntry(rendition, segment);
    const pieces = segment.parts.flatMap((part) => (part.data ? [part.data] : []));
    const file = entry.file === undefined ? undefined : { name: entry.file, pieces };
    this.#opened.delete(segment.msn - 2);
    const done = (written: JournalEntry): void => {
      const gone = entry.file !== undefined && 'parts' in written && written.file === undefined;
      const parts = gone
        ? segment.parts.map((part) => ({ ...part, gap: true, byteLength: 0, data: undefined }))
        : segment.parts;
      this.#recording.add(rendition, { ...segment, parts });
      this.#spool.remove(rendition, segment);
      if (!gone) durable();
    };
    this.#queue.push({ file, entry, done, givenUp: lost });
  }

  addTrackFile(file: string, byteLength: number | null): void {
    // What may change is told each time.
    if (this.recovered.ended || this.#ending || (byteLength !== null && this.#trackFiles.has(file))) return;
    this.#trackFiles.add(file);
    this.#queue.push({ entry: { type: 'track', file, ...(byteLength === null ? {} : { byteLength }) } });
  }

  async drained(): Promise<void> {
    await this.#queue.drained();
    await this.#spool.drained();
  }

  end(tracks: Promise<void> = Promise.resolve()): Promise<RecordingSummary> {
    this.#summary ??= this.#end(tracks);
    return this.#summary;
  }

  async #end(tracks: Promise<void>): Promise<RecordingSummary> {
    await this.drained();
    const recording = this.#recording;
    recording.finish();
    await this.#queue.untilWritten(() => this.#writeFiles(recording));
    this.#written = true;
    if (!this.recovered.ended) {
      await tracks;
      this.#ending = true;
      this.#queue.push({ entry: { type: 'end', endedUnixMs: this.#options.nowUnixMs() } });
      await this.#queue.drained();
    }
    return { durationMs: recording.durationMs, segmentCount: recording.segmentCount };
  }

  /** As the coordinator said it is to be: what was cut while the channel went on is cut now. */
  async #writeFiles(whole: Recording): Promise<void> {
    const shape = await readShape(this.folder);
    const cut = shape.cuts.length > 0 ? await readRecording(this.folder, shape.cuts) : null;
    await writeRecordingFiles(this.#disk, this.folder, cut ?? whole, shape);
  }
}

function checkSameChannel(
  { channelId, profile, ladder }: ChannelArchiveOptions,
  entries: readonly JournalEntry[],
): void {
  const first = entries.find((entry) => entry.type === 'channel');
  if (!first) return;
  const names = ladder.map(({ name }) => name);
  const same =
    first.partMs === profile.partMs &&
    first.segmentMs === profile.segmentMs &&
    first.renditions.join(' ') === names.join(' ');
  if (same) return;
  throw new ArchiveError(
    'channel-mismatch',
    channelId,
    `channel ${channelId} was begun with profile ${first.profile} and renditions ${first.renditions.join(', ')}; ` +
      `it cannot go on with ${profile.name} and ${names.join(', ')}`,
  );
}
