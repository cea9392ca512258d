/** Live media playlists (RFC 8216bis), rendered from a window. Pure text. */
import { initName, partName, playlistName, segmentName } from './names.ts';
import { durationMsOf, isGap, type Part, type RenditionWindow, type Segment } from './window.ts';

/** Where another rendition stands: EXT-X-RENDITION-REPORT (LL7). */
export interface RenditionReport {
  readonly rendition: string;
  readonly lastMsn: number;
  /** Index of the last part of that segment. */
  readonly lastPart: number;
}

export const seconds = (ms: number): string => (ms / 1000).toFixed(5);

/** PROGRAM-DATE-TIME text: UTC with milliseconds. */
export const dateTime = (unixMs: number): string => new Date(Math.round(unixMs)).toISOString();

/** Report of a rendition's newest part; undefined before the first. */
export function reportOf(window: RenditionWindow): RenditionReport | undefined {
  const last = window.segments.at(-1);
  if (!last) return undefined;
  return { rendition: window.rendition.name, lastMsn: last.msn, lastPart: last.parts.length - 1 };
}

/** Seconds from the end beyond which a delta update leaves segments out (LL1: at least six target durations). */
export const skipUntilS = (window: RenditionWindow): number => 6 * window.profile.targetDurationS;

/**
 * How many of the oldest segments a delta update leaves out: those that lie wholly before the skip boundary. 0: there
 * is nothing to skip, the whole playlist is the answer.
 */
export const skippableSegments = (window: RenditionWindow): number =>
  segmentsBefore(window, skipUntilS(window) * 1000);

/** How many segments end more than `ms` before the playlist's end. Looks no further back than that. */
function segmentsBefore({ segments }: RenditionWindow, ms: number): number {
  let behindMs = 0;
  for (let i = segments.length - 1; i >= 0; i -= 1) {
    if (behindMs > ms) return i + 1;
    const segment = segments[i];
    if (segment) behindMs += durationMsOf(segment);
  }
  return 0;
}

/**
 * The playlist of a rendition. `skip` asks for a delta update (LL16); `reports` are of the other renditions. After the
 * end: ENDLIST and nothing that waits (LL9).
 */
export function renderMediaPlaylist(
  window: RenditionWindow,
  options: { skip: boolean; reports: readonly RenditionReport[] },
): string {
  const { profile, segments, ended } = window;
  const targetDurationMs = profile.targetDurationS * 1000;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    `#EXT-X-TARGETDURATION:${profile.targetDurationS}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${seconds(profile.partHoldBackMs)},` +
      `HOLD-BACK=${seconds(3 * targetDurationMs)},CAN-SKIP-UNTIL=${seconds(skipUntilS(window) * 1000)}`,
    `#EXT-X-PART-INF:PART-TARGET=${seconds(profile.partMs)}`,
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.msn ?? window.next.msn}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
  const skipped = options.skip && !ended ? skippableSegments(window) : 0;
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);

  const firstWithParts = segmentsBefore(window, 3 * targetDurationMs);
  let mapEpoch: number | undefined;
  for (let i = skipped; i < segments.length; i += 1) {
    const segment = segments[i];
    if (!segment) break;
    const withMap = mapEpoch !== segment.epoch;
    mapEpoch = segment.epoch;
    if (i < firstWithParts && !withMap) {
      lines.push(settledText(window, segment));
      continue;
    }
    lines.push(...segmentHead(window, segment, withMap));
    if (i >= firstWithParts) lines.push(...segment.parts.map(partTag));
    if (segment.closed) lines.push(...segmentTail(window, segment));
  }

  if (ended) {
    lines.push('#EXT-X-ENDLIST');
  } else {
    lines.push(...preloadHints(window));
    for (const report of options.reports) {
      lines.push(
        `#EXT-X-RENDITION-REPORT:URI="${playlistName(report.rendition)}",` +
          `LAST-MSN=${report.lastMsn},LAST-PART=${report.lastPart}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** DISCONTINUITY, MAP and PROGRAM-DATE-TIME: before the segment's first part (LL4). */
function segmentHead(window: RenditionWindow, segment: Segment, withMap: boolean): string[] {
  const head: string[] = [];
  if (segment.discontinuity) head.push('#EXT-X-DISCONTINUITY');
  if (withMap) head.push(`#EXT-X-MAP:URI="${initName(window.rendition.name, segment.epoch)}"`);
  head.push(`#EXT-X-PROGRAM-DATE-TIME:${dateTime(segment.programDateTimeMs)}`);
  return head;
}

/** What ends a closed segment: its length and its file. */
function segmentTail(window: RenditionWindow, segment: Segment): string[] {
  const tail = [
    `#EXTINF:${seconds(durationMsOf(segment))},`,
    segmentName(window.rendition.name, segment.epoch, segment.msn),
  ];
  if (isGap(segment)) tail.unshift('#EXT-X-GAP');
  return tail;
}

/**
 * Text of a closed segment whose parts are listed no more. It never changes, and a window of two hours has thousands:
 * made once and kept as long as the segment.
 */
const settledTexts = new WeakMap<Segment, string>();

function settledText(window: RenditionWindow, segment: Segment): string {
  let text = settledTexts.get(segment);
  if (text === undefined) {
    text = [...segmentHead(window, segment, false), ...segmentTail(window, segment)].join('\n');
    settledTexts.set(segment, text);
  }
  return text;
}

function partTag(part: Part): string {
  const flags = `${part.independent ? ',INDEPENDENT=YES' : ''}${part.gap ? ',GAP=YES' : ''}`;
  return `#EXT-X-PART:DURATION=${seconds(part.durationMs)},URI="${part.name}"${flags}`;
}

/** Always one for the next part (LL6: hls.js reloads without end when there is none); the init segment when a new one follows. */
function preloadHints(window: RenditionWindow): string[] {
  const { msn, part, epoch } = window.next;
  const name = window.rendition.name;
  const hints = [`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${partName(name, epoch, msn, part)}"`];
  if (window.segments.at(-1)?.epoch !== epoch) {
    hints.unshift(`#EXT-X-PRELOAD-HINT:TYPE=MAP,URI="${initName(name, epoch)}"`);
  }
  return hints;
}
