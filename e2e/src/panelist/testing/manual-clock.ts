import type { PacerClock } from '../pacer.ts';

/** A clock that stands until it is told to go on. */
export class ManualClock implements PacerClock {
  #nowMs: number;
  #alarms: { readonly atMs: number; readonly then: () => void }[] = [];
  /** How often it woke somebody. */
  wakes = 0;

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, then: () => void): () => void {
    const alarm = { atMs: this.#nowMs + ms, then };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** Time passes, and everybody is woken when it is their time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#alarms.filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#ring(next, Math.max(this.#nowMs, next.atMs));
    }
    this.#nowMs = endMs;
  }

  /** The process does not run for this time; whoever was to be woken meanwhile is woken after it. */
  starve(ms: number): void {
    this.#nowMs += ms;
    this.advance(0);
  }

  #ring(alarm: { readonly atMs: number; readonly then: () => void }, nowMs: number): void {
    this.#alarms = this.#alarms.filter((other) => other !== alarm);
    this.#nowMs = nowMs;
    this.wakes += 1;
    alarm.then();
  }
}
