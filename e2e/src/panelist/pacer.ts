/** Something that is to be done at instants of the process's clock, milliseconds of `performance.now()`. */
export interface PacedTask {
  readonly dueMs: number;
  /** Does what is due by now, after which `dueMs` is later. */
  run(nowMs: number): void;
}

export interface PacerClock {
  nowMs(): number;
  /** Calls `then` once, `ms` from now or a little later; the answer calls it off. */
  after(ms: number, then: () => void): () => void;
}

const processClock: PacerClock = {
  nowMs: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * One timer for all that is sent from a process, against absolute instants: being late now does not make anything later
 * after it, and many senders wake the process no more often than their instants lie apart.
 */
export class Pacer {
  readonly #clock: PacerClock;
  readonly #tasks = new Set<PacedTask>();
  #cancel: (() => void) | null = null;
  #armedMs = Number.POSITIVE_INFINITY;
  #running = false;

  constructor(clock: PacerClock = processClock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** @returns takes the task off. Idempotent */
  add(task: PacedTask): () => void {
    this.#tasks.add(task);
    this.#arm();
    return () => {
      this.#tasks.delete(task);
      if (this.#tasks.size === 0) this.#disarm();
    };
  }

  /** A task is due earlier than it said before. */
  changed(): void {
    this.#arm();
  }

  #arm(): void {
    if (this.#running || this.#tasks.size === 0) return;
    const dueMs = Math.min(...[...this.#tasks].map((task) => task.dueMs));
    if (dueMs === this.#armedMs) return;
    this.#disarm();
    this.#armedMs = dueMs;
    // Whole milliseconds, up: a timer that fires a fraction too early would only be set anew.
    this.#cancel = this.#clock.after(Math.max(0, Math.ceil(dueMs - this.#clock.nowMs())), () => this.#run());
  }

  #run(): void {
    this.#disarm();
    this.#running = true;
    const nowMs = this.#clock.nowMs();
    try {
      for (const task of [...this.#tasks]) if (task.dueMs <= nowMs && this.#tasks.has(task)) task.run(nowMs);
    } finally {
      this.#running = false;
      this.#arm();
    }
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#armedMs = Number.POSITIVE_INFINITY;
  }
}

/** The process's own. */
export const pacer = new Pacer();
