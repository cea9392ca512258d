/** What is done to a channel's copies in the bucket once all of it is there. */
import type { Backoff } from '@rostrum/service-kit/backoff';
import type { Logger } from '@rostrum/service-kit/logger';
import { ChannelRounds } from '../channel-rounds.ts';
import { Gate } from './gate.ts';
import type { PublishObject, PublishTarget } from './target.ts';

export interface CopiesOptions {
  readonly archiveDir: string;
  readonly target: PublishTarget;
  /** Is all of the channel in the bucket, so that nothing of it is on its way? */
  readonly complete: (channelId: string) => boolean;
  readonly logger: Logger;
  readonly backoff?: Backoff;
  readonly lookIntervalMs?: number;
}

/** The bucket, for one channel: each call is tried again until it succeeds, or nobody wants it any more. */
export interface Bucket {
  put(object: PublishObject): Promise<string>;
  remove(beginning: string): Promise<void>;
}

/** What is told of it: that the bucket fails, that it does no more, and that it could not be done for another reason. */
export interface CopiesWords {
  readonly failing: string;
  readonly again: string;
  readonly failed: string;
}

const BACKOFF: Backoff = { firstMs: 1000, maxMs: 30_000 };

export class Copies {
  readonly #rounds: ChannelRounds;
  readonly #gate: Gate;
  readonly #target: PublishTarget;

  /** @param work compares what is there with what should be, and makes it so */
  constructor(
    { target, complete, logger, backoff = BACKOFF, lookIntervalMs }: CopiesOptions,
    words: CopiesWords,
    work: (channelId: string, bucket: Bucket) => Promise<void>,
  ) {
    this.#target = target;
    this.#gate = new Gate({
      atOnce: 1,
      backoff,
      onFailure: (error, first) => {
        if (first) logger.warn({ err: error }, words.failing);
      },
      onRecovery: () => logger.info({}, words.again),
    });
    this.#rounds = new ChannelRounds({
      async work(channelId, signal) {
        if (!complete(channelId)) return 'not-yet';
        await work(channelId, bucketOf(signal)).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error; // else it is gone, or changes just now and is wanted again
        });
        return 'done';
      },
      failed: (channelId, error) => logger.error({ err: error, channelId }, words.failed),
      lookIntervalMs,
    });
    const bucketOf = (signal: AbortSignal): Bucket => ({
      put: (object) => this.#gate.run('later', (both) => target.put(object, both), signal),
      remove: (beginning) => this.#gate.run('later', (both) => target.remove(beginning, both), signal),
    });
  }

  /** It may have to be compared. */
  want(channelId: string): void {
    this.#rounds.want(channelId);
  }

  /** Is there something of it that may not be in the bucket as it should? */
  waits(channelId: string): boolean {
    return this.#rounds.waits(channelId);
  }

  /** All of the channel is removed by somebody else: nothing comes after this. */
  forget(channelId: string): Promise<void> {
    return this.#rounds.forget(channelId);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#gate.stop();
    await this.#rounds.close();
    this.#target.close();
  }
}
