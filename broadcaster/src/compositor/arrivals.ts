/**
 * When packets of a stream came, as the jitter buffer is to believe. It takes a packet that comes later than it waits as the
 * beginning of another timeline, plays the stream from there, and pulls it back together for more than half a second, in
 * which the mixer tears the sound up to a dozen times. A network that only stood still is no new timeline: such packets are
 * said to have come in time, and what stays late for longer is followed.
 */
import type { PlayoutDelay } from './playout-delay.ts';

/** The quickest packet of this long, or up to twice this long, says how long the way is. Nanoseconds. */
const WINDOW_NS = 1_000_000_000;
/** What is late for longer than this is the new way of things. Nanoseconds. */
const PATIENCE_NS = 100_000_000;

export class Arrivals {
  readonly #clockRate: number;
  readonly #toleranceNs: number;
  readonly #delay: PlayoutDelay;
  readonly #mixWaitsNs: () => number;
  /** RTP time of the last packet without its wraps: ticks since the first one. */
  #last: { readonly timestamp: number; readonly ticks: number } | null = null;
  /** Least time on the way (to an offset) of this window and of the one before it. */
  #window = { sinceNs: 0, quickestNs: Number.POSITIVE_INFINITY, beforeNs: Number.POSITIVE_INFINITY };
  #lateSinceNs: number | null = null;

  /**
   * @param clockRate ticks of the RTP timestamps a second
   * @param toleranceNs by how much packets may be later than the quickest ones, nanoseconds: at most what the jitter buffer waits
   * @param delay is told how late packets are; what it allows is not too late
   * @param mixWaitsNs by how much longer than that the mixer waits at present: our own machine is what makes packets late then,
   * and following it would tear the sound as often
   */
  constructor(
    clockRate: number,
    toleranceNs: number,
    delay: PlayoutDelay,
    mixWaitsNs: () => number = () => 0,
  ) {
    this.#clockRate = clockRate;
    this.#toleranceNs = toleranceNs;
    this.#delay = delay;
    this.#mixWaitsNs = mixWaitsNs;
  }

  /**
   * @param timestamp of the RTP packet, 32 bits
   * @param nowNs local time
   * @param harms whether this packet's lateness does harm: it is a reason to play later then
   * @returns local time to take it for, never later than now and never negative, nanoseconds
   */
  stamp(timestamp: number, nowNs: number, harms = true): number {
    const ticks = this.#last ? this.#last.ticks + ((timestamp - this.#last.timestamp) | 0) : 0;
    this.#last = { timestamp, ticks };
    const sentNs = (ticks * 1e9) / this.#clockRate;
    const wayNs = nowNs - sentNs;
    const quickestNs = Math.min(this.#window.quickestNs, this.#window.beforeNs);
    const lateNs = wayNs - quickestNs;
    const mixWaitsNs = this.#mixWaitsNs();
    this.#delay.note(harms ? lateNs - mixWaitsNs : 0, nowNs);
    if (lateNs <= this.#toleranceNs + mixWaitsNs + this.#delay.ns) this.#lateSinceNs = null;
    else this.#lateSinceNs ??= nowNs;
    if (lateNs <= this.#toleranceNs) this.#note(wayNs, nowNs);
    else if (this.#lateSinceNs !== null && nowNs - this.#lateSinceNs >= PATIENCE_NS) {
      this.#lateSinceNs = null;
      this.#window = { sinceNs: nowNs, quickestNs: wayNs, beforeNs: Number.POSITIVE_INFINITY };
    } else return Math.max(0, sentNs + quickestNs);
    return nowNs;
  }

  #note(wayNs: number, nowNs: number): void {
    const { sinceNs, quickestNs } = this.#window;
    if (nowNs - sinceNs >= WINDOW_NS) {
      this.#window = { sinceNs: nowNs, quickestNs: wayNs, beforeNs: quickestNs };
    } else if (wayNs < quickestNs) this.#window = { ...this.#window, quickestNs: wayNs };
  }
}
