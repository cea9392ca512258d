/** Conversions between the channel's nanoseconds and media ticks. Each instant is converted once, from its own value: no drift. */

export const VIDEO_TIMESCALE = 90_000;
export const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;

/** Nearest tick of `timescale` (Hz) to an instant in nanoseconds. Exact: whole seconds and the rest apart stay integers. */
export function nsToTicks(ns: number, timescale: number): number {
  const seconds = Math.floor(ns / NS_PER_S);
  return seconds * timescale + Math.round(((ns - seconds * NS_PER_S) * timescale) / NS_PER_S);
}

/** Nanoseconds of a tick, rounded to the nearest. */
export function ticksToNs(ticks: number, timescale: number): number {
  const seconds = Math.floor(ticks / timescale);
  return seconds * NS_PER_S + Math.round(((ticks - seconds * timescale) * NS_PER_S) / timescale);
}
