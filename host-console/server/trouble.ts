import { RostrumError } from '@rostrum/contracts';
import type { Logger } from 'pino';

/**
 * What is tried over and over, told once a state: when it begins to fail, when it fails for a reason not heard yet, and
 * when it works again. A log of a bad hour then says what was wrong, and not how often somebody looked.
 */
export class Trouble {
  readonly #what: string;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #since: { readonly atMs: number; readonly reasons: Set<string> } | null = null;
  #failures = 0;

  /** `what` it is that does not work, for the log. */
  constructor(what: string, logger: Logger, nowMs: () => number) {
    this.#what = what;
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  failed(error: unknown): void {
    this.#failures += 1;
    this.#since ??= { atMs: this.#nowMs(), reasons: new Set() };
    const reason = error instanceof RostrumError ? `${error.code} ${error.message}` : String(error);
    if (this.#since.reasons.has(reason)) return;
    this.#since.reasons.add(reason);
    this.#logger.warn({ err: error, failures: this.#failures }, `${this.#what}: not yet, it is tried again`);
  }

  worked(): void {
    if (!this.#since) return;
    const seconds = Math.round((this.#nowMs() - this.#since.atMs) / 100) / 10;
    this.#logger.info({ failures: this.#failures, seconds }, `${this.#what}: works again`);
    this.#since = null;
    this.#failures = 0;
  }
}
