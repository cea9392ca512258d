/**
 * The grid of one encoder epoch: segments, parts and frame slots as instants of the channel's timeline, common to all
 * renditions. While every frame comes, a cut on the grid is a cut on a frame count; when frames are missing, part
 * durations and MSNs stay what they were (LL2, LL8).
 */
import { FRAME_RATE, type LatencyProfile } from '@rostrum/contracts/profile';
import { NS_PER_MS } from './ticks.ts';

export const FRAME_NS = 1_000_000_000 / FRAME_RATE;

export interface Grid {
  /** Decode time of the epoch's first keyframe. */
  readonly originNs: number;
  /** Its presentation time: what audio is cut by and PROGRAM-DATE-TIME tells. */
  readonly originPresentationNs: number;
  readonly framesPerPart: number;
  readonly partsPerSegment: number;
}

export function createGrid(profile: LatencyProfile, originNs: number, originPresentationNs: number): Grid {
  return {
    originNs,
    originPresentationNs,
    framesPerPart: Math.round((profile.partMs * NS_PER_MS) / FRAME_NS),
    partsPerSegment: Math.round(profile.segmentMs / profile.partMs),
  };
}

/** Frame slot of a decode time; half a frame of jitter is forgiven. Negative before the origin. */
export const slotOf = (grid: Grid, dtsNs: number): number => Math.round((dtsNs - grid.originNs) / FRAME_NS);

/** Start of a part on the decode timeline; `part` counts from the epoch's first. */
export const partStartNs = (grid: Grid, part: number): number =>
  grid.originNs + part * grid.framesPerPart * FRAME_NS;

/** The same instant on the presentation timeline. */
export const presentationNs = (grid: Grid, decodeNs: number): number =>
  decodeNs - grid.originNs + grid.originPresentationNs;
