/** Longer before the start than this nobody waits. Minutes. */
export const DOORS_MINUTES_MAX = 120;
