/** The recording's media playlists: the same segments, read from the first to the last. */
import type { Rendition } from '@rostrum/contracts/profile';
import { segmentName } from './names.ts';
import { seconds, segmentHead } from './playlist.ts';
import { durationMsOf, isGap, type Segment } from './window.ts';

/**
 * Renders a VOD playlist. `absent` are MSNs in which no rendition has anything (the encoders were away): they are left
 * out, and where time then jumps inside an epoch a DISCONTINUITY says so. What only this rendition lacks is EXT-X-GAP.
 */
export function renderVodPlaylist(
  rendition: Rendition,
  segments: readonly Segment[],
  absent: ReadonlySet<number> = new Set(),
): string {
  const present = segments.filter((segment) => !absent.has(segment.msn));
  const longestMs = Math.max(0, ...present.map(durationMsOf));
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:8',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longestMs / 1000))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
  let before: Segment | undefined;
  for (const segment of present) {
    const jump = before !== undefined && (before.msn + 1 !== segment.msn || before.epoch !== segment.epoch);
    const head = { ...segment, discontinuity: jump };
    lines.push(...segmentHead({ rendition }, head, before?.epoch !== segment.epoch));
    if (isGap(segment)) lines.push('#EXT-X-GAP');
    lines.push(`#EXTINF:${seconds(durationMsOf(segment))},`);
    lines.push(segmentName(rendition.name, segment.epoch, segment.msn));
    before = segment;
  }
  lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}
