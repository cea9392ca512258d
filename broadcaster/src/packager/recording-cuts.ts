/** What is left of a recording once the cuts are made. Pure. */
import type { RecordingCut } from '@rostrum/contracts/recording';
import type { RecordedSegment } from './recording-timeline.ts';
import { durationMsOf, type Segment } from './window.ts';

export interface KeptSegment extends RecordedSegment {
  /** Something was cut out between it and what its rendition plays before it. */
  readonly afterCut: boolean;
}

/** Where a rendition is: discontinuities and cuts in front of what it plays last, as the timeline counts and as is told. */
interface Place {
  passed: number;
  told: number;
  cuts: number;
  plays: boolean;
}

/**
 * Takes what the timeline settles, in its order, and leaves out the moments of which a part is cut: in all renditions alike, so that
 * a player finds the same place in another. What was cut out counts as one discontinuity, whatever was in it; those in front of
 * the first moment that is left have passed, as if the playlist had been longer (EXT-X-DISCONTINUITY-SEQUENCE). Without cuts all is
 * as it was.
 */
export class RecordingCuts {
  readonly #cuts: readonly RecordingCut[];
  readonly #places = new Map<string, Place>();
  /** The moment that is looked at. */
  #msn = -1;
  #kept = false;
  /** The last that is left: discontinuities in front of it, as the timeline counts and as is told. */
  #last: { passed: number; told: number } | null = null;
  #cutSince = false;
  #cutCount = 0;

  constructor(cuts: readonly RecordingCut[]) {
    this.#cuts = cuts;
  }

  keep(settled: readonly RecordedSegment[]): KeptSegment[] {
    return settled.flatMap((one) => {
      const place = this.#placeOf(one.rendition);
      place.passed += one.discontinuities;
      if (one.segment.msn !== this.#msn) this.#moveTo(one.segment, place.passed);
      if (!this.#kept) return [];
      const told = this.#last?.told ?? 0;
      const discontinuities = told - place.told;
      const afterCut = place.plays && this.#cutCount > place.cuts;
      Object.assign(place, { told, cuts: this.#cutCount, plays: true });
      return [{ ...one, discontinuities, afterCut }];
    });
  }

  #moveTo(segment: Segment, passed: number): void {
    this.#msn = segment.msn;
    this.#kept = !isCut(segment, this.#cuts);
    if (!this.#kept) {
      this.#cutSince = true;
      return;
    }
    if (!this.#last) this.#last = { passed, told: passed };
    else {
      this.#last.told += this.#cutSince ? 1 : passed - this.#last.passed;
      this.#last.passed = passed;
      if (this.#cutSince) this.#cutCount += 1;
    }
    this.#cutSince = false;
  }

  #placeOf(rendition: string): Place {
    const known = this.#places.get(rendition);
    if (known) return known;
    const place: Place = { passed: 0, told: 0, cuts: 0, plays: false };
    this.#places.set(rendition, place);
    return place;
  }
}

/** Does a moment of a cut lie in it? Then all of it is left out, in every rendition: they have the same moments. */
export const isCut = (segment: Segment, cuts: readonly RecordingCut[]): boolean =>
  cuts.some(
    ({ fromUnixMs, toUnixMs }) =>
      segment.programDateTimeMs < toUnixMs && segment.programDateTimeMs + durationMsOf(segment) > fromUnixMs,
  );
