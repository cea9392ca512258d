/** Work in slices, one a turn of the event loop, so that telling ten thousand does not make a host wait. */
export class Slices {
  readonly #whenDone: () => void;
  #remaining: (() => void)[] = [];
  #turn: NodeJS.Immediate | null = null;

  /** `whenDone` is called after the last slice of a start that took more than one turn. */
  constructor(whenDone: () => void) {
    this.#whenDone = whenDone;
  }

  get busy(): boolean {
    return this.#remaining.length > 0;
  }

  /** Runs the first slice now and the others in turns to come. What an earlier start left is run first. */
  start(slices: readonly (() => void)[]): void {
    this.finish();
    const [first, ...rest] = slices;
    first?.();
    this.#remaining = rest;
    this.#schedule();
  }

  /** Runs all that is left, now. */
  finish(): void {
    if (this.#turn) clearImmediate(this.#turn);
    this.#turn = null;
    for (const slice of this.#remaining.splice(0)) slice();
  }

  #schedule(): void {
    if (this.#remaining.length === 0) return;
    this.#turn = setImmediate(() => {
      this.#turn = null;
      this.#remaining.shift()?.();
      if (this.busy) this.#schedule();
      else this.#whenDone();
    });
  }
}
