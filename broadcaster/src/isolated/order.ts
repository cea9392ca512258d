/** Puts the packets of a stream in order, and waits for what is missing: a recording has the time. */

/** Nobody's network holds a packet back for so many; the sender counts anew. */
const MOST_APART = 3000;

export type Ordered =
  | { readonly is: 'packet'; readonly packet: Buffer; readonly cameMs: number }
  /** What comes next does not follow on what came before. */
  | { readonly is: 'lost' };

export class Order {
  readonly #waitMs: number;
  /** By sequence numbers without their wraps. */
  readonly #held = new Map<number, { readonly packet: Buffer; readonly cameMs: number }>();
  #next: number | null = null;

  /** @param waitMs for what is missing, from when the one after it came */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  take(packet: Buffer, nowMs: number): Ordered[] {
    const wrapped = packet.readUInt16BE(2);
    if (this.#next === null) this.#next = wrapped;
    const ahead = (((wrapped - this.#next) & 0xffff) << 16) >> 16;
    if (Math.abs(ahead) > MOST_APART) {
      const before = this.#release(Number.POSITIVE_INFINITY);
      this.#next = wrapped + 1;
      return [...before, { is: 'lost' }, { is: 'packet', packet, cameMs: nowMs }];
    }
    const number = this.#next + ahead;
    if (ahead >= 0 && !this.#held.has(number)) this.#held.set(number, { packet, cameMs: nowMs });
    return this.due(nowMs);
  }

  /** What there is to go on with now. */
  due(nowMs: number): Ordered[] {
    return this.#release(nowMs);
  }

  /** All of it, with the gaps that there are. */
  flush(): Ordered[] {
    return this.#release(Number.POSITIVE_INFINITY);
  }

  #release(nowMs: number): Ordered[] {
    const out: Ordered[] = [];
    while (this.#next !== null && this.#held.size > 0) {
      const next = this.#held.get(this.#next);
      if (next) {
        this.#held.delete(this.#next);
        this.#next += 1;
        out.push({ is: 'packet', ...next });
        continue;
      }
      const first = Math.min(...this.#held.keys());
      const cameMs = Math.min(...[...this.#held.values()].map((one) => one.cameMs));
      if (nowMs - cameMs < this.#waitMs) break;
      this.#next = first;
      out.push({ is: 'lost' });
    }
    return out;
  }
}
