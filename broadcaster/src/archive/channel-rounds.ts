/** What is to be done for channels beside their shows, one channel after the other, until it is done. */
import { Drain } from '@rostrum/service-kit/drain';

export interface ChannelRoundsOptions {
  /** Does it for one, or finds that its time has not come. What is wanted meanwhile is done again. Idempotent. */
  readonly work: (channelId: string, signal: AbortSignal) => Promise<'done' | 'not-yet'>;
  /** It is tried again at the next look. */
  readonly failed: (channelId: string, error: unknown) => void;
  /** How often those are looked at whose time had not come, or that failed. Default: 1 s. */
  readonly lookIntervalMs?: number | undefined;
}

const LOOK_INTERVAL_MS = 1000;

export class ChannelRounds {
  readonly #options: ChannelRoundsOptions;
  readonly #wanted = new Set<string>();
  readonly #drain = new Drain(() => this.#round());
  readonly #timer: NodeJS.Timeout;
  #current: {
    readonly channelId: string;
    readonly stop: AbortController;
    readonly over: Promise<void>;
  } | null = null;
  #closed = false;

  constructor(options: ChannelRoundsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      if (this.#wanted.size > 0) this.#drain.wake();
    }, options.lookIntervalMs ?? LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  /** There may be something to do for it. */
  want(channelId: string): void {
    this.#wanted.add(channelId);
    this.#drain.wake();
  }

  /** May something be left to do for it? */
  waits(channelId: string): boolean {
    return this.#wanted.has(channelId) || this.#current?.channelId === channelId;
  }

  /** Nothing is done for it any more once this resolves, unless it is wanted again. */
  async forget(channelId: string): Promise<void> {
    this.#wanted.delete(channelId);
    if (this.#current?.channelId !== channelId) return;
    this.#current.stop.abort();
    await this.#current.over;
  }

  /** Waits for what is being done; what is left is for the next process. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#drain.settled();
  }

  async #round(): Promise<void> {
    for (const channelId of [...this.#wanted]) {
      if (this.#closed) return;
      // Forgotten since the round began.
      if (!this.#wanted.delete(channelId)) continue;
      const stop = new AbortController();
      const over = this.#one(channelId, stop.signal);
      this.#current = { channelId, stop, over };
      await over;
      this.#current = null;
    }
  }

  async #one(channelId: string, signal: AbortSignal): Promise<void> {
    try {
      if ((await this.#options.work(channelId, signal)) === 'done') return;
    } catch (error) {
      if (this.#closed || signal.aborted) return;
      this.#options.failed(channelId, error);
    }
    if (!signal.aborted) this.#wanted.add(channelId);
  }
}
