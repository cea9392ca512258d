/**
 * Runs tasks of one key one after the other, so that a check and what follows from it are one step. Tasks of different keys
 * know nothing of each other.
 */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Resolves or rejects with the task; a task that fails holds nobody up. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const result = (this.#tails.get(key) ?? Promise.resolve()).then(task);
    const tail: Promise<void> = result.then(
      () => this.#ended(key, tail),
      () => this.#ended(key, tail), // the caller has the error; the next task only waits
    );
    this.#tails.set(key, tail);
    return result;
  }

  /** Resolves when every task that is known now is over, however it ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#tails.values());
  }

  #ended(key: string, tail: Promise<void>): void {
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}
