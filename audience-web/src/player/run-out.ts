import type { PlayerStatus } from './player-state.ts';

/**
 * What whoever watched live sees once the show is over. `play-on`: the rest of it, from where they are, paused or not;
 * `recording`: the same from the recording, since the live playlist gives no more; `card`: there is no rest.
 */
export type AfterEnd = 'play-on' | 'recording' | 'card';

/** Standing still for this long with somebody looking on, nothing more will come from there. */
export const GIVE_UP_MS = 6000;

export function afterEnd(now: {
  readonly status: PlayerStatus;
  /** For how long the picture has stood still though it should move (`createStandstill`). */
  readonly standsStillMs: number;
  /** There is a recording, it is not what has stood still, and the place in it is known. */
  readonly canGoOn: boolean;
}): AfterEnd {
  if (now.status === 'finished' || now.status === 'unsupported') return 'card';
  if (now.standsStillMs < GIVE_UP_MS) return 'play-on';
  return now.canGoOn ? 'recording' : 'card';
}

/** A longer time between two looks was one in which nobody could look: the machine slept. */
const LONGEST_LOOK_MS = 1000;

/** How long a playhead has stood still, ms. `expected`: it should move, and is seen. */
export function createStandstill(): (nowMs: number, positionS: number, expected: boolean) => number {
  let stoodMs = 0;
  let last: { readonly nowMs: number; readonly positionS: number } | null = null;
  return (nowMs, positionS, expected) => {
    const stands = expected && last !== null && last.positionS === positionS;
    stoodMs = stands && last !== null ? stoodMs + Math.min(LONGEST_LOOK_MS, nowMs - last.nowMs) : 0;
    last = { nowMs, positionS };
    return stoodMs;
  };
}
