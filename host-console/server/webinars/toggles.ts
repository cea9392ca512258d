/** What was moved less than this ago waits before it is moved again. */
export const TOGGLE_PAUSE_MS = 1000;

/**
 * Things that people move back and forth: the first move goes through at once, further ones wait until a second has passed
 * since, and go through together. What they come to in the end is all that has to be kept of them.
 */
export class Toggles<T> {
  /** When each was moved last, oldest first. */
  readonly #movedAtMs = new Map<string, number>();
  #held: { readonly key: string; readonly dueMs: number; readonly move: T }[] = [];

  get holding(): boolean {
    return this.#held.length > 0;
  }

  /** Answers what goes through now, in order: those whose time has come, and `move` if it need not wait. */
  move(key: string, move: T, nowMs: number): T[] {
    const due = this.due(nowMs);
    const movedAtMs = this.#movedAtMs.get(key);
    if (movedAtMs !== undefined) {
      this.#held.push({ key, dueMs: movedAtMs + TOGGLE_PAUSE_MS, move });
      return due;
    }
    this.#movedAtMs.set(key, nowMs);
    return [...due, move];
  }

  /** Those whose time has come, in the order they came. */
  due(nowMs: number): T[] {
    for (const [key, movedAtMs] of this.#movedAtMs) {
      if (nowMs - movedAtMs < TOGGLE_PAUSE_MS) break;
      this.#movedAtMs.delete(key);
    }
    const due = this.#held.filter((held) => held.dueMs <= nowMs);
    if (due.length === 0) return [];
    this.#held = this.#held.filter((held) => held.dueMs > nowMs);
    for (const { key } of due) {
      this.#movedAtMs.delete(key);
      this.#movedAtMs.set(key, nowMs);
    }
    return due.map(({ move }) => move);
  }

  /** All of them, due or not. */
  all(): T[] {
    return this.#held.splice(0).map(({ move }) => move);
  }
}
