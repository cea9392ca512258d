/**
 * The channel's timeline as numbers: a video grid of 40 ms and an audio grid of 1024 samples, both counted from
 * `timelineZeroUnixMs`. Everything leaves the compositor on these grids, so no rounding adds up over hours.
 */
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE, FRAME_RATE } from '@rostrum/contracts/profile';

export const FRAME_NS = 1_000_000_000 / FRAME_RATE;

/** Both grids meet every 320 ms: 8 video frames are 15 AAC frames. Compositors start on such a point. */
export const START_GRID_NS = 320_000_000;

/** Time of AAC frame `index`, nanoseconds, rounded once from the exact fraction. */
export const audioFrameNs = (index: number): number =>
  Math.round((index * AAC_FRAME_SAMPLES * 1_000_000_000) / AUDIO_SAMPLE_RATE);

const AUDIO_FRAME_NS = (AAC_FRAME_SAMPLES * 1_000_000_000) / AUDIO_SAMPLE_RATE;

/**
 * Where a compositor that starts now begins on the channel's timeline, nanoseconds: the last grid point that has
 * passed (so that its first frames are due at once), but never before what its predecessor already gave out.
 */
export function startOffsetNs(nowUnixMs: number, timelineZeroUnixMs: number, notBeforeNs: number): number {
  const nowNs = Math.max(0, nowUnixMs - timelineZeroUnixMs) * 1_000_000;
  const passed = Math.floor(nowNs / START_GRID_NS) * START_GRID_NS;
  const allowed = Math.ceil(notBeforeNs / START_GRID_NS) * START_GRID_NS;
  return Math.max(passed, allowed);
}

/** What became of a sample's own time: its place on the grid. */
export interface Snapped {
  readonly ptsNs: number;
  readonly durationNs: number;
}

/** Snaps one track's samples to its grid. Each call is one sample, in order. */
export interface Snapper {
  /** @returns null for a sample that falls on or before the last one's place, which must not go out */
  snap(runningTimeNs: number): Snapped | null;
}

/** @param behind places that a sample may claim too early and still be the next one */
function snapper(
  timeOf: (index: number) => number,
  indexOf: (ns: number) => number,
  behind: number,
): Snapper {
  let last: number | null = null;
  return {
    snap(runningTimeNs) {
      const claimed = indexOf(runningTimeNs);
      const next: number = last === null ? claimed : last + 1;
      if (claimed < next - behind) return null;
      const index = Math.max(claimed, next);
      last = index;
      const ptsNs = timeOf(index);
      return { ptsNs, durationNs: timeOf(index + 1) - ptsNs };
    },
  };
}

/**
 * The mixer now and then stamps its second frame like its first (when formats settle while it starts), and goes on right:
 * each frame is the next one unless it claims to be later.
 * @param offsetNs the compositor's start on the timeline, on the start grid
 */
export function videoSnapper(offsetNs: number): Snapper {
  const first = Math.round(offsetNs / FRAME_NS);
  return snapper(
    (index) => (first + index) * FRAME_NS,
    (ns) => Math.round(ns / FRAME_NS),
    1,
  );
}

/**
 * AAC frames. An AAC decoder's first 1024 samples are the encoder's priming: what goes into the encoder with frame n
 * comes out of the decoder with frame n + 1, so every frame is placed one earlier for lips to match.
 */
export function audioSnapper(offsetNs: number): Snapper {
  const first = Math.round(offsetNs / AUDIO_FRAME_NS);
  return snapper(
    (index) => audioFrameNs(first + index - 1),
    (ns) => Math.round(ns / AUDIO_FRAME_NS),
    0,
  );
}
