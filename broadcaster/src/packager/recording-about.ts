/** What a page is told of a recording (`about.json`). Pure. */
import type {
  RecordingAbout,
  RecordingDownload,
  RecordingShape,
  ShowChapter,
} from '@rostrum/contracts/recording';
import type { RecordedSpan } from './recording.ts';

/** What there is besides the playlists. Paths are relative to their folder. */
export interface Extras {
  readonly poster: string | null;
  readonly downloads: readonly RecordingDownload[];
  readonly captions: RecordingAbout['captions'];
}

export const NO_EXTRAS: Extras = { poster: null, downloads: [], captions: [] };

/** null: there is nothing to play. `spans`: what is played, one after the other. */
export function aboutOf(
  spans: readonly RecordedSpan[],
  shape: RecordingShape,
  live: boolean,
  extras: Extras = NO_EXTRAS,
): RecordingAbout | null {
  const [first] = spans;
  if (!first) return null;
  return {
    title: shape.title,
    startsUnixMs: Math.round(first.startUnixMs),
    durationMs: spans.reduce((sum, { durationMs }) => sum + durationMs, 0),
    live,
    chapters: chaptersOf(spans, shape.chapters),
    poster: extras.poster,
    downloads: [...extras.downloads],
    captions: [...extras.captions],
  };
}

/** Where a moment of the show is in what is played, ms; one that is not is where it goes on. null: beyond the end. */
export function positionOf(spans: readonly RecordedSpan[], atUnixMs: number): number | null {
  let playedMs = 0;
  for (const { startUnixMs, durationMs } of spans) {
    if (atUnixMs < startUnixMs) return playedMs;
    if (atUnixMs < startUnixMs + durationMs) return playedMs + atUnixMs - startUnixMs;
    playedMs += durationMs;
  }
  return null;
}

/** Of those that begin at one place, since what lay between them is cut, the last one is what is played there. */
function chaptersOf(
  spans: readonly RecordedSpan[],
  chapters: readonly ShowChapter[],
): RecordingAbout['chapters'] {
  const byStart = new Map<number, RecordingAbout['chapters'][number]>();
  for (const { atUnixMs, title, kind } of chapters) {
    const at = positionOf(spans, atUnixMs);
    if (at === null) continue;
    const startMs = Math.round(at);
    byStart.set(startMs, { startMs, title, kind });
  }
  return [...byStart.values()].toSorted((a, b) => a.startMs - b.startMs);
}
