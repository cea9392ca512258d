import { type Attributes, attributesOf, decimal, linesOf, PlaylistSyntaxError } from './tags.ts';

export interface Part {
  readonly uri: string;
  readonly durationS: number;
  readonly independent: boolean;
  readonly gap: boolean;
}

export interface Segment {
  readonly msn: number;
  /** null: still open, only parts are there. */
  readonly uri: string | null;
  /** EXTINF; null while open. */
  readonly durationS: number | null;
  readonly parts: readonly Part[];
  /** Unix milliseconds. */
  readonly programDateTimeMs: number | null;
  readonly discontinuity: boolean;
  readonly gap: boolean;
  /** URI of the MAP in force. */
  readonly map: string | null;
  /** Names of the segment's tags in their order. */
  readonly tags: readonly string[];
}

export interface RenditionReport {
  readonly uri: string;
  readonly lastMsn: number | null;
  readonly lastPart: number | null;
}

export interface MediaPlaylist {
  readonly version: number | null;
  readonly targetDurationS: number | null;
  readonly partTargetS: number | null;
  /** EXT-X-SERVER-CONTROL; empty where it is absent. */
  readonly control: Attributes;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  /** Segments that EXT-X-SKIP left out; those after it carry their true numbers. */
  readonly skipped: number;
  /** Whether EXT-X-MEDIA-SEQUENCE stood before EXT-X-SKIP. */
  readonly sequenceBeforeSkip: boolean;
  /** The open one included, as the last. */
  readonly segments: readonly Segment[];
  readonly hints: readonly { readonly type: string; readonly uri: string }[];
  readonly reports: readonly RenditionReport[];
  readonly ended: boolean;
  readonly uris: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Reads a media playlist. @throws PlaylistSyntaxError */
export function readMediaPlaylist(text: string): MediaPlaylist {
  const header: { [name: string]: string } = {};
  const hints: { type: string; uri: string }[] = [];
  const reports: RenditionReport[] = [];
  const segments: Segment[] = [];
  const uris: string[] = [];
  let control: Attributes = new Map();
  let skipped = 0;
  let sequenceBeforeSkip = true;
  let ended = false;
  let map: string | null = null;
  let open: Mutable<Segment> | null = null;

  const required = (attributes: Attributes, name: string, line: string): string => {
    const value = attributes.get(name);
    if (value === undefined) throw new PlaylistSyntaxError(`${name} is missing in ${line}`);
    return value;
  };
  const current = (): Mutable<Segment> => {
    open ??= {
      msn: Number(header['EXT-X-MEDIA-SEQUENCE'] ?? 0) + skipped + segments.length,
      uri: null,
      durationS: null,
      parts: [],
      programDateTimeMs: null,
      discontinuity: false,
      gap: false,
      map,
      tags: [],
    };
    return open;
  };

  for (const line of linesOf(text)) {
    if (line.kind === 'uri') {
      const segment = current();
      uris.push(line.uri);
      segments.push({ ...segment, uri: line.uri });
      open = null;
      continue;
    }
    const { name, value } = line;
    switch (name) {
      case 'EXT-X-SERVER-CONTROL':
        control = attributesOf(value);
        break;
      case 'EXT-X-PART-INF':
        header[name] = required(attributesOf(value), 'PART-TARGET', line.text);
        break;
      case 'EXT-X-SKIP':
        sequenceBeforeSkip = 'EXT-X-MEDIA-SEQUENCE' in header;
        skipped = Number(required(attributesOf(value), 'SKIPPED-SEGMENTS', line.text));
        break;
      case 'EXT-X-MAP':
        map = required(attributesOf(value), 'URI', line.text);
        uris.push(map);
        current().map = map;
        current().tags.push(name);
        break;
      case 'EXT-X-PROGRAM-DATE-TIME':
        current().programDateTimeMs = Date.parse(value);
        current().tags.push(name);
        break;
      case 'EXT-X-DISCONTINUITY':
        current().discontinuity = true;
        current().tags.push(name);
        break;
      case 'EXT-X-GAP':
        current().gap = true;
        current().tags.push(name);
        break;
      case 'EXTINF':
        current().durationS = decimal(value.split(',')[0]);
        current().tags.push(name);
        break;
      case 'EXT-X-PART': {
        const attributes = attributesOf(value);
        const uri = required(attributes, 'URI', line.text);
        uris.push(uri);
        current().parts.push({
          uri,
          durationS: decimal(required(attributes, 'DURATION', line.text)) ?? Number.NaN,
          independent: attributes.get('INDEPENDENT') === 'YES',
          gap: attributes.get('GAP') === 'YES',
        });
        current().tags.push(name);
        break;
      }
      case 'EXT-X-PRELOAD-HINT': {
        const attributes = attributesOf(value);
        const uri = required(attributes, 'URI', line.text);
        uris.push(uri);
        hints.push({ type: required(attributes, 'TYPE', line.text), uri });
        break;
      }
      case 'EXT-X-RENDITION-REPORT': {
        const attributes = attributesOf(value);
        const uri = required(attributes, 'URI', line.text);
        uris.push(uri);
        reports.push({
          uri,
          lastMsn: decimal(attributes.get('LAST-MSN')),
          lastPart: decimal(attributes.get('LAST-PART')),
        });
        break;
      }
      case 'EXT-X-ENDLIST':
        ended = true;
        break;
      default:
        header[name] = value;
    }
  }
  // Tags alone (a MAP before the first part, say) already belong to the segment that is coming.
  if (open !== null) segments.push(open);
  return {
    version: decimal(header['EXT-X-VERSION']),
    targetDurationS: decimal(header['EXT-X-TARGETDURATION']),
    partTargetS: decimal(header['EXT-X-PART-INF']),
    control,
    mediaSequence: Number(header['EXT-X-MEDIA-SEQUENCE'] ?? 0),
    discontinuitySequence: Number(header['EXT-X-DISCONTINUITY-SEQUENCE'] ?? 0),
    skipped,
    sequenceBeforeSkip,
    segments,
    hints,
    reports,
    ended,
    uris,
  };
}

/** What is not there yet and comes next: the open segment and the number of its next part. */
export function nextPart(playlist: MediaPlaylist): { readonly msn: number; readonly part: number } {
  const last = playlist.segments.at(-1);
  if (!last) return { msn: playlist.mediaSequence, part: 0 };
  return last.uri === null ? { msn: last.msn, part: last.parts.length } : { msn: last.msn + 1, part: 0 };
}

/** Seconds of a segment: EXTINF, or what its parts have so far. */
export const durationOf = (segment: Segment): number =>
  segment.durationS ?? segment.parts.reduce((sum, part) => sum + part.durationS, 0);
