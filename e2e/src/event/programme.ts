/** When what a recording's playlist plays was on the air. Pure. */
import type { MediaPlaylist, Segment } from '@rostrum/conformance/media-playlist';

export interface Aired {
  readonly segment: Segment;
  /** Position in what is played. */
  readonly startMs: number;
  readonly durationMs: number;
  /** By EXT-X-PROGRAM-DATE-TIME. */
  readonly airedUnixMs: number;
}

export function airedIn(playlist: MediaPlaylist): Aired[] {
  let startMs = 0;
  let nextUnixMs = Number.NaN;
  return playlist.segments.map((segment) => {
    const durationMs = (segment.durationS ?? 0) * 1000;
    const airedUnixMs = segment.programDateTimeMs ?? nextUnixMs;
    const aired = { segment, startMs, durationMs, airedUnixMs };
    startMs += durationMs;
    nextUnixMs = airedUnixMs + durationMs;
    return aired;
  });
}

export const lengthMs = (aired: readonly Aired[]): number =>
  aired.reduce((sum, { durationMs }) => sum + durationMs, 0);

/** The instant that is played at a position. */
export function airedAt(aired: readonly Aired[], positionMs: number): number {
  const its = aired.findLast(({ startMs }) => startMs <= positionMs) ?? aired[0];
  if (!its) throw new Error('nothing is played');
  return its.airedUnixMs + positionMs - its.startMs;
}
