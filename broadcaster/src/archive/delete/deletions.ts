/**
 * Recordings that are deleted: out of service at once, their end durable before anybody is told of it, and then worked on until
 * nothing is left of them anywhere, over as many lives of this process as it takes.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '@rostrum/contracts/ids';
import type { DeletionStep } from '@rostrum/contracts/recording';
import type { Backoff } from '@rostrum/service-kit/backoff';
import type { Logger } from '@rostrum/service-kit/logger';
import type { CachePurge } from './caches.ts';
import { Errand, type ErrandOptions } from './errand.ts';
import { removeChannelFolder } from './folder.ts';
import { type Task, type Tombstone, Tombstones } from './tombstones.ts';

export interface DeletionsOptions {
  readonly archiveDir: string;
  /** Removes all copies in the bucket; null: there is none. Rejects when it could not. */
  readonly removeCopies: ((channelId: string, signal: AbortSignal) => Promise<void>) | null;
  readonly caches: readonly CachePurge[];
  /** Whatever of the channel runs here stops, and is not taken up again. */
  readonly letGo: (channelId: string) => Promise<void>;
  /** Writes where there may be no room left. */
  readonly withRoom?: <T>(work: () => Promise<T>) => Promise<T>;
  readonly nowUnixMs: () => number;
  readonly logger: Logger;
  /** Default: 1 s at first, a minute at last. */
  readonly backoff?: Backoff;
  /** Default: a minute. */
  readonly settleMs?: number;
}

const BACKOFF: Backoff = { firstMs: 1000, maxMs: 60_000 };
const SETTLE_MS = 60_000;

export class Deletions {
  readonly #options: DeletionsOptions;
  readonly #tombstones: Tombstones;
  readonly #errands = new Map<string, Errand>();
  /** Ids that are not served, for as long as this process lives: what is under way, and what is gone. */
  readonly #gone = new Set<string>();
  /** Of which nothing was left. */
  readonly #finished = new Set<string>();
  readonly #asking = new Map<string, Promise<void>>();
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<void>>();

  /** @param left by an earlier process (`Tombstones.read`); it goes on with `resume` */
  constructor(options: DeletionsOptions, left: ReadonlyMap<string, Tombstone | null>) {
    this.#options = options;
    this.#tombstones = new Tombstones(options.archiveDir);
    for (const [channelId, found] of left) {
      this.#gone.add(channelId);
      this.#errands.set(channelId, this.#errand(found ?? this.#fresh(channelId)));
    }
  }

  /** Reads what an earlier process did not finish. Rejects with the file system's error. */
  static async open(options: DeletionsOptions): Promise<Deletions> {
    return new Deletions(options, await new Tombstones(options.archiveDir).read());
  }

  /** Is this recording deleted, or going? */
  has(channelId: string): boolean {
    return this.#gone.has(channelId);
  }

  /** Recordings of which something is left. */
  get size(): number {
    return this.#errands.size;
  }

  /** Goes on with what an earlier process left. Call once, when all that `letGo` needs is there. */
  resume(): void {
    for (const [channelId, errand] of this.#errands) this.#run(channelId, errand);
  }

  /**
   * Deletes a recording, or tells how far that is. Nothing of it is served from this call on. Rejects when `channelId` is no id, and
   * with the file system's error when what is wanted cannot be written down.
   */
  async want(channelId: string): Promise<readonly DeletionStep[]> {
    Id.parse(channelId);
    const known = this.#errands.get(channelId);
    if (known) return stepsOf(known.left);
    if (this.#finished.has(channelId) && !(await this.#isThere(channelId))) return [];
    const asking = this.#asking.get(channelId) ?? this.#begin(channelId);
    this.#asking.set(channelId, asking);
    await asking;
    return stepsOf(this.#errands.get(channelId)?.left ?? []);
  }

  /** Stops; what is left goes on with the next process. Idempotent. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#running);
  }

  async #begin(channelId: string): Promise<void> {
    this.#gone.add(channelId);
    this.#finished.delete(channelId);
    try {
      const tombstone = this.#fresh(channelId);
      const { withRoom = (work) => work() } = this.#options;
      await withRoom(() => this.#tombstones.write(tombstone));
      const errand = this.#errand(tombstone);
      this.#errands.set(channelId, errand);
      this.#options.logger.info({ channelId }, 'a recording is deleted');
      this.#run(channelId, errand);
    } finally {
      this.#asking.delete(channelId);
    }
  }

  #run(channelId: string, errand: Errand): void {
    const running = errand.run().then(
      () => {
        this.#errands.delete(channelId);
        this.#finished.add(channelId);
        this.#options.logger.info({ channelId }, 'nothing is left of a deleted recording');
      },
      (error: unknown) => {
        if (!this.#stopped.signal.aborted)
          this.#options.logger.error({ err: error, channelId }, 'a deletion ended early');
      },
    );
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  #errand(tombstone: Tombstone): Errand {
    const { nowUnixMs, logger, backoff = BACKOFF, settleMs = SETTLE_MS } = this.#options;
    const options: ErrandOptions = {
      tombstones: this.#tombstones,
      perform: (task, which, signal) => this.#perform(task, which, signal),
      ...{ nowUnixMs, logger, backoff, settleMs },
    };
    return new Errand(options, tombstone, this.#stopped.signal);
  }

  #fresh(channelId: string): Tombstone {
    const { removeCopies, caches, nowUnixMs } = this.#options;
    const left: Task[] = [
      'files',
      ...(removeCopies ? (['bucket'] as const) : []),
      ...caches.flatMap(({ name }) => [`forget-${name}`, `forget-${name}-again`] as const),
    ];
    return { version: 1, channelId, askedUnixMs: nowUnixMs(), left };
  }

  async #perform(task: Task, { channelId, askedUnixMs }: Tombstone, signal: AbortSignal): Promise<void> {
    const { archiveDir, removeCopies, caches, letGo, logger } = this.#options;
    switch (task) {
      case 'files': {
        await letGo(channelId);
        if ((await removeChannelFolder(archiveDir, channelId)) === 'link-removed')
          logger.warn(
            { channelId },
            'a recording was a link to another folder: what lies there was left alone',
          );
        return;
      }
      case 'bucket':
        if (!removeCopies)
          throw new Error('copies are in a bucket that is not set any more (ROSTRUM_S3_BUCKET)');
        return removeCopies(channelId, signal);
      default: {
        const name = task.startsWith('forget-edge') ? 'edge' : 'cdn';
        const cache = caches.find((one) => one.name === name);
        // Without one there is nothing that could keep it, as far as we were told.
        if (cache) await cache.forget(channelId, `${channelId}-${askedUnixMs}-${task}`, signal);
      }
    }
  }

  /** Put back since then, by whatever hand. */
  async #isThere(channelId: string): Promise<boolean> {
    return access(join(this.#options.archiveDir, channelId)).then(
      () => true,
      () => false,
    );
  }
}

function stepsOf(left: readonly Task[]): DeletionStep[] {
  const of = (task: Task): DeletionStep => {
    if (task === 'files' || task === 'bucket') return task;
    return task.startsWith('forget-edge') ? 'edge' : 'cdn';
  };
  return [...new Set(left.map(of))];
}
