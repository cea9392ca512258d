/**
 * What a compositor leaves out when its machine is too slow, in the order in which it hurts least, and when it takes it up
 * again. Pure: what was seen in the last second in, the rung to stand on out.
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
  /** By this much, or sound by `soundMs`: the next rung is not waited for. */
  severeMs: 400,
  soundMs: 40,
  severeEveryMs: 1000,
  /** Seconds in a row with pressure before anything is left out. */
  patience: 2,
  /** So long nothing was late, and the machine has room: one rung up. */
  calmMs: 2000,
  /** Without room in sight it is tried all the same: what fills the machine may be less important than we are. */
  tryMs: { first: 8000, most: 64_000 },
  /** A rung that holds for so long was no mistake. */
  heldMs: 20_000,
} as const;

/** How the last second went. */
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
  readonly #settleMs: number;
  #step = 0;
  #pressed = 0;
  #calmSinceMs: number | null = null;
  #steppedMs = Number.NEGATIVE_INFINITY;
  #raisedMs = Number.NEGATIVE_INFINITY;
  #tryMs: number = LIMITS.tryMs.first;

  /** @param settleMs from a step to its effect: renditions come and go with a segment */
  constructor(settleMs: number, step = 0) {
    this.#settleMs = settleMs;
    this.#step = Math.min(Math.max(0, step), RUNGS.length - 1);
  }

  get step(): number {
    return this.#step;
  }

  get shed(): readonly ShedLoad[] {
    return RUNGS[this.#step] ?? [];
  }

  /** Call once a second. `nowMs` is monotonic. Returns whether the rung changed. */
  note(fare: Fare, nowMs: number): boolean {
    const severe = fare.lateMs > LIMITS.severeMs || fare.soundLateMs > LIMITS.soundMs;
    const pressure = severe || fare.lateMs > LIMITS.lateMs || fare.dropped > 0;
    if (!pressure) return this.#calm(fare, nowMs);
    this.#calmSinceMs = null;
    this.#pressed += 1;
    if (!severe && this.#pressed < LIMITS.patience) return false;
    const waitMs = severe ? LIMITS.severeEveryMs : this.#settleMs;
    if (nowMs - this.#steppedMs < waitMs || this.#step === RUNGS.length - 1) return false;
    // What was taken up again was too much: longer until the next try.
    if (nowMs - this.#raisedMs < LIMITS.heldMs) this.#tryMs = Math.min(2 * this.#tryMs, LIMITS.tryMs.most);
    // The first rung helps little and late; who is in trouble takes the next with it.
    this.#step += severe && this.#step === 0 ? 2 : 1;
    this.#steppedMs = nowMs;
    return true;
  }

  #calm({ room }: Fare, nowMs: number): boolean {
    this.#pressed = 0;
    this.#calmSinceMs ??= nowMs;
    if (nowMs - this.#raisedMs >= LIMITS.heldMs && this.#step === 0) this.#tryMs = LIMITS.tryMs.first;
    const waitMs = room ? LIMITS.calmMs : this.#tryMs;
    if (this.#step === 0 || nowMs - Math.max(this.#calmSinceMs, this.#steppedMs) < waitMs) return false;
    this.#step -= 1;
    this.#steppedMs = nowMs;
    this.#raisedMs = nowMs;
    return true;
  }
}
