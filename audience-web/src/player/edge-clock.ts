/**
 * Where the live edge is *now*. Playlists tell it once a part, a little late and unevenly; the edge itself moves
 * evenly with time. The promptest playlist of the last seconds is nearest the truth, so the line runs through it.
 */
export interface EdgeClock {
  /** A playlist arrived whose last part ends at `edgeMs` of the media timeline. */
  readonly observe: (nowMs: number, edgeMs: number) => void;
  /** The edge on the media timeline, null before the first playlist. */
  readonly edgeAtMs: (nowMs: number) => number | null;
  /** Forgets everything: a new media timeline begins. */
  readonly reset: () => void;
}

/** `windowMs`: how long one prompt playlist counts. Longer is steadier, shorter follows a moved edge sooner. */
export function createEdgeClock(windowMs = 6000): EdgeClock {
  let samples: { readonly atMs: number; readonly offsetMs: number }[] = [];
  return {
    observe(nowMs, edgeMs) {
      samples = samples.filter((s) => nowMs - s.atMs < windowMs);
      samples.push({ atMs: nowMs, offsetMs: edgeMs - nowMs });
    },
    edgeAtMs(nowMs) {
      if (samples.length === 0) return null;
      return nowMs + Math.max(...samples.map((s) => s.offsetMs));
    },
    reset() {
      samples = [];
    },
  };
}
