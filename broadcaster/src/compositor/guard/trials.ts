/**
 * Who is just being tried: sources whose decoder is about to see something new, until it has lived with that for a while. A
 * supervisor that is told so before and after knows whom to suspect when the process dies in between.
 */

/** A decoder that lives so long after something new was not killed by it. */
export const SURVIVED_AFTER_MS = 3000;
/**
 * One on probation waits so long for a moment in which nobody else is suspect; from then on everybody else waits for them.
 * Without it, who changes what they send again and again would keep them out of the picture for good.
 */
export const PATIENCE_MS = 10_000;
/** Who waits asks with every key frame, and for one twice a second. Who did not ask for so long waits for nothing any more. */
const STILL_ASKS_MS = 3000;

export interface TrialsOptions {
  readonly onSuspect: (sourceId: string) => void;
  readonly onTrusted: (sourceId: string) => void;
  readonly survivedAfterMs?: number;
  readonly patienceMs?: number;
  /** Monotonic. */
  readonly nowMs?: () => number;
}

export class Trials {
  readonly #options: TrialsOptions;
  readonly #tried = new Map<string, NodeJS.Timeout>();
  readonly #onProbation = new Set<string>();
  /** Those on probation who were told to ask again, first come first. */
  readonly #waiting = new Map<string, { readonly sinceMs: number; readonly askedMs: number }>();

  constructor(options: TrialsOptions) {
    this.#options = options;
  }

  /** One who was under suspicion already is tried alone, so that nobody else is suspected with them. */
  putOnProbation(sourceId: string): void {
    this.#onProbation.add(sourceId);
  }

  /** Its decoder is about to see something new. @returns false: not now; ask again with the next new thing */
  begin(sourceId: string): boolean {
    const running = this.#tried.get(sourceId);
    const first = this.#overdue();
    const onProbation = !running && this.#onProbation.has(sourceId);
    if ((first !== null && first !== sourceId) || (onProbation && this.#tried.size > 0)) {
      if (onProbation) this.#wait(sourceId);
      return false;
    }
    if (running) {
      running.refresh();
      return true;
    }
    this.#waiting.delete(sourceId);
    this.#tried.set(
      sourceId,
      setTimeout(() => this.#survived(sourceId), this.#options.survivedAfterMs ?? SURVIVED_AFTER_MS),
    );
    this.#options.onSuspect(sourceId);
    return true;
  }

  /** It is gone; what its decoder had is no longer being decoded. */
  leave(sourceId: string): void {
    clearTimeout(this.#tried.get(sourceId));
    this.#tried.delete(sourceId);
    this.#onProbation.delete(sourceId);
    this.#waiting.delete(sourceId);
  }

  close(): void {
    for (const timer of this.#tried.values()) clearTimeout(timer);
    this.#tried.clear();
    this.#waiting.clear();
  }

  #nowMs(): number {
    return (this.#options.nowMs ?? performance.now.bind(performance))();
  }

  #wait(sourceId: string): void {
    const nowMs = this.#nowMs();
    this.#waiting.set(sourceId, { sinceMs: this.#waiting.get(sourceId)?.sinceMs ?? nowMs, askedMs: nowMs });
  }

  /** Who has waited for too long, the first of them; null: nobody. */
  #overdue(): string | null {
    const nowMs = this.#nowMs();
    for (const [sourceId, { sinceMs, askedMs }] of this.#waiting) {
      if (nowMs - askedMs > STILL_ASKS_MS) this.#waiting.delete(sourceId);
      else if (nowMs - sinceMs >= (this.#options.patienceMs ?? PATIENCE_MS)) return sourceId;
    }
    return null;
  }

  #survived(sourceId: string): void {
    this.#tried.delete(sourceId);
    this.#onProbation.delete(sourceId);
    this.#options.onTrusted(sourceId);
  }
}
