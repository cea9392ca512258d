/** What is known of a part that is on its way. */
export interface PartUnderWay {
  readonly durationS: number;
  readonly bytes: number;
  /** 0 where the server did not say. */
  readonly totalBytes: number;
  /** 0 before it came. */
  readonly firstByteAtMs: number;
}

/**
 * Whether a part is better given up for one of a lesser rendition: it has taken longer than it plays, and will have taken
 * twice that. One that is only somewhat late is waited for: the next segment is soon enough to change.
 */
export function comesTooLate(part: PartUnderWay, nowMs: number): boolean {
  const { durationS, bytes, totalBytes, firstByteAtMs } = part;
  if (firstByteAtMs === 0 || bytes === 0 || bytes >= totalBytes) return false;
  const tookMs = nowMs - firstByteAtMs;
  return tookMs >= durationS * 1000 && (tookMs * totalBytes) / bytes > 2 * durationS * 1000;
}
