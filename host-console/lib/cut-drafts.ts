/** Cuts as they are typed, and what they come to. Pure. */
import type { RecordingCut } from '@rostrum/contracts';
import { formatShowTime, parseShowTime } from './show-time.ts';

/** Empty: from the beginning, to the end. */
export interface CutDraft {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

/** When it went live and when it ended, Unix ms; null: it goes on. */
export interface ShowSpan {
  readonly sinceUnixMs: number;
  readonly endedUnixMs: number | null;
}

/** How far a cut without an end reaches beyond it: whatever clock the pictures were made by. */
const BEYOND_MS = 3_600_000;
/** No show that goes on is as long. */
const LONGEST_MS = 7 * 24 * 3_600_000;
/** What reaches so far beyond the show is meant to reach to its end. */
const SURELY_BEYOND_MS = BEYOND_MS / 2;

const endOf = ({ sinceUnixMs, endedUnixMs }: ShowSpan): number => endedUnixMs ?? sinceUnixMs + LONGEST_MS;

export function draftOf(cut: RecordingCut, span: ShowSpan, id: string): CutDraft {
  const { sinceUnixMs } = span;
  const { fromUnixMs, toUnixMs } = cut;
  return {
    id,
    from: fromUnixMs < sinceUnixMs - SURELY_BEYOND_MS ? '' : formatShowTime(fromUnixMs - sinceUnixMs),
    to: toUnixMs > endOf(span) + SURELY_BEYOND_MS ? '' : formatShowTime(toUnixMs - sinceUnixMs),
  };
}

export type CutProblem = 'not-a-time' | 'ends-before-it-begins' | 'cuts-everything';

export function cutOf({ from, to }: CutDraft, span: ShowSpan): RecordingCut | CutProblem {
  if (from.trim() === '' && to.trim() === '') return 'cuts-everything';
  const at = (text: string, otherwise: number): number | null => {
    if (text.trim() === '') return otherwise;
    const ms = parseShowTime(text);
    return ms === null ? null : Math.round(span.sinceUnixMs + ms);
  };
  const fromUnixMs = at(from, span.sinceUnixMs - BEYOND_MS);
  const toUnixMs = at(to, endOf(span) + BEYOND_MS);
  if (fromUnixMs === null || toUnixMs === null) return 'not-a-time';
  return fromUnixMs < toUnixMs ? { fromUnixMs, toUnixMs } : 'ends-before-it-begins';
}
