/** Tells when a playhead that should move has stood still for too long. Pure but for what it remembers. */
export interface StallWatch {
  /** True once per `stallMs` of standing still. `expected`: playback should be running. */
  check(nowMs: number, positionS: number, expected: boolean): boolean;
  reset(): void;
}

export function createStallWatch(stallMs: number): StallWatch {
  let since: { readonly atMs: number; readonly positionS: number } | null = null;
  return {
    check(nowMs, positionS, expected) {
      if (!expected || since === null || since.positionS !== positionS) {
        since = { atMs: nowMs, positionS };
        return false;
      }
      if (nowMs - since.atMs < stallMs) return false;
      since = { atMs: nowMs, positionS };
      return true;
    },
    reset() {
      since = null;
    },
  };
}
