import { type Backoff, backoffMs } from './backoff.ts';
import { Drain } from './drain.ts';

export interface ReconcilerOptions {
  /** Compares what is with what should be, and mends the difference. Rejects when it could not. */
  readonly reconcile: () => Promise<void>;
  readonly backoff: Backoff;
  readonly worked?: () => void;
  /** `failures` in a row, with this one. It is tried again. */
  readonly failed: (error: unknown, failures: number) => void;
}

/**
 * Keeps something in line, level-triggered: it is told that something moved, never what, and compares anew. One comparison
 * runs at a time; one that failed is repeated after a pause, or at once when something moves.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #drain = new Drain(() => this.#round());
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #closed = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Something moved. Returns at once. */
  changed(): void {
    if (!this.#closed) this.#drain.wake();
  }

  /** Nothing is begun any more; what is under way comes to its end, of which nobody is told. Idempotent. */
  close(): void {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
  }

  /** Resolves when no comparison is under way. */
  settled(): Promise<void> {
    return this.#drain.settled();
  }

  async #round(): Promise<void> {
    if (this.#closed) return;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    try {
      await this.#options.reconcile();
      this.#failures = 0;
      if (!this.#closed) this.#options.worked?.();
    } catch (error) {
      if (this.#closed) return;
      this.#failures += 1;
      this.#options.failed(error, this.#failures);
      this.#retry = setTimeout(() => this.changed(), backoffMs(this.#options.backoff, this.#failures));
    }
  }
}
