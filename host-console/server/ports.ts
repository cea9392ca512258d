import { randomBytes } from 'node:crypto';

/** Time and ids are injected, so that tests decide what they are. */
export interface Clock {
  /** Wall clock, Unix milliseconds. */
  nowUnixMs(): number;
  /** Monotonic milliseconds, for durations and deadlines. */
  nowMs(): number;
}

export interface Ids {
  /** A new id of 128 random bits in the alphabet of `Id`: nobody guesses one. */
  next(): string;
}

export const systemClock: Clock = {
  nowUnixMs: () => Date.now(),
  nowMs: () => performance.now(),
};

export const randomIds: Ids = { next: () => randomBytes(16).toString('base64url') };
