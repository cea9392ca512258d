/**
 * What the right answer to a request is: from LLHLS.md (LL9, LL11 to LL18, LL22) and RFC 9110, knowing of the channel
 * only what its playlist says. Shares no code with the origin.
 */

/** How a channel stands, read from the playlist of one rendition. */
export interface ChannelView {
  readonly mediaSequence: number;
  /** MSN of the last complete segment. */
  readonly lastMsn: number;
  /** Parts listed of the segment after it. */
  readonly openParts: number;
  readonly partsPerSegment: number;
  readonly partTargetS: number;
  readonly ended: boolean;
  readonly hint: string | undefined;
}

export function readView(text: string, partsPerSegment: number): ChannelView {
  const lines = text.split('\n');
  const value = (tag: string): number =>
    Number(lines.find((line) => line.startsWith(`${tag}:`))?.slice(tag.length + 1));
  const mediaSequence = value('#EXT-X-MEDIA-SEQUENCE');
  const complete = lines.filter((line) => line.startsWith('#EXTINF:')).length;
  const lastEnd = lines.findLastIndex((line) => line.startsWith('#EXTINF:'));
  return {
    mediaSequence,
    lastMsn: mediaSequence + complete - 1,
    openParts: lines.slice(lastEnd + 1).filter((line) => line.startsWith('#EXT-X-PART:')).length,
    partsPerSegment,
    partTargetS: Number(/PART-TARGET=([0-9.]+)/.exec(text)?.[1]),
    ended: lines.includes('#EXT-X-ENDLIST'),
    hint: /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(text)?.[1],
  };
}

/** A query parameter as the origin has to understand it. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

export type Reload = { readonly kind: 'bad' | 'held' } | { readonly kind: 'ready'; readonly skip: boolean };

/** The answer to a playlist request with these directives. */
export function judgeReload(parameters: readonly Parameter[], view: ChannelView): Reload {
  const all = (name: string): string[] =>
    parameters.filter((parameter) => parameter.name === name).map(({ value }) => value);
  const skips = all('_HLS_skip');
  if (view.ended) return { kind: 'ready', skip: false }; // LL9
  const msns = all('_HLS_msn');
  const parts = all('_HLS_part');
  if (msns.length > 1 || parts.length > 1 || skips.length > 1) return { kind: 'bad' };
  const [msnText] = msns;
  const [partText] = parts;
  for (const text of [msnText, partText]) if (text !== undefined && !isWhole(text)) return { kind: 'bad' };
  const skip = skips[0] === 'YES' || skips[0] === 'v2';
  if (msnText === undefined) return partText === undefined ? { kind: 'ready', skip } : { kind: 'bad' };
  const msn = BigInt(msnText);
  const last = BigInt(view.lastMsn);
  if (msn > last + 2n) return { kind: 'bad' }; // LL14
  const pps = BigInt(view.partsPerSegment);
  const published = (last + 1n) * pps + BigInt(view.openParts); // parts since MSN 0
  if (partText === undefined) return msn <= last ? { kind: 'ready', skip } : { kind: 'held' }; // LL11
  const part = BigInt(partText);
  const ahead = msn * pps + part + 1n - published;
  const limit = BigInt(view.partTargetS < 1 ? Math.floor(3 / view.partTargetS) : 3);
  if (msn > last && ahead > limit) return { kind: 'bad' }; // LL14
  // LL12: past the last part of a segment is the first of the next.
  const wanted = part >= pps ? (msn + 1n) * pps : msn * pps + part;
  return wanted < published ? { kind: 'ready', skip } : { kind: 'held' };
}

/** A decimal-integer of RFC 8216: 1 to 20 of the digits 0 to 9. */
function isWhole(text: string): boolean {
  return text.length > 0 && text.length <= 20 && [...text].every((c) => c >= '0' && c <= '9');
}

export type Slice =
  | { readonly kind: 'whole' | 'unsatisfiable' }
  | { readonly kind: 'slice'; readonly first: number; readonly last: number };

/** RFC 9110, 14: what a Range field selects of `length` bytes. Several ranges may be ignored, and are. */
export function judgeRange(field: string | undefined, length: number): Slice {
  const whole: Slice = { kind: 'whole' };
  if (field === undefined) return whole;
  const [unit, set = ''] = field.split('=');
  if (unit?.toLowerCase() !== 'bytes' || field.split('=').length !== 2) return whole;
  const ends = set.split('-');
  if (ends.length !== 2) return whole;
  const [from = '', to = ''] = ends;
  const digits = (text: string): boolean => [...text].every((c) => c >= '0' && c <= '9');
  if (!digits(from) || !digits(to) || (from === '' && to === '')) return whole;
  const size = BigInt(length);
  if (from === '') {
    const count = BigInt(to);
    if (count === 0n) return { kind: 'unsatisfiable' };
    return { kind: 'slice', first: count >= size ? 0 : length - Number(count), last: length - 1 };
  }
  if (to !== '' && BigInt(to) < BigInt(from)) return whole;
  if (BigInt(from) >= size) return { kind: 'unsatisfiable' };
  const last = to === '' || BigInt(to) >= size ? length - 1 : Number(to);
  return { kind: 'slice', first: Number(from), last };
}

/** RFC 9110, 12.5.3, of `coding;q=weight` items that are well formed. */
export function judgeGzip(items: readonly { coding: string; weight: string | undefined }[]): boolean {
  const of = (name: string): number | undefined => {
    const item = items.findLast(({ coding }) => coding.toLowerCase() === name);
    return item && (item.weight === undefined ? 1 : Number.parseFloat(item.weight));
  };
  return (of('gzip') ?? of('*') ?? 0) > 0;
}
