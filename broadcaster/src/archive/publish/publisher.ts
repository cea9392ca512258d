/**
 * Copies the recordings of a folder to a bucket, as they grow. Level-triggered: what a journal says is on disk and is not noted as
 * copied is wanted, whoever wrote it and whenever; nobody has to tell. Whatever the bucket does, the channels go on.
 */
import { readdir } from 'node:fs/promises';
import { Id } from '@rostrum/contracts/ids';
import type { PublishHealth } from '@rostrum/contracts/publishing';
import type { Backoff } from '@rostrum/service-kit/backoff';
import type { Logger } from '@rostrum/service-kit/logger';
import type { Registry } from 'prom-client';
import { ChannelQueue } from './channel-queue.ts';
import { DownloadUploads } from './download-uploads.ts';
import { Gate, toldProblem } from './gate.ts';
import type { LargeTarget } from './large.ts';
import { type PublishMetrics, publishMetrics } from './metrics.ts';
import type { PublishError, PublishTarget } from './target.ts';
import { objectFolders } from './wanted.ts';

export interface PublisherOptions {
  readonly archiveDir: string;
  readonly target: PublishTarget;
  /** Where downloads go. Without it they are on disk alone. */
  readonly large?: LargeTarget;
  readonly nowUnixMs: () => number;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Default: 1 s at first, 30 s at last. */
  readonly backoff?: Backoff;
  /** Deleted recordings, which do not go up (again). Default: none. */
  readonly isDeleted?: (channelId: string) => boolean;
  /** How often the folder is looked at. Default: 1 s. */
  readonly lookIntervalMs?: number;
}

/** Objects on the way at once: a few megabytes of memory. */
const AT_ONCE = 4;
const BACKOFF: Backoff = { firstMs: 1000, maxMs: 30_000 };
const LOOK_INTERVAL_MS = 1000;
/** Downloads are looked for once in so many of these. */
const DOWNLOADS_LOOKS = 5;
/** Old recordings that are worked on at once. */
const LATER_AT_ONCE = 2;
/** What may pass by itself is not told before. */
const PATIENCE_MS = 10_000;
/** Written at every start: what is wrong with bucket or credentials is seen before anybody is live. */
const CHECK_NAME = 'rostrum-check.txt';

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #gate: Gate;
  readonly #metrics: PublishMetrics;
  readonly #uploads: DownloadUploads | null;
  readonly #queues = new Map<string, ChannelQueue>();
  /** Ids of channels that ended and are in the bucket wholly. */
  readonly #complete = new Set<string>();
  readonly #working = new Map<string, Promise<void>>();
  readonly #troubled = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  readonly #checking: Promise<void>;
  #looking: Promise<void> | null = null;
  #closed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#metrics = publishMetrics(options.metrics, () => this.health());
    this.#gate = new Gate({
      atOnce: AT_ONCE,
      backoff: options.backoff ?? BACKOFF,
      onFailure: (error, first) => this.#failed(error, first),
      onRecovery: (failedForMs) => {
        options.logger.info({ failedForMs: Math.round(failedForMs) }, 'the bucket takes recordings again');
      },
    });
    const { archiveDir, large, logger } = options;
    this.#uploads = large
      ? new DownloadUploads({
          ...{ archiveDir, target: large, gate: this.#gate, metrics: this.#metrics, logger },
          lookIntervalMs: DOWNLOADS_LOOKS * (options.lookIntervalMs ?? LOOK_INTERVAL_MS),
        })
      : null;
    this.#checking = this.#check();
    this.#timer = setInterval(() => void this.look(), options.lookIntervalMs ?? LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  health(): PublishHealth {
    const behind = [...this.#queues.values()].map((queue) => queue.behind);
    return {
      segments: behind.reduce((sum, { segments }) => sum + segments, 0),
      bytes: behind.reduce((sum, { bytes }) => sum + bytes, 0),
      behindS: Math.max(0, ...behind.map(({ ms }) => ms)) / 1000,
      problem: toldProblem(this.#gate.failing, PATIENCE_MS),
    };
  }

  /** Has this channel ended, with all of it in the bucket? */
  has(channelId: string): boolean {
    return this.#complete.has(channelId);
  }

  /**
   * Removes all copies of a channel that `isDeleted` holds for. What was on its way is waited for, so that nothing comes after.
   * @throws PublishError; after an abort anything
   */
  async remove(channelId: string, signal: AbortSignal): Promise<void> {
    Id.parse(channelId);
    await this.#uploads?.forget(channelId);
    await this.#looking; // it may be about to begin
    this.#queues.get(channelId)?.stop();
    await this.#working.get(channelId);
    this.#queues.delete(channelId);
    this.#complete.delete(channelId);
    for (const folder of objectFolders(channelId)) await this.#options.target.remove(folder, signal);
  }

  /** Looks for what is to be copied, now. Never rejects. */
  look(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** What is on its way is given up, and goes up when there is a publisher again. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#gate.stop();
    await Promise.all([this.#checking, this.#looking, this.#uploads?.close(), ...this.#working.values()]);
    this.#options.target.close();
  }

  async #look(): Promise<void> {
    const { archiveDir, logger } = this.#options;
    const names = await readdir(archiveDir).catch((error: unknown) => {
      logger.warn({ err: error, archiveDir }, 'the recordings to copy cannot be listed');
      return null;
    });
    if (!names) return;
    const there = new Set(
      names.filter((name) => Id.safeParse(name).success && !this.#options.isDeleted?.(name)),
    );
    for (const id of this.#complete) if (!there.has(id)) this.#complete.delete(id);
    for (const id of there) {
      if (this.#closed) return;
      if (!this.#complete.has(id)) await this.#lookAt(id);
    }
  }

  async #lookAt(channelId: string): Promise<void> {
    try {
      const queue = this.#queues.get(channelId) ?? (await this.#open(channelId));
      if (queue.ended) this.#completed(channelId);
      else if ((await queue.look()) && this.#mayWork(channelId, queue)) this.#work(channelId, queue);
      this.#troubled.delete(channelId);
    } catch (error) {
      this.#gone(channelId, error);
    }
  }

  async #open(channelId: string): Promise<ChannelQueue> {
    const { archiveDir, target, logger, nowUnixMs } = this.#options;
    const queue = await ChannelQueue.open({
      ...{ archiveDir, channelId, target, logger, nowUnixMs },
      gate: this.#gate,
      atOnce: AT_ONCE,
      metrics: this.#metrics,
    });
    this.#queues.set(channelId, queue);
    return queue;
  }

  #mayWork(channelId: string, queue: ChannelQueue): boolean {
    if (this.#closed || this.#working.has(channelId)) return false;
    if (queue.turn === 'live') return true;
    const others = [...this.#working.keys()].filter((id) => this.#queues.get(id)?.turn === 'later');
    return others.length < LATER_AT_ONCE;
  }

  #work(channelId: string, queue: ChannelQueue): void {
    const work = queue
      .work()
      .then(() => {
        if (queue.ended) this.#completed(channelId);
      })
      .catch((error: unknown) => {
        if (!this.#closed) this.#gone(channelId, error);
      })
      .finally(() => this.#working.delete(channelId));
    this.#working.set(channelId, work);
  }

  #completed(channelId: string): void {
    this.#queues.delete(channelId);
    this.#complete.add(channelId);
  }

  /** Begun anew at the next look: from what is on disk then. A folder without a journal is none yet, or none any more. */
  #gone(channelId: string, error: unknown): void {
    this.#queues.delete(channelId);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || this.#options.isDeleted?.(channelId)) return;
    if (!this.#troubled.has(channelId)) {
      this.#options.logger.error({ err: error, channelId }, 'a recording cannot be copied, trying again');
    }
    this.#troubled.add(channelId);
  }

  #failed(error: PublishError, first: boolean): void {
    this.#metrics.failures.inc({ problem: error.code });
    if (first) {
      this.#options.logger.error(
        { problem: error.code, err: error },
        `recordings do not reach the bucket, trying again: ${error.message}`,
      );
    }
  }

  async #check(): Promise<void> {
    const bytes = new TextEncoder().encode('Recordings are copied here.\n');
    const object = { name: CHECK_NAME, bytes, contentType: 'text/plain', cacheControl: 'no-cache' };
    await this.#gate
      .run('live', (signal) => this.#options.target.put(object, signal))
      .catch((error: unknown) => {
        if (!this.#closed) this.#options.logger.error({ err: error }, 'the bucket could not be tried');
      });
  }
}
