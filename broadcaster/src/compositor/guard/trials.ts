/**
 * Who is just being tried: sources whose decoder is about to see something new, until it has lived with that for a while. A
 * supervisor that is told so before and after knows whom to suspect when the process dies in between.
 */

/** A decoder that lives so long after something new was not killed by it. */
export const SURVIVED_AFTER_MS = 3000;

export interface TrialsOptions {
  readonly onSuspect: (sourceId: string) => void;
  readonly onTrusted: (sourceId: string) => void;
  readonly survivedAfterMs?: number;
}

export class Trials {
  readonly #options: TrialsOptions;
  readonly #tried = new Map<string, NodeJS.Timeout>();
  readonly #onProbation = new Set<string>();

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
    if (running) {
      running.refresh();
      return true;
    }
    if (this.#onProbation.has(sourceId) && this.#tried.size > 0) return false;
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
  }

  close(): void {
    for (const timer of this.#tried.values()) clearTimeout(timer);
    this.#tried.clear();
  }

  #survived(sourceId: string): void {
    this.#tried.delete(sourceId);
    this.#onProbation.delete(sourceId);
    this.#options.onTrusted(sourceId);
  }
}
