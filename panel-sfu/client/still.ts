/** A live picture that shows nothing new for so long stands still. */
export const STILL_AFTER_MS = 3000;
const LOOK_MS = 500;

export interface Stillness {
  /** Frames so far. */
  readonly frames: number;
  /** Since there is no other. */
  readonly sinceMs: number;
  readonly still: boolean;
}

export interface Look {
  readonly frames: number;
  /** null: whether a frame is shown says nothing, since this browser does not count them, or nobody sees the picture. */
  readonly nowMs: number | null;
}

/** What is seen again, or counted anew, has all its time before it. Pure. */
export function nextStillness(before: Stillness | null, { frames, nowMs }: Look): Stillness | null {
  if (nowMs === null) return null;
  if (before === null || before.frames !== frames) return { frames, sinceMs: nowMs, still: false };
  return { ...before, still: nowMs - before.sinceMs >= STILL_AFTER_MS };
}

/** Tells when the picture in an element that is on the screen stands still, and when it moves again. The answer ends it. */
export function watchStill(video: HTMLVideoElement, told: (still: boolean) => void): () => void {
  let onScreen = false;
  let stillness: Stillness | null = null;
  const sight = new IntersectionObserver((entries) => {
    onScreen = entries.at(-1)?.isIntersecting ?? false;
  });
  sight.observe(video);
  const timer = setInterval(() => {
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    const counts = frames > 0 || video.readyState < video.HAVE_CURRENT_DATA;
    const says = counts && onScreen && document.visibilityState === 'visible';
    const before = stillness?.still ?? false;
    stillness = nextStillness(stillness, { frames, nowMs: says ? performance.now() : null });
    const still = stillness?.still ?? false;
    if (still !== before) told(still);
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    sight.disconnect();
  };
}
