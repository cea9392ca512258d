/**
 * What waits for the disk, in order: files first, then the journal's lines about them, then word to whoever waits. A
 * batch that fails is written again as a whole, from memory; nothing is believed of a failed fsync.
 */
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Drain } from '@rostrum/service-kit/drain';
import type { Logger } from '@rostrum/service-kit/logger';
import type { Disk } from './disk.ts';
import { formatEntry, JOURNAL_NAME, type JournalEntry } from './journal.ts';
import type { ArchiveMetrics } from './metrics.ts';

export interface WriteJob {
  /** Relative to the channel's folder; absent when only the line is to be written. */
  readonly file?: { readonly name: string; readonly pieces: readonly Uint8Array[] } | undefined;
  readonly entry: JournalEntry;
  /** Called when file and line are durable, with the line as it was written: without its file when that was given up. */
  readonly done?: (written: JournalEntry) => void;
  /** Called as soon as the file is given up; `done` follows, when the line without it is durable. */
  readonly givenUp?: () => void;
}

export interface WriteQueueOptions {
  readonly folder: string;
  readonly disk: Disk;
  readonly journalLength: number;
  readonly logger: Logger;
  readonly metrics: ArchiveMetrics;
  /** Segments that may wait; beyond it the oldest are given up. */
  readonly maxSegments: number;
  readonly nowUnixMs: () => number;
}

const RETRY_DELAY_MS = 500;
/** What is written, or fails, together: where there is room for a little, a little is saved. */
const MAX_BATCH = 16;
const encoder = new TextEncoder();

export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #folders = new Set<string>();
  #jobs: WriteJob[] = [];
  #writing: readonly WriteJob[] = [];
  #journalLength: number;
  #failingSinceUnixMs: number | null = null;
  readonly #drain = new Drain(() => this.#writeAll());

  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#journalLength = options.journalLength;
  }

  /** Segments that are not on disk yet. */
  get length(): number {
    return segmentsIn(this.#jobs) + segmentsIn(this.#writing);
  }

  /** Nothing could be written since then; null: all is well, as far as anybody knows. */
  get failingSinceUnixMs(): number | null {
    return this.#failingSinceUnixMs;
  }

  push(job: WriteJob): void {
    this.#jobs.push(job);
    if (job.entry.type === 'segment') {
      this.#options.metrics.queue.inc();
      this.#shorten();
    }
    this.#drain.wake();
  }

  /** Resolves when all that was pushed before is durable. */
  drained(): Promise<void> {
    return this.#drain.settled();
  }

  async #writeAll(): Promise<void> {
    while (this.#jobs.length > 0) await this.#writeNext(this.#jobs.splice(0, MAX_BATCH));
  }

  /** Does it again and again, twice a second, until the disk takes it. For what is not queued: after `drained`. */
  async untilWritten(write: () => Promise<void>): Promise<void> {
    const { logger, metrics, nowUnixMs } = this.#options;
    for (;;) {
      try {
        await write();
        this.#failingSinceUnixMs = null;
        return;
      } catch (error) {
        metrics.failures.inc();
        if (this.#failingSinceUnixMs === null) {
          // Once; how long it lasts is in the metrics, and the console shows it.
          logger.error({ err: error, segments: this.length }, 'archive could not be written, trying again');
          this.#failingSinceUnixMs = nowUnixMs();
        }
        this.#folders.clear(); // what was made of them is not believed either
        await sleep(RETRY_DELAY_MS);
      }
    }
  }

  async #writeNext(batch: readonly WriteJob[]): Promise<void> {
    this.#writing = batch;
    await this.untilWritten(() => this.#write(batch));
    this.#writing = [];
    this.#options.metrics.queue.dec(segmentsIn(batch));
    for (const job of batch) job.done?.(job.entry);
  }

  async #write(batch: readonly WriteJob[]): Promise<void> {
    const { disk, folder, metrics } = this.#options;
    const touched = new Set<string>();
    let byteLength = 0;
    for (const { file } of batch) {
      if (!file) continue;
      const path = await this.#pathOf(file.name);
      await disk.writeFile(path, file.pieces);
      touched.add(dirname(path));
      for (const piece of file.pieces) byteLength += piece.byteLength;
    }
    for (const parent of touched) await disk.syncFolder(parent);
    const lines = encoder.encode(batch.map((job) => formatEntry(job.entry)).join(''));
    await disk.writeTail(join(folder, JOURNAL_NAME), this.#journalLength, lines);
    this.#journalLength += lines.byteLength;
    metrics.bytes.inc(byteLength);
  }

  async #pathOf(name: string): Promise<string> {
    const path = join(this.#options.folder, name);
    const parent = dirname(path);
    if (this.#folders.has(parent)) return path;
    const { disk, folder } = this.#options;
    await disk.makeFolder(parent, folder);
    // It may be there already, made by the spool, which syncs nothing: its name is made durable here all the same.
    for (let at = parent; at !== folder; at = dirname(at)) await disk.syncFolder(dirname(at));
    this.#folders.add(parent);
    return path;
  }

  /** Memory is bounded: with a disk that has been away for long, the oldest segments go, as gaps in the recording. */
  #shorten(): void {
    const { logger, maxSegments, metrics } = this.#options;
    if (segmentsIn(this.#jobs) <= maxSegments) return;
    const oldest = this.#jobs.findIndex((job) => job.entry.type === 'segment' && job.file);
    const job = this.#jobs[oldest];
    if (job?.entry.type !== 'segment') return; // all that wait were given up: lines alone, which weigh nothing
    const { file: _, ...entry } = job.entry;
    const parts = entry.parts.map((part) => ({ ...part, gap: true, independent: false, byteLength: 0 }));
    // The line stays, as a gap; it weighs nothing.
    this.#jobs[oldest] = {
      entry: { ...entry, parts },
      ...(job.done ? { done: job.done } : {}),
    };
    metrics.lost.inc();
    job.givenUp?.();
    logger.error({ msn: entry.msn, rendition: entry.rendition }, 'archive queue full, segment lost');
  }
}

const segmentsIn = (jobs: readonly WriteJob[]): number =>
  jobs.reduce((sum, job) => sum + (job.entry.type === 'segment' ? 1 : 0), 0);
