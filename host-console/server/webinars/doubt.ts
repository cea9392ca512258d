import { backoffMs } from '@rostrum/service-kit/backoff';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';

/** Who speaks has the log looked at, however long it was away; but no sooner than this after the last look, ms. */
const PAUSE_MS = 250;
/** What looks that nobody asked for wait besides, since a database that comes back should not find every webinar waiting. */
const BACKOFF = { firstMs: 250, maxMs: 5000 } as const;

/**
 * When a log that an append may or may not have reached is looked at again. Until it could be, the next look is always on its
 * way; there is never more than one.
 */
export class Doubt {
  readonly #nowMs: () => number;
  readonly #lookAgain: () => void;
  readonly #trouble: Trouble;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  /** `nowMs`: monotonic. `lookAgain` is called when it is time to. */
  constructor(nowMs: () => number, logger: Logger, lookAgain: () => void) {
    this.#nowMs = nowMs;
    this.#lookAgain = lookAgain;
    this.#trouble = new Trouble('reading the log after a failed append', logger, nowMs);
  }

  /** It arose just now: the first look is at once. */
  arose(): void {
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  /** Whether it may be looked now. Then the caller looks, and says how it came out. */
  mayLook(): boolean {
    if (this.#nowMs() - this.#lookedMs < PAUSE_MS) return false;
    this.#lookedMs = this.#nowMs();
    this.close();
    return true;
  }

  failed(error: unknown): void {
    this.#trouble.failed(error);
    this.close();
    const delayMs = PAUSE_MS + backoffMs(BACKOFF, this.#trouble.failures);
    this.#timer = setTimeout(this.#lookAgain, delayMs);
    this.#timer.unref();
  }

  cleared(): void {
    this.#trouble.worked();
  }

  /** No look is on its way any more. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
