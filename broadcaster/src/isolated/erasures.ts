/**
 * Wishes that isolated tracks be deleted, carried out. Level-triggered: what is wished is in a recording's shape, what was done in
 * the journal of its tracks; whoever compares them finds what is left, in this process or the next.
 */
import { join } from 'node:path';
import type { Logger } from '@rostrum/service-kit/logger';
import { ChannelRounds } from '../archive/channel-rounds.ts';
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

export class TrackErasures {
  readonly #options: TrackErasuresOptions;
  readonly #rounds: ChannelRounds;
  /** By channel: what was told of it already. */
  readonly #troubles = new Map<string, string>();

  constructor(options: TrackErasuresOptions) {
    this.#options = options;
    this.#rounds = new ChannelRounds({
      work: (channelId) => this.#work(channelId),
      failed: (channelId, error) => {
        if (this.#troubles.get(channelId) !== String(error))
          options.logger.error(
            { err: error, channelId },
            'isolated tracks cannot be deleted yet, trying again',
          );
        this.#troubles.set(channelId, String(error));
      },
      lookIntervalMs: options.lookIntervalMs,
    });
  }

  /** Something may be wished of this one's tracks. It waits for the channel's end. */
  want(channelId: string): void {
    this.#rounds.want(channelId);
  }

  /** May something be left to delete? */
  waits(channelId: string): boolean {
    return this.#rounds.waits(channelId);
  }

  /** What is not done is found by the next process. Idempotent. */
  close(): Promise<void> {
    return this.#rounds.close();
  }

  async #work(channelId: string): Promise<'done' | 'not-yet'> {
    const open = (await this.#end(channelId)) === 'open';
    if (!open) await this.#options.inTurn(channelId, () => this.#erase(channelId));
    this.#troubles.delete(channelId);
    return open ? 'not-yet' : 'done';
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
