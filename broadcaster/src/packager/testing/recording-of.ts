/** The recording as it follows from all segments at once: what the growing one (`recording-timeline.ts`) comes to, for tests. */
import type { Rendition } from '@rostrum/contracts/profile';
import { isGap, type Segment } from '../window.ts';

interface RecordedSegment {
  readonly source: string;
  readonly segment: Segment;
  /** EXT-X-DISCONTINUITY tags in front of it. */
  readonly discontinuities: number;
}

interface RecordedRendition {
  readonly rendition: Rendition;
  /** Discontinuities of the other renditions before its first segment. */
  readonly discontinuitySequence: number;
  readonly segments: readonly RecordedSegment[];
}

interface Chosen {
  readonly source: string;
  readonly segment: Segment;
}

/** The recording by rendition, of all segments there ever were, `byRendition` in MSN order. */
export function recordingOf(
  ladder: readonly Rendition[],
  byRendition: ReadonlyMap<string, readonly Segment[]>,
): RecordedRendition[] {
  const byMsn = new Map(
    [...byRendition].map(([name, segments]) => [
      name,
      new Map(segments.map((segment) => [segment.msn, segment])),
    ]),
  );
  const msns = [...new Set([...byMsn.values()].flatMap((segments) => [...segments.keys()]))].sort(
    (a, b) => a - b,
  );
  const chosen = ladder.map((rendition) => {
    const names = standIns(ladder, rendition);
    return msns.flatMap((msn) => {
      const candidates = names.flatMap((source): Chosen[] => {
        const segment = byMsn.get(source)?.get(msn);
        return segment && !isGap(segment) ? [{ source, segment }] : [];
      });
      return bestOf(candidates) ?? [];
    });
  });
  const breaks = [...new Set(chosen.flatMap(breaksOf))].sort((a, b) => a - b);
  return ladder.map((rendition, i) => {
    let passed = 0;
    const segments = (chosen[i] ?? []).map((one): RecordedSegment => {
      const before = passed;
      while ((breaks[passed] ?? Number.POSITIVE_INFINITY) <= one.segment.msn) passed += 1;
      return { ...one, discontinuities: passed - before };
    });
    const [first, ...others] = segments;
    if (!first) return { rendition, discontinuitySequence: 0, segments };
    return {
      rendition,
      discontinuitySequence: first.discontinuities,
      segments: [{ ...first, discontinuities: 0 }, ...others],
    };
  });
}

/** Whose segments a rendition may show, the best first: its own, lesser ones downwards, better ones upwards. */
function standIns(ladder: readonly Rendition[], rendition: Rendition): string[] {
  if (rendition.kind !== 'video') return [rendition.name];
  const videos = ladder.flatMap((other) => (other.kind === 'video' ? [other.name] : []));
  const at = videos.indexOf(rendition.name);
  return [...videos.slice(at), ...videos.slice(0, at).reverse()];
}

const gapsOf = ({ segment }: Chosen): number => segment.parts.filter((part) => part.gap).length;

/** The first of those with the fewest gaps. */
const bestOf = (candidates: readonly Chosen[]): Chosen | undefined =>
  candidates.toSorted((a, b) => gapsOf(a) - gapsOf(b))[0];

/** MSNs before which the coded stream does not simply go on. */
const breaksOf = (chosen: readonly Chosen[]): number[] =>
  chosen.flatMap((one, i) => {
    const before = chosen[i - 1];
    if (!before) return [];
    const goesOn =
      before.source === one.source &&
      before.segment.epoch === one.segment.epoch &&
      before.segment.msn + 1 === one.segment.msn;
    return goesOn ? [] : [one.segment.msn];
  });
