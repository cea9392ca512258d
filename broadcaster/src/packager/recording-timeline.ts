/** What each rendition of the recording plays: its own segments, and others' where it has none. Settled once. Pure. */
import type { Rendition } from '@rostrum/contracts/profile';
import { isGap, type Segment } from './window.ts';

/** A segment of the recording. It is never a gap: not all that read recordings know of those. */
export interface RecordedSegment {
  /** Who plays it. */
  readonly rendition: string;
  /** Whose file it is. */
  readonly source: string;
  readonly segment: Segment;
  /** How many discontinuities lie between it and what this rendition plays before it; of the first: before it. */
  readonly discontinuities: number;
}

interface Chosen {
  readonly source: string;
  readonly segment: Segment;
}

interface Track {
  readonly name: string;
  readonly standIns: readonly string[];
  /** Up to here it has told what it has, and what not. */
  toldMsn: number;
  /** What it plays last. */
  last: Chosen | undefined;
  /** Discontinuities of the recording that are in front of what it plays last. */
  passed: number;
}

interface Moment {
  readonly msn: number;
  readonly segments: Map<string, Segment>;
}

/**
 * Takes the segments of all renditions as they come to be on disk, each rendition's in MSN order, and says what the
 * recording plays. What it said it never says otherwise: a playlist of it only grows (RFC 8216bis, 4.4.3.5). So a moment is
 * settled when every rendition has told what it has of it. None keeps the others waiting for long: the packager closes a
 * segment of gaps for the one that stalls.
 *
 * Where a rendition of pictures lacks a segment or part of it, the next lesser one that has it whole stands in, else the next
 * better one; where none has it, it is left out. A rendition without pictures has its own sound alone: others' segments have
 * a track too many. Discontinuities are in all renditions at the same moments, so that a player finds the same place in another.
 */
export class RecordingTimeline {
  readonly #tracks: readonly Track[];
  /** Not settled, in MSN order. */
  readonly #waiting: Moment[] = [];
  #discontinuities = 0;

  constructor(ladder: readonly Rendition[]) {
    this.#tracks = ladder.map((rendition) => ({
      name: rendition.name,
      standIns: standInsOf(ladder, rendition),
      toldMsn: -1,
      last: undefined,
      passed: 0,
    }));
  }

  /** Returns what that settles, in the order of moments. What was told before, and unknown renditions, count for nothing. */
  add(rendition: string, segment: Segment): RecordedSegment[] {
    const track = this.#tracks.find(({ name }) => name === rendition);
    if (!track || segment.msn <= track.toldMsn) return [];
    track.toldMsn = segment.msn;
    this.#moment(segment.msn).segments.set(rendition, segment);
    return this.#settle(Math.min(...this.#tracks.map(({ toldMsn }) => toldMsn)));
  }

  /** Nothing more comes: what is not settled is now, with what there is of it. */
  finish(): RecordedSegment[] {
    return this.#settle(Number.POSITIVE_INFINITY);
  }

  #moment(msn: number): Moment {
    const before = this.#waiting.findLastIndex((moment) => moment.msn <= msn);
    const known = this.#waiting[before];
    if (known?.msn === msn) return known;
    const moment: Moment = { msn, segments: new Map() };
    this.#waiting.splice(before + 1, 0, moment);
    return moment;
  }

  #settle(upToMsn: number): RecordedSegment[] {
    const settled: RecordedSegment[] = [];
    for (let moment = this.#waiting[0]; moment && moment.msn <= upToMsn; moment = this.#waiting[0]) {
      this.#waiting.shift();
      settled.push(...this.#choose(moment));
    }
    return settled;
  }

  #choose({ segments }: Moment): RecordedSegment[] {
    const chosen = this.#tracks.flatMap((track) => {
      const best = bestOf(track.standIns, segments);
      return best ? [{ track, ...best }] : [];
    });
    if (chosen.some(({ track, ...one }) => track.last && !goesOn(track.last, one)))
      this.#discontinuities += 1;
    return chosen.map(({ track, ...one }) => {
      const discontinuities = this.#discontinuities - track.passed;
      track.passed = this.#discontinuities;
      track.last = one;
      return { rendition: track.name, ...one, discontinuities };
    });
  }
}

/** Whose segments a rendition may show, the best first: its own, lesser ones downwards, better ones upwards. */
function standInsOf(ladder: readonly Rendition[], rendition: Rendition): string[] {
  if (rendition.kind !== 'video') return [rendition.name];
  const videos = ladder.flatMap((other) => (other.kind === 'video' ? [other.name] : []));
  const at = videos.indexOf(rendition.name);
  return [...videos.slice(at), ...videos.slice(0, at).reverse()];
}

/** The first of those with the fewest gaps. */
function bestOf(standIns: readonly string[], segments: ReadonlyMap<string, Segment>): Chosen | undefined {
  let best: (Chosen & { readonly gaps: number }) | undefined;
  for (const source of standIns) {
    const segment = segments.get(source);
    if (!segment || isGap(segment)) continue;
    const gaps = segment.parts.filter((part) => part.gap).length;
    if (!best || gaps < best.gaps) best = { source, segment, gaps };
  }
  return best && { source: best.source, segment: best.segment };
}

/** Does the coded stream simply go on? */
export const goesOn = (before: Chosen, { source, segment }: Chosen): boolean =>
  before.source === source &&
  before.segment.epoch === segment.epoch &&
  before.segment.msn + 1 === segment.msn;
