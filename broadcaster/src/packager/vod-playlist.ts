/** The recording's media playlists: the same segments, read from the first to the last. */
import { initName, segmentName } from './names.ts';
import { dateTime, seconds } from './playlist.ts';
import type { RecordedRendition } from './recording.ts';
import { durationMsOf } from './window.ts';

/** Renders a VOD playlist: no gaps, an EXT-X-MAP wherever another rendition's or epoch's segments begin. */
export function renderVodPlaylist({ discontinuitySequence, segments }: RecordedRendition): string {
  const longestMs = Math.max(0, ...segments.map(({ segment }) => durationMsOf(segment)));
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:8',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longestMs / 1000))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-MEDIA-SEQUENCE:0',
    ...(discontinuitySequence > 0 ? [`#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`] : []),
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
  let mapped: string | undefined;
  for (const { source, segment, discontinuities } of segments) {
    for (let i = 0; i < discontinuities; i += 1) lines.push('#EXT-X-DISCONTINUITY');
    const map = initName(source, segment.epoch);
    if (map !== mapped) lines.push(`#EXT-X-MAP:URI="${map}"`);
    mapped = map;
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${dateTime(segment.programDateTimeMs)}`,
      `#EXTINF:${seconds(durationMsOf(segment))},`,
      segmentName(source, segment.epoch, segment.msn),
    );
  }
  lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}
