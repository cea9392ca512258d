/**
 * What a compositor leaves out when its machine is too slow, in the order in which it hurts least, and when it takes it up
 * again. Pure: what was seen of late in, the rung to stand on out.
 *
 * Sound is on no rung. Renditions stay valid whatever rung it is: one that is off has gaps in step with the others, and
 * players take another (docs/overload.md).
 */
import type { ShedLoad } from '@rostrum/contracts/node-socket';

/** Each rung leaves out what those before it do, and one thing more. */
export const RUNGS: readonly (readonly ShedLoad[])[] = [
  [],
  ['small-layers'],
  ['small-layers', '720p'],
  ['small-layers', '720p', '240p'],
  ['small-layers', '720p', '240p', 'half-rate'],
];

const LIMITS = {
  /** Later than usual by this much is pressure; frames are dropped from a little later on. Milliseconds. */
  lateMs: 120,
  /** By this much, or sound by `soundMs`, it is severe. */
  severeMs: 400,
  soundMs: 40,
  /** Lateness that goes down by this much from one look to the next mends itself. */
  fallsByMs: 20,
  /** Pressure that lasts so long is a rung; a player at the edge has a quarter of a second in its buffer. */
  patienceMs: { pressure: 500, severe: 250 },
  /** What is left out is left out at once: so soon it can be seen whether that was enough. */
  nextMs: { pressure: 1000, severe: 500 },
  /** So long nothing was late, and the machine had room: one rung up. */
  calmMs: 1500,
  /** Without room in sight it is tried all the same: what fills the machine may be less important than we are. */
  tryMs: { first: 8000, most: 64_000 },
  /** A rung that holds for so long was no mistake. */
  heldMs: 20_000,
} as const;

/** How it went since the last look. */
export interface Fare {
  /** How much later than usual the latest picture reached its encoder, ms. */
  readonly lateMs: number;
  /** The same of sound. */
  readonly soundLateMs: number;
  /** Pictures dropped for being late. */
  readonly dropped: number;
  /** Whether the machine could do a good deal more. */
  readonly room: boolean;
}

export class Ladder {
  #step = 0;
  #lateMs = 0;
  #pressedSinceMs: number | null = null;
  #calmSinceMs: number | null = null;
  #roomSinceMs: number | null = null;
  #steppedMs = Number.NEGATIVE_INFINITY;
  #raisedMs = Number.NEGATIVE_INFINITY;
  #tryMs: number = LIMITS.tryMs.first;

  constructor(step = 0) {
    this.#step = Math.min(Math.max(0, step), RUNGS.length - 1);
  }

  get step(): number {
    return this.#step;
  }

  get shed(): readonly ShedLoad[] {
    return RUNGS[this.#step] ?? [];
  }

  /** Call a few times a second. `nowMs` is monotonic. Returns whether the rung changed. */
  note(fare: Fare, nowMs: number): boolean {
    const falls = fare.lateMs <= this.#lateMs - LIMITS.fallsByMs;
    this.#lateMs = fare.lateMs;
    const severe = fare.lateMs > LIMITS.severeMs || fare.soundLateMs > LIMITS.soundMs;
    if (!severe && fare.lateMs <= LIMITS.lateMs && fare.dropped === 0) return this.#calm(fare, nowMs);
    this.#calmSinceMs = null;
    this.#roomSinceMs = null;
    if (falls && fare.dropped === 0) {
      this.#pressedSinceMs = null;
      return false;
    }
    this.#pressedSinceMs ??= nowMs;
    const kind = severe ? 'severe' : 'pressure';
    if (nowMs - this.#pressedSinceMs < LIMITS.patienceMs[kind]) return false;
    if (nowMs - this.#steppedMs < LIMITS.nextMs[kind] || this.#step === RUNGS.length - 1) return false;
    // What was taken up again was too much: longer until the next try.
    if (nowMs - this.#raisedMs < LIMITS.heldMs) this.#tryMs = Math.min(2 * this.#tryMs, LIMITS.tryMs.most);
    // The first rung helps little, and only when the SFU has followed: the next is taken with it.
    this.#step += this.#step === 0 ? 2 : 1;
    this.#steppedMs = nowMs;
    return true;
  }

  #calm({ room }: Fare, nowMs: number): boolean {
    this.#pressedSinceMs = null;
    this.#calmSinceMs ??= nowMs;
    if (room) this.#roomSinceMs ??= nowMs;
    else this.#roomSinceMs = null;
    if (nowMs - this.#raisedMs >= LIMITS.heldMs && this.#step === 0) this.#tryMs = LIMITS.tryMs.first;
    if (this.#step === 0) return false;
    const after = (sinceMs: number): number => nowMs - Math.max(sinceMs, this.#steppedMs);
    const safe = this.#roomSinceMs !== null && after(this.#roomSinceMs) >= LIMITS.calmMs;
    if (!safe && after(this.#calmSinceMs) < this.#tryMs) return false;
    this.#step -= 1;
    this.#steppedMs = nowMs;
    this.#raisedMs = nowMs;
    return true;
  }
}
