/**
 * Time that passes only when it is told to. While it is installed, timers of the whole process are its own: code that waits
 * for a second is called a moment later, in the order in which real time would have called it.
 */
interface Entry {
  atMs: number;
  order: number;
  readonly act: () => void;
  readonly everyMs: number | null;
  cancelled: boolean;
}

/** What `setTimeout` answers, as far as anybody here uses it. */
class Timer {
  readonly entry: Entry;
  constructor(entry: Entry) {
    this.entry = entry;
  }
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  now: performance.now.bind(performance),
  random: Math.random,
};

export class VirtualTime {
  #nowMs = 0;
  #made = 0;
  readonly #heap: Entry[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Replaces the process's timers, its monotonic clock and its chance; `restore` gives them back. */
  install(random: () => number): { restore: () => void } {
    const add = (act: () => void, delayMs: number, everyMs: number | null): Timer =>
      new Timer(this.#add(act, delayMs, everyMs));
    const clear = (timer: unknown): void => {
      if (timer instanceof Timer) timer.entry.cancelled = true;
    };
    Object.assign(globalThis, {
      setTimeout: (act: () => void, delayMs = 0) => add(act, delayMs, null),
      setInterval: (act: () => void, everyMs = 1) => add(act, everyMs, everyMs),
      clearTimeout: clear,
      clearInterval: clear,
    });
    Object.assign(performance, { now: () => this.#nowMs });
    Math.random = random;
    return {
      restore() {
        const { setTimeout, clearTimeout, setInterval, clearInterval } = real;
        Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
        Object.assign(performance, { now: real.now });
        Math.random = real.random;
      },
    };
  }

  after(delayMs: number, act: () => void): void {
    this.#add(act, delayMs, null);
  }

  delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Lets so much time pass, and everything happen in it. */
  async pass(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    await settleMicrotasks();
    for (let next = this.#heap[0]; next && next.atMs <= endMs; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      if (next.everyMs !== null) {
        next.atMs += next.everyMs;
        next.order = this.#next();
        this.#push(next);
      }
      next.act();
      await settleMicrotasks();
    }
    this.#nowMs = endMs;
  }

  #next(): number {
    this.#made += 1;
    return this.#made;
  }

  #add(act: () => void, delayMs: number, everyMs: number | null): Entry {
    const entry: Entry = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#next(),
      act,
      everyMs,
      cancelled: false,
    };
    this.#push(entry);
    return entry;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent] as Entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const right = heap[child + 1];
      if (right && before(right, heap[child] as Entry)) child += 1;
      const smallest = heap[child];
      if (!smallest || !before(smallest, last)) break;
      heap[at] = smallest;
      at = child;
    }
    heap[at] = last;
  }
}

const before = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Everything that promises lead to has happened then: nothing here waits for anything outside the process. */
const settleMicrotasks = (): Promise<void> => new Promise((resolve) => real.setImmediate(resolve));

/** Numbers from 0 to 1 that a seed decides (xorshift, Marsaglia 2003). */
export function seeded(seed: number): () => number {
  // Seeds of a row begin alike otherwise; 0 would stay 0.
  let x = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const next = (): number => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 8; i += 1) next();
  return next;
}
