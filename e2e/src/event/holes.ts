/** What of a show is missing in pictures of it that tell when they were drawn. Pure. */
import { CLOCK_BITS } from '../lib/synthetic-media.ts';

const ROUND_MS = 2 ** CLOCK_BITS;

export interface Stretch {
  readonly fromUnixMs: number;
  readonly toUnixMs: number;
}

/** The instant that a clock's reading stands for, of those it may be the one nearest to `nearUnixMs`: half a minute either way. */
export function drawnUnixMs(reading: number, nearUnixMs: number): number {
  const ahead = (((reading - nearUnixMs) % ROUND_MS) + ROUND_MS) % ROUND_MS;
  return nearUnixMs + (ahead > ROUND_MS / 2 ? ahead - ROUND_MS : ahead);
}

/** Stretches of more than `mostMs` in which nothing that is seen was drawn, between the first picture and the last. */
export function holesIn(drawn: readonly number[], mostMs: number): Stretch[] {
  const inOrder = drawn.toSorted((a, b) => a - b);
  return inOrder.flatMap((toUnixMs, i) => {
    const fromUnixMs = inOrder[i - 1] ?? toUnixMs;
    return toUnixMs - fromUnixMs > mostMs ? [{ fromUnixMs, toUnixMs }] : [];
  });
}

/** Those that do not lie within one of `allowed` as a whole. */
export const unexplained = (holes: readonly Stretch[], allowed: readonly Stretch[]): Stretch[] =>
  holes.filter(
    (hole) =>
      !allowed.some(({ fromUnixMs, toUnixMs }) => hole.fromUnixMs >= fromUnixMs && hole.toUnixMs <= toUnixMs),
  );
