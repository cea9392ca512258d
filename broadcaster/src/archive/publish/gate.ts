/**
 * Lets few through at a time, those who are live first. While the target fails one tries for all, ever less often, and each of
 * the others waits its turn: nothing is given up.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { PublishProblem } from '@rostrum/contracts/publishing';
import { type Backoff, backoffMs } from '@rostrum/service-kit/backoff';
import { isHard, PublishError } from './target.ts';

export type Turn = 'live' | 'later';

export interface GateOptions {
  /** Objects on the way at once; with that of the largest of them the bound of memory. */
  readonly atOnce: number;
  readonly backoff: Backoff;
  readonly onFailure: (error: PublishError, first: boolean) => void;
  readonly onRecovery: (failedForMs: number) => void;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #waiting: Record<Turn, (() => void)[]> = { live: [], later: [] };
  readonly #stopped = new AbortController();
  #inside = 0;
  #failures = 0;
  #failing: { readonly problem: PublishProblem; readonly sinceMs: number } | null = null;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** null: as far as anybody knows it goes. `forMs`: since the first failure after the last success. */
  get failing(): { readonly problem: PublishProblem; readonly forMs: number } | null {
    return (
      this.#failing && { problem: this.#failing.problem, forMs: performance.now() - this.#failing.sinceMs }
    );
  }

  /**
   * Begins the work again until it succeeds. Rejects with what is no `PublishError`, after `stop`, and when `unwanted` is aborted,
   * which is no failure.
   */
  async run<T>(turn: Turn, work: (signal: AbortSignal) => Promise<T>, unwanted?: AbortSignal): Promise<T> {
    const stopped = this.#stopped.signal;
    const signal = unwanted ? AbortSignal.any([stopped, unwanted]) : stopped;
    for (;;) {
      await this.#enter(turn);
      try {
        signal.throwIfAborted();
        if (this.#failures > 0) {
          await sleep(backoffMs(this.#options.backoff, this.#failures), undefined, { signal });
        }
        const result = await work(signal);
        this.#succeeded();
        return result;
      } catch (error) {
        if (!(error instanceof PublishError) || signal.aborted) throw error;
        this.#failed(error);
      } finally {
        this.#inside -= 1;
        this.#admit();
      }
    }
  }

  stop(): void {
    this.#stopped.abort();
    for (const go of [...this.#waiting.live.splice(0), ...this.#waiting.later.splice(0)]) {
      this.#inside += 1;
      go();
    }
  }

  #enter(turn: Turn): Promise<void> {
    return new Promise((go) => {
      this.#waiting[turn].push(go);
      this.#admit();
    });
  }

  #admit(): void {
    const most = this.#failures > 0 ? 1 : this.#options.atOnce;
    while (this.#inside < most) {
      const go = this.#waiting.live.shift() ?? this.#waiting.later.shift();
      if (!go) return;
      this.#inside += 1;
      go();
    }
  }

  #failed(error: PublishError): void {
    this.#failures += 1;
    const first = this.#failing?.problem !== error.code;
    this.#failing = { problem: error.code, sinceMs: this.#failing?.sinceMs ?? performance.now() };
    this.#options.onFailure(error, first);
  }

  #succeeded(): void {
    const { failing } = this;
    this.#failures = 0;
    this.#failing = null;
    if (failing) this.#options.onRecovery(failing.forMs);
  }
}

/** A failure that is worth telling: what may pass by itself is given some seconds. */
export function toldProblem(failing: Gate['failing'], patienceMs: number): PublishProblem | null {
  if (!failing) return null;
  return isHard(failing.problem) || failing.forMs >= patienceMs ? failing.problem : null;
}
