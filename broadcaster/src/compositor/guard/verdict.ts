/** What the look at a stream's headers says, before any decoder sees them. */

/** The largest picture that is decoded; either way up. */
export interface PictureCap {
  readonly longSide: number;
  readonly shortSide: number;
}

export const DEFAULT_CAP: PictureCap = { longSide: 1920, shortSide: 1200 };

/** Pictures smaller than this are nobody's camera or screen. */
const LEAST_SIDE = 16;

/**
 * - `too-large`, `too-small`: the picture that the header announces
 * - `unsupported`: a coding tool that browsers do not send, and that widens what a decoder can be made to do
 * - `malformed`: a header that is none
 */
export type Refusal = {
  readonly reason: 'too-large' | 'too-small' | 'unsupported' | 'malformed';
  /** In words, for the log. */
  readonly detail: string;
};

/** @returns null when a picture of this size may be decoded */
export function judgeSize(width: number, height: number, cap: PictureCap): Refusal | null {
  const [short, long] = width < height ? [width, height] : [height, width];
  const detail = `${width}x${height}`;
  if (short < LEAST_SIDE) return { reason: 'too-small', detail };
  // Coders round up to whole macroblocks.
  const whole = (side: number): number => Math.ceil(side / 16) * 16;
  return long > whole(cap.longSide) || short > whole(cap.shortSide) ? { reason: 'too-large', detail } : null;
}
