/**
 * Gives frames their time on our clock. At first, and after a silence, they are held back for a moment: the quickest of several says where
 * the stream lies, and whether its clock went on while it was silent.
 */
import { ClockMap } from './clock-map.ts';
import type { Frame } from './frames.ts';

/** Frames are held for this long. */
const SETTLE_MS = 1000;
/** A camera at its slowest makes a frame a second. */
export const SILENCE_MS = 2500;
/** By more than this no network's mood is wrong: the clock is another. */
const OTHER_CLOCK_MS = 300;
/** Packets of a clock that stood still stay late; those of a network that does become quicker in this time. */
const LATE_MS = 10_000;
/** Frames that are held while it settles; more would be no camera. */
const MOST_HELD = 500;

export interface Placed {
  readonly frame: Frame;
  /** Unix ms of the programme's clock, with fractions. */
  readonly atMs: number;
  /** Whether the sender's clock is another one from here on. */
  readonly newClock: boolean;
}

type Phase =
  | { readonly is: 'settling'; readonly untilMs: number; readonly held: { frame: Frame; ticks: number }[] }
  | { readonly is: 'running' };

export class TrackClock {
  readonly #clockRate: number;
  #map: ClockMap | null = null;
  #phase: Phase = { is: 'running' };
  /** Of the newest frame: ticks without their wraps. */
  #last: { readonly rtpTimestamp: number; readonly ticks: number; readonly cameMs: number } | null = null;
  /** Since when nothing came in time. */
  #lateSinceMs: number | null = null;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** @param frame in the order of the stream */
  take(frame: Frame): Placed[] {
    const { rtpTimestamp, cameMs } = frame;
    const ticks = this.#ticksOf(rtpTimestamp);
    const silent = this.#last === null || cameMs - this.#last.cameMs >= SILENCE_MS;
    this.#last = { rtpTimestamp, ticks, cameMs };
    const out = silent && this.#phase.is === 'settling' ? this.#settle() : [];
    if (this.#phase.is === 'running' && (silent || this.#isOther(ticks, cameMs)))
      this.#phase = { is: 'settling', untilMs: cameMs + SETTLE_MS, held: [] };
    if (this.#phase.is === 'settling') {
      this.#phase.held.push({ frame, ticks });
      if (this.#phase.held.length >= MOST_HELD) out.push(...this.#settle());
      return [...out, ...this.due(cameMs)];
    }
    this.#map?.packet(ticks, cameMs);
    return [...out, { frame, atMs: this.#map?.ownMs(ticks) ?? cameMs, newClock: false }];
  }

  /** A sender report came. */
  report(rtpTimestamp: number, cameMs: number): void {
    if (this.#phase.is === 'running' && this.#last) this.#map?.report(this.#ticksOf(rtpTimestamp), cameMs);
  }

  /** What is held no longer. */
  due(nowMs: number): Placed[] {
    return this.#phase.is === 'settling' && nowMs >= this.#phase.untilMs ? this.#settle() : [];
  }

  flush(): Placed[] {
    return this.#phase.is === 'settling' ? this.#settle() : [];
  }

  #ticksOf(rtpTimestamp: number): number {
    return this.#last ? this.#last.ticks + ((rtpTimestamp - this.#last.rtpTimestamp) | 0) : 0;
  }

  #isOther(ticks: number, cameMs: number): boolean {
    if (!this.#map) return true;
    const lateMs = cameMs - this.#map.ownMs(ticks);
    if (lateMs < OTHER_CLOCK_MS) this.#lateSinceMs = null;
    else this.#lateSinceMs ??= cameMs;
    // None comes before it was sent.
    const early = lateMs < -OTHER_CLOCK_MS;
    return early || (this.#lateSinceMs !== null && cameMs - this.#lateSinceMs >= LATE_MS);
  }

  #settle(): Placed[] {
    if (this.#phase.is !== 'settling') return [];
    const { held } = this.#phase;
    this.#phase = { is: 'running' };
    this.#lateSinceMs = null;
    const apartMs = (ticks: number, cameMs: number): number => cameMs - (ticks * 1000) / this.#clockRate;
    const quickest = held.toSorted(
      (a, b) => apartMs(a.ticks, a.frame.cameMs) - apartMs(b.ticks, b.frame.cameMs),
    )[0];
    if (!quickest) return [];
    const { ticks, frame } = quickest;
    const goesOn = this.#map && Math.abs(frame.cameMs - this.#map.ownMs(ticks)) < OTHER_CLOCK_MS;
    if (!goesOn) this.#map = new ClockMap(this.#clockRate, ticks, frame.cameMs);
    const map = this.#map;
    return held.map((one, i) => ({
      frame: one.frame,
      atMs: map?.ownMs(one.ticks) ?? one.frame.cameMs,
      newClock: !goesOn && i === 0,
    }));
  }
}
