/**
 * Works off what waits, one round after the other, started by whoever adds something. The loop is over in the very turn in
 * which it found nothing more to do: a wake-up that comes then starts the next one. (`this.running ??= run().finally(...)` ends
 * some turns later, and what came in between waited for whoever came next.)
 */
export class Drain {
  readonly #round: () => Promise<void>;
  #woken = false;
  #running: Promise<void> | null = null;

  /** @param round takes what waits and works it off. Must not reject: nobody would hear of it */
  constructor(round: () => Promise<void>) {
    this.#round = round;
  }

  get idle(): boolean {
    return this.#running === null;
  }

  /** There is something to do. The first round begins after this turn of the event loop's microtasks has gone on. */
  wake(): void {
    this.#woken = true;
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is being done and nothing waits. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // What is added in the same turn shares the first round.
    await Promise.resolve();
    try {
      while (this.#woken) {
        this.#woken = false;
        await this.#round();
      }
    } finally {
      this.#running = null;
    }
  }
}
