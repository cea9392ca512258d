/**
 * Wishes that isolated tracks be deleted, carried out. Level-triggered: what is wished is in a recording's shape, what was done in
 * the journal of its tracks; whoever compares them finds what is left, in this process or the next.
 */
import { join } from 'node:path';
import { Drain } from '@rostrum/service-kit/drain';
import type { Logger } from '@rostrum/service-kit/logger';
import type { Disk } from '../archive/disk.ts';
import { endOf } from '../archive/ended.ts';
import { JOURNAL_NAME } from '../archive/journal.ts';
import { readShape } from '../archive/shape.ts';
import { eraseTracks } from './erase.ts';

export interface TrackErasuresOptions {
  readonly archiveDir: string;
  /** Runs a task while nothing else is done with the channel. */
  readonly inTurn: (channelId: string, task: () => Promise<void>) => Promise<void>;
  /** Writes where there may be no room left. */
  readonly withRoom?: <T>(work: () => Promise<T>) => Promise<T>;
  /** What was wished of this one is off the disk; of copies nothing is known. May be told again. */
  readonly erased?: (channelId: string) => void;
  readonly logger: Logger;
  readonly disk?: Disk;
  /** How often a channel that goes on is looked at, and what failed is tried again. Default: 1 s. */
  readonly lookIntervalMs?: number;
}

const LOOK_INTERVAL_MS = 1000;

export class TrackErasures {
  readonly #options: TrackErasuresOptions;
  readonly #wanted = new Set<string>();
  readonly #drain = new Drain(() => this.#eraseAll());
  readonly #timer: NodeJS.Timeout;
  /** By channel: what was told of it already. */
  readonly #troubles = new Map<string, string>();
  #erasing: string | null = null;
  #closed = false;

  constructor(options: TrackErasuresOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      if (this.#wanted.size > 0) this.#drain.wake();
    }, options.lookIntervalMs ?? LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Something may be wished of this one's tracks. It waits for the channel's end. */
  want(channelId: string): void {
    this.#wanted.add(channelId);
    this.#drain.wake();
  }

  /** May something be left to delete? */
  waits(channelId: string): boolean {
    return this.#wanted.has(channelId) || this.#erasing === channelId;
  }

  /** What is not done is found by the next process. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#drain.settled();
  }

  async #eraseAll(): Promise<void> {
    const { inTurn, logger } = this.#options;
    for (const channelId of [...this.#wanted]) {
      if (this.#closed) return;
      // What is wished meanwhile is wanted again.
      this.#wanted.delete(channelId);
      this.#erasing = channelId;
      try {
        if ((await this.#end(channelId)) === 'open') this.#wanted.add(channelId);
        else await inTurn(channelId, () => this.#erase(channelId));
        this.#troubles.delete(channelId);
      } catch (error) {
        this.#wanted.add(channelId);
        if (this.#troubles.get(channelId) !== String(error))
          logger.error({ err: error, channelId }, 'isolated tracks cannot be deleted yet, trying again');
        this.#troubles.set(channelId, String(error));
      } finally {
        this.#erasing = null;
      }
    }
  }

  /** Its journal has an end once nobody records its tracks, and they are in order. */
  #end(channelId: string): ReturnType<typeof endOf> {
    return endOf(join(this.#options.archiveDir, channelId, JOURNAL_NAME));
  }

  async #erase(channelId: string): Promise<void> {
    const { archiveDir, disk, erased, logger, withRoom = (work) => work() } = this.#options;
    if ((await this.#end(channelId)) === null) return; // it was deleted
    const folder = join(archiveDir, channelId);
    const { erase } = await readShape(folder);
    if (erase.length === 0) return;
    const files = await withRoom(() => eraseTracks(folder, channelId, erase, disk));
    if (files > 0)
      logger.info({ channelId, files }, 'isolated tracks were deleted, as who is in them wishes');
    erased?.(channelId);
  }
}
