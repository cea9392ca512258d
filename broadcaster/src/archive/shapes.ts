/** The shapes of all recordings of a folder: said by the coordinator, kept on disk, and told again so that nothing is missed. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RostrumError } from '@rostrum/contracts/errors';
import { Id } from '@rostrum/contracts/ids';
import { NO_SHAPE, type RecordingShape } from '@rostrum/contracts/recording';
import type { Logger } from '@rostrum/service-kit/logger';
import { type Disk, nodeDisk } from './disk.ts';
import { endOf } from './ended.ts';
import { JOURNAL_NAME } from './journal.ts';
import { readRecording, writeRecordingFiles } from './recording-files.ts';
import { readShape, writeShape } from './shape.ts';

export interface ShapesOptions {
  readonly archiveDir: string;
  readonly logger: Logger;
  readonly disk?: Disk;
  /** What has to follow it besides; a shape holds once that is done, and is said again where it fails. */
  readonly follow?: (channelId: string, shape: RecordingShape) => Promise<void>;
  /** A recording's files were made anew. */
  readonly changed?: (channelId: string) => void;
}

export class Shapes {
  readonly #options: ShapesOptions;
  readonly #disk: Disk;
  /** Of channels that run: what the growing recording goes by. */
  readonly #running = new Map<string, RecordingShape>();
  /** Of all recordings, those first that are to be told first. */
  #revisions = new Map<string, number>();

  constructor(options: ShapesOptions) {
    this.#options = options;
    this.#disk = options.disk ?? nodeDisk;
  }

  /** A channel begins, or goes on: its shape is known from here on without a look at the disk. */
  async begun(channelId: string): Promise<void> {
    const shape = await readShape(this.#folderOf(channelId));
    this.#running.set(channelId, shape);
    this.#tellFirst(channelId, shape.revision);
  }

  /** Nobody looks at it as a running one any more. */
  over(channelId: string): void {
    this.#running.delete(channelId);
  }

  /** Its files are gone. */
  gone(channelId: string): void {
    this.#running.delete(channelId);
    this.#revisions.delete(channelId);
  }

  /** Of a running channel; of others what nobody has said anything of. */
  now(channelId: string): RecordingShape {
    return this.#running.get(channelId) ?? NO_SHAPE;
  }

  /**
   * Resolves once it is so, durably, with the revision that holds: a later one stays. Call while nothing else is done with the
   * channel. Rejects with `not-found`, or the file system's error; then it may be so in part, and is to be said again.
   */
  async set(channelId: string, shape: RecordingShape): Promise<number> {
    const folder = this.#folderOf(channelId);
    const ended = await endOf(join(folder, JOURNAL_NAME));
    if (ended === null) {
      this.gone(channelId);
      throw new RostrumError('not-found', `nothing is recorded of ${channelId}`);
    }
    const known = this.#running.get(channelId) ?? (await readShape(folder));
    if (known.revision < shape.revision) {
      await this.#options.follow?.(channelId, shape);
      // Its own files last: what was made in part is told as the revision before, and made again.
      if (ended !== 'open') await this.#reshape(channelId, folder, shape);
      await writeShape(this.#disk, folder, shape);
      if (this.#running.has(channelId)) this.#running.set(channelId, shape);
      if (ended !== 'open') this.#options.changed?.(channelId);
    }
    const revision = Math.max(known.revision, shape.revision);
    this.#tellFirst(channelId, revision);
    return revision;
  }

  /** Looks through the folder, one recording after the other. What cannot be read is told, and left out. */
  async find(): Promise<void> {
    const { archiveDir, logger } = this.#options;
    for (const name of await readdir(archiveDir)) {
      if (!Id.safeParse(name).success || this.#revisions.has(name)) continue;
      try {
        const folder = this.#folderOf(name);
        if ((await endOf(join(folder, JOURNAL_NAME))) === null) continue;
        const { revision } = await readShape(folder);
        if (!this.#revisions.has(name)) this.#revisions.set(name, revision);
      } catch (error) {
        logger.warn({ err: error, channelId: name }, 'what this recording is to be is not known');
      }
    }
  }

  /** Ids of all recordings that were found. */
  get all(): readonly string[] {
    return [...this.#revisions.keys()];
  }

  /** At most so many; others the next time, all of them in turn. */
  some(atMost: number): { channelId: string; revision: number }[] {
    const named = [...this.#revisions].slice(0, atMost);
    for (const [channelId, revision] of named) {
      this.#revisions.delete(channelId);
      this.#revisions.set(channelId, revision);
    }
    return named.map(([channelId, revision]) => ({ channelId, revision }));
  }

  async #reshape(channelId: string, folder: string, shape: RecordingShape): Promise<void> {
    const recording = await readRecording(folder, shape.cuts);
    if (!recording) return;
    await writeRecordingFiles(this.#disk, folder, recording, shape);
    const { published, cuts, revision } = shape;
    this.#options.logger.info(
      { channelId, published, cuts: cuts.length, revision, durationMs: recording.durationMs },
      'a recording has a new shape',
    );
  }

  #tellFirst(channelId: string, revision: number): void {
    this.#revisions.delete(channelId);
    this.#revisions = new Map([[channelId, revision], ...this.#revisions]);
  }

  #folderOf(channelId: string): string {
    return join(this.#options.archiveDir, channelId);
  }
}
