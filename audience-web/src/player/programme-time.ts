/** The part of an hls.js fragment that programme time needs. Seconds on the media timeline, Unix milliseconds. */
export interface DatedFragment {
  readonly start: number;
  readonly duration: number;
  readonly programDateTime: number | null;
}

/**
 * The programme date (Unix milliseconds) at `timeS` of the media timeline: from the fragment that holds it, or the
 * nearest before it, since parts newer than the last whole segment are not in the list. null without any date.
 */
export function programmeDateAt(fragments: readonly DatedFragment[], timeS: number): number | null {
  for (let i = fragments.length - 1; i >= 0; i -= 1) {
    const f = fragments[i];
    if (f?.programDateTime != null && (f.start <= timeS + 0.001 || i === 0)) {
      return f.programDateTime + (timeS - f.start) * 1000;
    }
  }
  return null;
}

/**
 * The other way round: where on the media timeline (seconds) `dateUnixMs` is; of a date that no fragment has, where what
 * comes after it begins. null before the first fragment and after the last.
 */
export function timeOfDate(fragments: readonly DatedFragment[], dateUnixMs: number): number | null {
  let first = true;
  for (const { start, duration, programDateTime } of fragments) {
    if (programDateTime === null) continue;
    const intoS = (dateUnixMs - programDateTime) / 1000;
    if (intoS < 0) return first ? null : start;
    if (intoS < duration) return start + intoS;
    first = false;
  }
  return null;
}
