/** One recording's way out: its tasks side by side, each until it is done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Backoff, backoffMs } from '@rostrum/service-kit/backoff';
import type { Logger } from '@rostrum/service-kit/logger';
import type { Task, Tombstone, Tombstones } from './tombstones.ts';

export interface ErrandOptions {
  readonly tombstones: Tombstones;
  /** Does one once. Idempotent; rejects when it could not. */
  readonly perform: (task: Task, tombstone: Tombstone, signal: AbortSignal) => Promise<void>;
  readonly backoff: Backoff;
  /** What was on its way into a cache when the recording went out of service has arrived after this. */
  readonly settleMs: number;
  readonly nowUnixMs: () => number;
  readonly logger: Logger;
}

/** Nothing comes into a cache any more once these are done. */
const SOURCES: readonly Task[] = ['files', 'bucket'];

export class Errand {
  readonly #options: ErrandOptions;
  readonly #tombstone: Tombstone;
  readonly #left: Set<Task>;
  readonly #signal: AbortSignal;
  /** Writes of the tombstone, one after the other. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: ErrandOptions, tombstone: Tombstone, signal: AbortSignal) {
    this.#options = options;
    this.#tombstone = tombstone;
    this.#left = new Set(tombstone.left);
    this.#signal = signal;
  }

  get left(): readonly Task[] {
    return [...this.#left];
  }

  /** Resolves when all is gone, and that is noted. Rejects when it is aborted. */
  async run(): Promise<void> {
    const tasks = this.left;
    const sources = Promise.all(
      tasks.filter((task) => SOURCES.includes(task)).map((task) => this.#until(task)),
    );
    const others = tasks
      .filter((task) => !SOURCES.includes(task))
      .map(async (task) => {
        if (task.endsWith('-again')) {
          await sources;
          const { askedUnixMs } = this.#tombstone;
          const { nowUnixMs, settleMs } = this.#options;
          const restMs = askedUnixMs + settleMs - nowUnixMs();
          // A clock that was set meanwhile makes it no longer.
          await sleep(Math.min(Math.max(0, restMs), settleMs), undefined, { signal: this.#signal });
        }
        await this.#until(task);
      });
    const [failed] = (await Promise.allSettled([sources, ...others])).filter(
      (one) => one.status === 'rejected',
    );
    if (failed) throw failed.reason;
  }

  async #until(task: Task): Promise<void> {
    const { perform, backoff, logger } = this.#options;
    const { channelId } = this.#tombstone;
    let reason = '';
    for (let failures = 0; ; ) {
      this.#signal.throwIfAborted();
      try {
        await perform(task, this.#tombstone, this.#signal);
        await this.#done(task);
        return;
      } catch (error) {
        this.#signal.throwIfAborted();
        failures += 1;
        if (String(error) !== reason)
          logger.error(
            { err: error, channelId, task },
            'a recording cannot be deleted wholly yet, trying again',
          );
        reason = String(error);
        await sleep(backoffMs(backoff, failures), undefined, { signal: this.#signal });
      }
    }
  }

  /** With the last one the tombstone goes. */
  async #done(task: Task): Promise<void> {
    const { tombstones } = this.#options;
    const write = this.#writing.then(async () => {
      const left = this.left.filter((one) => one !== task);
      if (left.length > 0) await tombstones.write({ ...this.#tombstone, left });
      else await tombstones.remove(this.#tombstone.channelId);
      this.#left.delete(task);
    });
    this.#writing = write.catch(() => undefined);
    await write;
  }
}
