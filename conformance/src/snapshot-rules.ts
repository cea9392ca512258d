/** What one media playlist, and one beside the one before it, says of the rules. Pure. */
import type { Ledger } from './ledger.ts';
import { durationOf, type MediaPlaylist, type Part, type Segment } from './media-playlist.ts';
import { decimal } from './tags.ts';

/** Rounding of the decimals in a playlist, seconds. */
const ROUNDING_S = 0.001;
/** One picture at 20 frames a second: "within a frame" for any channel. */
const FRAME_S = 0.05;

export interface Snapshot {
  /** URL of the playlist, without directives. */
  readonly url: string;
  readonly playlist: MediaPlaylist;
}

/** Rules that one snapshot is enough for. A delta update counts with the segments it has. */
export function checkSnapshot(ledger: Ledger, { url, playlist }: Snapshot): void {
  const at = (words: string): string => `${url}: ${words}`;
  checkServerControl(ledger, playlist, at);
  checkParts(ledger, playlist, at);
  checkSegments(ledger, playlist, at);
  checkPartWindow(ledger, playlist, at);
  if (playlist.ended) {
    ledger.look('LL9', playlist.hints.length === 0, () => at('PRELOAD-HINT beside ENDLIST'));
  } else {
    const parts = playlist.hints.filter((hint) => hint.type === 'PART');
    ledger.look('LL6', parts.length === 1, () => at(`${parts.length} hints of TYPE=PART`));
  }
  ledger.look('LL18', !playlist.uris.some((uri) => uri.includes('_HLS_')), () => at('a URI has a directive'));
  if (playlist.skipped > 0) {
    ledger.look('LL16', (playlist.version ?? 0) >= 9, () =>
      at(`EXT-X-SKIP with VERSION ${playlist.version}`),
    );
    ledger.look('LL16', playlist.sequenceBeforeSkip, () => at('EXT-X-MEDIA-SEQUENCE after EXT-X-SKIP'));
  }
}

type At = (words: string) => string;

function checkServerControl(
  ledger: Ledger,
  { control, partTargetS, targetDurationS, ended }: MediaPlaylist,
  at: At,
): void {
  if (ended) return;
  const atLeast = (name: string, limitS: number): void => {
    const value = decimal(control.get(name));
    ledger.look('LL1', value !== null && value >= limitS - ROUNDING_S, () =>
      at(`${name}=${control.get(name) ?? 'absent'}, at least ${limitS} wanted`),
    );
  };
  ledger.look('LL1', control.get('CAN-BLOCK-RELOAD') === 'YES', () => at('no CAN-BLOCK-RELOAD=YES'));
  atLeast('PART-HOLD-BACK', 3 * (partTargetS ?? Number.NaN));
  if (control.has('HOLD-BACK')) atLeast('HOLD-BACK', 3 * (targetDurationS ?? Number.NaN));
  if (control.has('CAN-SKIP-UNTIL')) atLeast('CAN-SKIP-UNTIL', 6 * (targetDurationS ?? Number.NaN));
}

function checkParts(ledger: Ledger, { segments, partTargetS }: MediaPlaylist, at: At): void {
  if (partTargetS === null) return;
  for (const segment of segments) {
    segment.parts.forEach((part, i) => {
      const name = `part ${i} of ${segment.msn} lasts ${part.durationS}, PART-TARGET ${partTargetS}`;
      ledger.look('LL2', part.durationS <= partTargetS + ROUNDING_S, () => at(name));
      const next = segment.parts[i + 1];
      const mayBeShort =
        part.independent || part.gap || next?.gap === true || (next === undefined && segment.uri !== null);
      // The last part of an open segment may turn out to be its last.
      if (mayBeShort || next === undefined) return;
      ledger.look('LL2', part.durationS >= 0.85 * partTargetS - ROUNDING_S, () => at(name));
    });
  }
}

function checkSegments(ledger: Ledger, playlist: MediaPlaylist, at: At): void {
  const { segments, targetDurationS } = playlist;
  segments.forEach((segment, i) => {
    const { msn, durationS, parts, tags } = segment;
    if (durationS !== null && targetDurationS !== null) {
      ledger.look('LL3', Math.round(durationS) <= targetDurationS, () => at(`EXTINF ${durationS} of ${msn}`));
      const summed = parts.reduce((sum, part) => sum + part.durationS, 0);
      if (parts.length > 0) {
        ledger.look('LL3', Math.abs(summed - durationS) <= FRAME_S, () =>
          at(`parts of ${msn} last ${summed.toFixed(3)}, EXTINF ${durationS}`),
        );
      }
    }
    const firstPart = tags.indexOf('EXT-X-PART');
    if (firstPart !== -1) {
      const late = ['EXT-X-MAP', 'EXT-X-PROGRAM-DATE-TIME', 'EXT-X-DISCONTINUITY'].filter(
        (name) => tags.lastIndexOf(name) > firstPart,
      );
      ledger.look('LL4', late.length === 0, () => at(`${late} after the first part of ${msn}`));
      const [first] = parts;
      if (first && !first.gap) {
        ledger.look('LL4', first.independent, () => at(`${msn} begins with a part that is not INDEPENDENT`));
      }
    }
    if (segment.uri !== null || parts.length > 0) {
      ledger.look('LL8', segment.programDateTimeMs !== null, () => at(`${msn} has no PROGRAM-DATE-TIME`));
    }
    const next = segments[i + 1];
    if (!next || next.discontinuity || segment.programDateTimeMs === null || next.programDateTimeMs === null)
      return;
    const driftS = (next.programDateTimeMs - segment.programDateTimeMs) / 1000 - durationOf(segment);
    ledger.look('LL8', Math.abs(driftS) <= FRAME_S, () =>
      at(`dates of ${msn} and ${next.msn} lie ${driftS.toFixed(3)} s beside the duration`),
    );
  });
}

/** LL5: parts are listed for the last three target durations; for what lies wholly before, not any more. */
function checkPartWindow(ledger: Ledger, { segments, targetDurationS, ended }: MediaPlaylist, at: At): void {
  if (ended || targetDurationS === null) return;
  let endBehindS = 0;
  for (const segment of segments.toReversed()) {
    const startBehindS = endBehindS + durationOf(segment);
    if (startBehindS <= 3 * targetDurationS - ROUNDING_S && segment.uri !== null && !segment.gap) {
      ledger.look('LL5', segment.parts.length > 0, () =>
        at(`${segment.msn} lost its parts ${startBehindS.toFixed(2)} s from the end`),
      );
    } else if (endBehindS > 3 * targetDurationS + ROUNDING_S) {
      ledger.look('LL5', segment.parts.length === 0, () =>
        at(`${segment.msn} still has parts ${endBehindS.toFixed(2)} s from the end`),
      );
    }
    endBehindS = startBehindS;
  }
}

/** Rules about two snapshots of one playlist, the older first. */
export function checkProgress(ledger: Ledger, before: Snapshot, after: Snapshot): void {
  const at = (words: string): string => `${after.url}: ${words}`;
  const [a, b] = [before.playlist, after.playlist];
  const same = (id: string, what: string, x: unknown, y: unknown): void => {
    ledger.look(id, x === y, () => at(`${what} changed from ${String(x)} to ${String(y)}`));
  };
  if (!b.ended) {
    for (const [name, value] of a.control) same('LL1', name, value, b.control.get(name));
    same('LL2', 'PART-TARGET', a.partTargetS, b.partTargetS);
  }
  same('LL3', 'TARGETDURATION', a.targetDurationS, b.targetDurationS);
  ledger.look('LL5', b.mediaSequence >= a.mediaSequence, () =>
    at(`EXT-X-MEDIA-SEQUENCE went back from ${a.mediaSequence} to ${b.mediaSequence}`),
  );
  // Only those can be counted that were all listed before.
  if (a.skipped === 0 && b.mediaSequence >= a.mediaSequence) {
    const removed = a.segments.filter((s) => s.msn < b.mediaSequence && s.discontinuity).length;
    same('LL5', 'EXT-X-DISCONTINUITY-SEQUENCE', a.discontinuitySequence + removed, b.discontinuitySequence);
  }
  const known = new Map(a.segments.map((segment) => [segment.msn, segment]));
  for (const segment of b.segments) {
    const older = known.get(segment.msn);
    if (older) checkSameSegment(ledger, older, segment, at);
  }
  checkHintKept(ledger, a, b, at);
}

/** What was said of a segment stays so: its name, its parts, its date, its map. */
function checkSameSegment(ledger: Ledger, older: Segment, newer: Segment, at: At): void {
  const { msn } = newer;
  if (older.uri !== null) {
    ledger.look('LL18', older.uri === newer.uri, () => at(`${msn} was ${older.uri}, is ${newer.uri}`));
  }
  if (older.programDateTimeMs !== null) {
    ledger.look('LL8', older.programDateTimeMs === newer.programDateTimeMs, () =>
      at(`the date of ${msn} moved`),
    );
  }
  if (newer.parts.length === 0) return; // taken out by age
  older.parts.forEach((part, i) => {
    const now: Part | undefined = newer.parts[i];
    const unchanged = now !== undefined && now.uri === part.uri && now.durationS === part.durationS;
    ledger.look('LL18', unchanged, () => at(`part ${i} of ${msn} was ${part.uri}, is ${now?.uri}`));
  });
}

/** The part after the last one of the older snapshot has the name that was hinted. */
function checkHintKept(ledger: Ledger, a: MediaPlaylist, b: MediaPlaylist, at: At): void {
  const hint = a.hints.find((h) => h.type === 'PART');
  const last = a.segments.findLast((segment) => segment.parts.length > 0);
  if (!hint || !last) return;
  const inB = b.segments.find((segment) => segment.msn === last.msn);
  const next =
    inB?.parts[last.parts.length] ??
    (inB && inB.uri !== null
      ? b.segments.find((segment) => segment.msn === last.msn + 1)?.parts[0]
      : undefined);
  if (next === undefined) {
    // Nothing new yet: then the hint has to be the same.
    const again = b.hints.find((h) => h.type === 'PART');
    const stands = inB !== undefined && inB.parts.length === last.parts.length && !b.ended;
    if (stands && again) {
      ledger.look('LL6', again.uri === hint.uri, () =>
        at(`the hint changed from ${hint.uri} to ${again.uri}`),
      );
    }
    return;
  }
  // A hint is abandoned at a restart, which a discontinuity tells, and by a gap.
  const restarted = b.segments.some((s) => s.msn > last.msn && s.discontinuity);
  if (restarted || next.gap) return;
  ledger.look('LL6', next.uri === hint.uri, () => at(`hinted ${hint.uri}, came ${next.uri}`));
}

/** Of one rendition, and when it came, on the monotonic clock. */
export interface TakenSnapshot extends Snapshot {
  readonly atMs: number;
}

/** Rules about playlists of one channel's renditions. */
export function checkRenditions(ledger: Ledger, snapshots: readonly TakenSnapshot[]): void {
  const [first, ...others] = snapshots;
  if (!first) return;
  for (const other of others) {
    const at = (words: string): string => `${other.url} beside ${first.url}: ${words}`;
    for (const [name, value] of first.playlist.control) {
      if (first.playlist.ended || other.playlist.ended) break;
      ledger.look('LL1', other.playlist.control.get(name) === value, () => at(`${name} differs`));
    }
    const known = new Map(first.playlist.segments.map((segment) => [segment.msn, segment]));
    for (const segment of other.playlist.segments) {
      const mate = known.get(segment.msn);
      if (!mate || mate.programDateTimeMs === null || segment.programDateTimeMs === null) continue;
      const apartS = Math.abs(mate.programDateTimeMs - segment.programDateTimeMs) / 1000;
      ledger.look('LL8', apartS <= FRAME_S, () => at(`${segment.msn} is dated ${apartS.toFixed(3)} s apart`));
      ledger.look('LL8', mate.discontinuity === segment.discontinuity, () =>
        at(`only one has a DISCONTINUITY at ${segment.msn}`),
      );
    }
  }
  checkReports(ledger, snapshots);
}

/** Renditions that are well answer together; a stalled one that catches up does it in a moment of its own. */
const MOMENTS_MS = 300;

function checkReports(ledger: Ledger, snapshots: readonly TakenSnapshot[]): void {
  for (const { url, playlist, atMs } of snapshots) {
    if (playlist.ended) continue;
    const reported = new Map(playlist.reports.map((report) => [new URL(report.uri, url).href, report]));
    for (const other of snapshots) {
      if (other.url === url || other.playlist.ended) continue;
      const report = reported.get(other.url);
      // Moments apart: a rendition that has only just begun may not have been there when this one was told.
      const begun =
        (playlist.segments.at(-1)?.msn ?? 0) > (other.playlist.segments[0]?.msn ?? Number.POSITIVE_INFINITY);
      if (report === undefined && !begun) continue;
      const found = ledger.look('LL7', report !== undefined, () => `${url}: no report of ${other.url}`);
      if (!found || !report) continue;
      ledger.look(
        'LL7',
        report.lastMsn !== null && report.lastPart !== null,
        () => `${url}: the report of ${other.url} lacks LAST-MSN or LAST-PART`,
      );
      // What has come since is not in it. Taken within moments they lie one segment apart at most.
      if (Math.abs(atMs - other.atMs) > MOMENTS_MS) continue;
      const last = other.playlist.segments.at(-1)?.msn ?? 0;
      ledger.look(
        'LL7',
        Math.abs((report.lastMsn ?? Number.NaN) - last) <= 1,
        () => `${url}: reports ${other.url} at ${report.lastMsn}, which is at ${last}`,
      );
    }
  }
}

/**
 * A delta update made whole with what was known before (LL16).
 * @returns null when the segments it leaves out are not all known
 */
export function applyDelta(known: ReadonlyMap<number, Segment>, delta: MediaPlaylist): MediaPlaylist | null {
  const left: Segment[] = [];
  for (let msn = delta.mediaSequence; msn < delta.mediaSequence + delta.skipped; msn += 1) {
    const segment = known.get(msn);
    if (!segment || segment.uri === null) return null;
    // What is skipped is old: its parts are not listed any more.
    left.push({ ...segment, parts: [] });
  }
  // A MAP before the skipped segments is not repeated.
  const map = left.at(-1)?.map ?? null;
  const rest = delta.segments.map((segment) => ({ ...segment, map: segment.map ?? map }));
  return { ...delta, skipped: 0, segments: [...left, ...rest] };
}
