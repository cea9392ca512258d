/** How far loading has come in a segment, in seconds of programme. */
export interface SegmentProgress {
  readonly durationS: number;
  /** 0: the segment is whole. */
  readonly leftS: number;
  /** The playlist knows of what comes after this segment. */
  readonly nextListed: boolean;
}

/**
 * Whether to change to another rendition now, or with the next segment. Only there does it begin with a keyframe: within
 * a segment hls.js fetches the other rendition from the segment's beginning, the same pictures twice. That is worth it
 * where what is left of the segment would take longer than all of it in the lesser rendition. At a segment's end hls.js
 * (1.7) does the same unless something newer is listed already.
 */
export function changesNow(
  progress: SegmentProgress | null,
  now: { readonly bitsPerSecond: number },
  then: { readonly bitsPerSecond: number },
): boolean {
  if (progress === null) return true;
  if (progress.leftS <= 0) return progress.nextListed;
  return progress.durationS * then.bitsPerSecond < progress.leftS * now.bitsPerSecond;
}
