/** Playlists for players and caches that know nothing of parts: whole segments, nothing that waits. Pure text. */
import { initName, segmentName } from './names.ts';
import { dateTime, seconds } from './playlist.ts';

/** A closed segment, as such a playlist tells it. */
export interface StandardSegment {
  readonly msn: number;
  readonly epoch: number;
  readonly discontinuity: boolean;
  readonly programDateTimeMs: number;
  readonly durationMs: number;
  /** There is no file. */
  readonly gap: boolean;
}

export interface StandardPlaylist {
  readonly rendition: string;
  /** Stands before names of media: where they are, seen from the playlist. */
  readonly mediaBase: string;
  /** Whole seconds. */
  readonly targetDurationS: number;
  /** Discontinuities that have left it. */
  readonly discontinuitySequence: number;
  /** Without holes. */
  readonly segments: readonly StandardSegment[];
  readonly ended: boolean;
}

/** A live playlist of closed segments alone (RFC 8216): it can lie in a store of files, which holds no request back. */
export function renderStandardPlaylist({
  rendition,
  mediaBase,
  targetDurationS,
  discontinuitySequence,
  segments,
  ended,
}: StandardPlaylist): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:8',
    `#EXT-X-TARGETDURATION:${targetDurationS}`,
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.msn ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
  let mapEpoch: number | undefined;
  for (const segment of segments) {
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY');
    if (segment.epoch !== mapEpoch)
      lines.push(`#EXT-X-MAP:URI="${mediaBase}${initName(rendition, segment.epoch)}"`);
    mapEpoch = segment.epoch;
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${dateTime(segment.programDateTimeMs)}`);
    if (segment.gap) lines.push('#EXT-X-GAP');
    lines.push(
      `#EXTINF:${seconds(segment.durationMs)},`,
      `${mediaBase}${segmentName(rendition, segment.epoch, segment.msn)}`,
    );
  }
  if (ended) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}
