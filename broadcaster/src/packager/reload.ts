/** Decisions about requests, as functions of the window. The HTTP side owns waiting, aborts and time-outs. */
import { parseMediaName } from './names.ts';
import { type Part, type RenditionWindow, type Segment, segmentAt } from './window.ts';

/** Delivery directives as they stood in the query; `undefined` where absent. */
export interface Directives {
  readonly msn: number | undefined;
  readonly part: number | undefined;
  readonly skip: boolean;
}

export type ReloadRejection =
  | 'repeated-directive'
  | 'not-a-whole-number'
  | 'part-without-msn'
  | 'msn-too-far-ahead'
  | 'part-too-far-ahead';

export type ReloadDecision =
  | { readonly kind: 'ready' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'reject'; readonly reason: ReloadRejection };

const READY: ReloadDecision = { kind: 'ready' };
const WAIT: ReloadDecision = { kind: 'wait' };

/**
 * Reads `_HLS_msn`, `_HLS_part` and `_HLS_skip`. Numbers are RFC 8216's decimal integers: one to twenty digits. A skip
 * value of a later protocol is no directive of ours.
 */
export function parseDirectives(query: URLSearchParams): Directives | { readonly rejected: ReloadRejection } {
  const numbers: (number | undefined)[] = [];
  for (const name of ['_HLS_msn', '_HLS_part']) {
    const values = query.getAll(name);
    if (values.length > 1) return { rejected: 'repeated-directive' };
    const [text] = values;
    if (text !== undefined && !/^[0-9]{1,20}$/.test(text)) return { rejected: 'not-a-whole-number' };
    numbers.push(text === undefined ? undefined : Number(text));
  }
  const skips = query.getAll('_HLS_skip');
  if (skips.length > 1) return { rejected: 'repeated-directive' };
  const [msn, part] = numbers;
  return { msn, part, skip: skips[0] === 'YES' || skips[0] === 'v2' };
}

/** RFC 8216bis "Advance Part Limit": how many parts past the last one may be asked for. */
export function advancePartLimit(window: RenditionWindow): number {
  const { partMs } = window.profile;
  return partMs < 1000 ? Math.floor(3000 / partMs) : 3;
}

const partsPerSegment = (window: RenditionWindow): number =>
  Math.round(window.profile.segmentMs / window.profile.partMs);

/** Whole parts between the last published part and part `part` of segment `msn`; 1 is the next one. */
function partsAhead(window: RenditionWindow, msn: number, part: number): number {
  return (msn - window.next.msn) * partsPerSegment(window) + part - window.next.part + 1;
}

/** Is the asked-for playlist there (LL11, LL12, LL13), to come, or not to be asked for (LL14)? */
export function decideReload(
  { msn, part }: Omit<Directives, 'skip'>,
  window: RenditionWindow,
): ReloadDecision {
  if (window.ended) return READY; // LL9
  if (msn === undefined) {
    if (part !== undefined) return { kind: 'reject', reason: 'part-without-msn' };
    return window.segments.length > 0 ? READY : WAIT; // a playlist without segments is an error to players
  }
  const { next } = window;
  const lastMsn = next.msn - 1;
  if (msn > lastMsn + 2) return { kind: 'reject', reason: 'msn-too-far-ahead' };
  if (part === undefined) return msn <= lastMsn ? READY : WAIT;
  if (msn >= next.msn && partsAhead(window, msn, part) > advancePartLimit(window)) {
    return { kind: 'reject', reason: 'part-too-far-ahead' };
  }
  if (msn < lastMsn) return READY;
  if (msn === lastMsn) {
    const closed = window.segments.at(next.part > 0 ? -2 : -1);
    const partCount = closed?.msn === msn ? closed.parts.length : partsPerSegment(window);
    return part < partCount || next.part > 0 ? READY : WAIT;
  }
  return msn === next.msn && part < next.part ? READY : WAIT;
}

export type MediaDecision =
  | { readonly kind: 'segment'; readonly segment: Segment }
  | { readonly kind: 'part'; readonly segment: Segment; readonly part: Part }
  | { readonly kind: 'init'; readonly epoch: number }
  /** Hinted, or near enough that it will be (an edge keeps a 404; a player a little ahead must not plant one). */
  | { readonly kind: 'wait' }
  /** Left the window, or was before it: perhaps on disk. */
  | { readonly kind: 'past' }
  | { readonly kind: 'never' };

/** What becomes of a request for a media file of this rendition (LL17). */
export function decideMedia(name: string, window: RenditionWindow, hasInit: boolean): MediaDecision {
  const media = parseMediaName(name);
  if (!media || media.rendition !== window.rendition.name) return { kind: 'never' };
  const { next, ended } = window;
  if (media.kind === 'init') {
    if (hasInit) return { kind: 'init', epoch: media.epoch };
    if (media.epoch < next.epoch) return { kind: 'past' };
    return media.epoch === next.epoch && !ended ? { kind: 'wait' } : { kind: 'never' };
  }
  const segment = segmentAt(window, media.msn);
  if (segment && segment.epoch !== media.epoch) return { kind: 'never' };
  if (media.msn < (window.segments[0]?.msn ?? next.msn)) return { kind: 'past' };
  if (media.kind === 'segment' && segment?.closed) {
    return segment.parts.every((part) => part.gap) ? { kind: 'never' } : { kind: 'segment', segment };
  }
  if (media.kind === 'part') {
    const part = segment?.parts[media.part];
    if (segment && part) return part.gap ? { kind: 'never' } : { kind: 'part', segment, part };
    if (segment?.closed || media.part >= partsPerSegment(window)) return { kind: 'never' };
  }
  if (ended || media.epoch !== next.epoch || media.msn > next.msn + 1) return { kind: 'never' };
  const lastPartNeeded = media.kind === 'part' ? media.part : 0;
  if (media.msn > next.msn && partsAhead(window, media.msn, lastPartNeeded) > advancePartLimit(window)) {
    return { kind: 'never' };
  }
  return { kind: 'wait' };
}
