/** Writes one source's chunks: what comes first is on disk first. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Drain } from '@rostrum/service-kit/drain';
import { writeWhole } from '../archive/disk.ts';
import type { Step } from './chunker.ts';
import type { ChunkEntry, OpenEntry } from './journal.ts';
import { chunkHeader, durationBytes } from './matroska.ts';
import type { TrackJournal } from './track-journal.ts';

/** What waits for a disk that is slow. Beyond it the chunk is given up. */
const MOST_WAITING_BYTES = 32 * 1024 * 1024;

export interface ChunkFilesOptions {
  readonly journal: TrackJournal;
  /** Of the file's title. */
  readonly title: string;
  /** Notes a new take. @returns its number */
  readonly beginTake: () => Promise<number>;
  /** Name of the next chunk's file without its end. Relative to the channel's folder. */
  readonly nextName: () => string;
  /** Of a chunk that is durable. */
  readonly onChunk: (entry: ChunkEntry) => void;
  /** The chunk that is open cannot be written any more: what follows of it is thrown away. */
  readonly onBroken: (error: unknown) => void;
}

interface Writing {
  readonly entry: OpenEntry;
  readonly file: FileHandle;
  readonly durationAt: number;
  /** Up to the end of the last whole cluster. */
  length: number;
}

export class ChunkFiles {
  readonly #options: ChunkFilesOptions;
  #steps: Step[] = [];
  #waitingBytes = 0;
  #writing: Writing | null = null;
  #take: number | null = null;
  /** Until the next chunk begins. */
  #broken = false;
  readonly #drain = new Drain(() => this.#work());

  constructor(options: ChunkFilesOptions) {
    this.#options = options;
  }

  push(steps: readonly Step[]): void {
    if (steps.length === 0) return;
    for (const step of steps) {
      this.#steps.push(step);
      if (step.is === 'cluster') this.#waitingBytes += step.bytes.byteLength;
    }
    if (this.#waitingBytes > MOST_WAITING_BYTES) {
      this.#steps = [];
      this.#waitingBytes = 0;
      this.#broken = true;
      this.#options.onBroken(new Error(`${MOST_WAITING_BYTES} bytes wait for the disk`));
    }
    this.#drain.wake();
  }

  /** Resolves when all that was pushed is on disk, or given up. */
  drained(): Promise<void> {
    return this.#drain.settled();
  }

  async #work(): Promise<void> {
    for (let step = this.#steps.shift(); step; step = this.#steps.shift()) {
      if (step.is === 'cluster') this.#waitingBytes -= step.bytes.byteLength;
      try {
        await this.#do(step);
      } catch (error) {
        this.#broken = true;
        await this.#giveUp();
        this.#options.onBroken(error);
      }
    }
  }

  async #do(step: Step): Promise<void> {
    switch (step.is) {
      case 'open':
        await this.#giveUp();
        this.#broken = false;
        await this.#open(step);
        return;
      case 'cluster':
        if (!this.#writing || this.#broken) return;
        await writeWhole(this.#writing.file, [step.bytes], this.#writing.length);
        this.#writing.length += step.bytes.byteLength;
        return;
      case 'close':
        if (this.#broken) return this.#giveUp();
        return this.#close(step.toMs, step.frames);
    }
  }

  async #open(step: Extract<Step, { is: 'open' }>): Promise<void> {
    const { journal, nextName, beginTake, title } = this.#options;
    if (step.newTake || this.#take === null) {
      this.#take = null;
      this.#take = await beginTake();
    }
    const { format, fromMs } = step;
    const file = `${nextName()}.${format.codec === 'H264' ? 'mkv' : 'webm'}`;
    const entry: OpenEntry = { type: 'open', take: this.#take, file, fromUnixMs: fromMs, size: format.size };
    await journal.add(entry);
    const path = join(journal.folder, file);
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, 'wx');
    const header = chunkHeader(format, fromMs, title);
    const writing: Writing = { entry, file: handle, durationAt: header.durationAt, length: 0 };
    this.#writing = writing;
    await writeWhole(handle, [header.bytes], 0);
    writing.length = header.bytes.byteLength;
  }

  async #close(toMs: number, frames: number): Promise<void> {
    const writing = this.#writing;
    if (!writing) return;
    const { entry, file, durationAt, length } = writing;
    await writeWhole(file, [durationBytes(toMs - entry.fromUnixMs)], durationAt);
    await file.sync();
    await file.close();
    this.#writing = null;
    await this.#options.journal.syncFolder(dirname(entry.file));
    const chunk: ChunkEntry = { ...entry, type: 'chunk', toUnixMs: toMs, frames, byteLength: length };
    await this.#options.journal.add(chunk);
    await this.#options.journal.sync();
    this.#options.onChunk(chunk);
  }

  /** What is whole of a chunk stays, and is found by `recoverTracks`. */
  async #giveUp(): Promise<void> {
    const writing = this.#writing;
    this.#writing = null;
    if (!writing) return;
    await writing.file.truncate(writing.length).catch(() => undefined);
    await writing.file.close().catch(() => undefined);
  }
}
