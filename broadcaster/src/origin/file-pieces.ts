/** What sending files may take of the machine: buffers, and threads that read. */

const SMALL_BYTES = 64 * 1024;
/** Most segments in one. Not more: what a client took counts when all of its piece is taken (`connections.ts`). */
const LARGE_BYTES = 256 * 1024;
/** In use at a time; who comes after them gets small ones. */
const MOST_LARGE = 128;
/** Of each size, unused. */
const MOST_KEPT = 64;

/** Buffers that are used again and again: a fresh one costs more than to fill it. */
export class Pieces {
  readonly #small: Buffer[] = [];
  readonly #large: Buffer[] = [];
  #smallInUse = 0;
  #largeInUse = 0;

  get heldBytes(): number {
    return this.#smallInUse * SMALL_BYTES + this.#largeInUse * LARGE_BYTES;
  }

  /** @param useful bytes that its user would take at once; it may be more or less */
  take(useful: number): Buffer {
    if (useful > SMALL_BYTES && this.#largeInUse < MOST_LARGE) {
      this.#largeInUse += 1;
      return this.#large.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
    }
    this.#smallInUse += 1;
    return this.#small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
  }

  /** Nobody uses it any more. */
  give(piece: Buffer): void {
    const kept = piece.byteLength === LARGE_BYTES ? this.#large : this.#small;
    if (kept.length < MOST_KEPT) kept.push(piece);
    this.lose(piece);
  }

  /** Somebody may use it still: it is left to them. */
  lose(piece: Buffer): void {
    if (piece.byteLength === LARGE_BYTES) this.#largeInUse -= 1;
    else this.#smallInUse -= 1;
  }
}

/** So many at a time; who comes later waits, the first first. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((mine) => this.#waiting.push(mine));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
