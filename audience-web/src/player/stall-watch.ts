/** Since when the playhead has been where it is; null while that is not known. */
export type Standing = { readonly sinceMs: number; readonly positionS: number } | null;

/**
 * Tells when a playhead that should move has stood still for too long: `stalled` once per `stallMs` of it. Pure.
 * @param expected playback should be running
 */
export function watchStall(
  before: Standing,
  now: { readonly nowMs: number; readonly positionS: number; readonly expected: boolean },
  stallMs: number,
): { readonly standing: Standing; readonly stalled: boolean } {
  const afresh = { sinceMs: now.nowMs, positionS: now.positionS };
  if (!now.expected || before === null || before.positionS !== now.positionS) {
    return { standing: afresh, stalled: false };
  }
  if (now.nowMs - before.sinceMs < stallMs) return { standing: before, stalled: false };
  return { standing: afresh, stalled: true };
}
