/** What the log says a recording is to be. Pure. */
import {
  CHAPTERS_MAX,
  type ChapterKind,
  type RecordingShape,
  type RecordingView,
  type ShowChapter,
  type WebinarState,
} from '@rostrum/contracts';
import { clipText } from '@rostrum/contracts/text';
import { tracksToErase } from '../consent/consents.ts';
import { LEAST_MS } from './story.ts';

/** Chapters that follow each other sooner are one: nobody looks for both. */
export const APART_MS = 10_000;
const TITLE_MAX = 120;

/** Whose place it is when two are too close, or there are too many. */
const WEIGHT: Readonly<Record<ChapterKind, number>> = {
  start: 4,
  mark: 3,
  question: 2,
  slides: 1,
  speaker: 0,
};

/** null: it never was live. */
export function recordingShape(state: WebinarState): RecordingShape | null {
  if (!channelOf(state)) return null;
  const { revision, published, cuts, downloads } = state.edit;
  return {
    revision,
    title: state.title,
    published,
    cuts: [...cuts],
    chapters: chaptersOf(state),
    downloads: [...downloads],
    erase: [...tracksToErase(state)].map(([personId, beforeUnixMs]) => ({ personId, beforeUnixMs })),
  };
}

/** What the crew is shown of it; null: it never was live. */
export function recordingView(state: WebinarState): RecordingView | null {
  const channel = channelOf(state);
  if (!channel) return null;
  const { published, marks, cuts, downloads } = state.edit;
  return {
    sinceUnixMs: channel.sinceUnixMs,
    published,
    marks: [...marks],
    cuts: [...cuts],
    downloads: [...downloads],
    chapters: state.phase.phase === 'ended' ? chaptersOf(state) : [],
  };
}

const channelOf = ({ phase }: WebinarState) => (phase.phase === 'scheduled' ? null : phase.channel);

/** In order, the first at the start; at most `CHAPTERS_MAX`. */
export function chaptersOf(state: WebinarState): ShowChapter[] {
  const channel = channelOf(state);
  if (!channel) return [];
  const { sinceUnixMs } = channel;
  const all: ShowChapter[] = [
    { kind: 'start', atUnixMs: sinceUnixMs, title: state.title },
    ...state.edit.marks.map(({ atUnixMs, title }) => ({ kind: 'mark' as const, atUnixMs, title })),
    ...storyChapters(state).filter(({ atUnixMs }) => atUnixMs > sinceUnixMs),
  ];
  const kept: ShowChapter[] = [];
  // What weighs more is there first; of what weighs the same, what came first.
  const byWeight = all.toSorted((a, b) => WEIGHT[b.kind] - WEIGHT[a.kind] || a.atUnixMs - b.atUnixMs);
  for (const chapter of byWeight) {
    if (kept.length === CHAPTERS_MAX) break;
    const near = kept.some(({ atUnixMs }) => Math.abs(atUnixMs - chapter.atUnixMs) < APART_MS);
    // Who marks two moments means both.
    if (!near || chapter.kind === 'mark') kept.push(chapter);
  }
  return kept.toSorted((a, b) => a.atUnixMs - b.atUnixMs || WEIGHT[b.kind] - WEIGHT[a.kind]);
}

function storyChapters({ edit: { story }, questions, phase }: WebinarState): ShowChapter[] {
  const endUnixMs = phase.phase === 'ended' ? phase.endedUnixMs : Number.NEGATIVE_INFINITY;
  return story.flatMap((moment, i): ShowChapter[] => {
    const { atUnixMs } = moment;
    if (moment.kind === 'question') {
      const question = questions.get(moment.questionId);
      const shown = question?.status === 'answering' || question?.status === 'answered';
      const title = clipText(question?.text.replace(/\s+/g, ' ') ?? '', TITLE_MAX);
      return shown ? [{ kind: 'question', atUnixMs, title }] : [];
    }
    const { kind, title } = moment;
    // Whether it lasted is known when it is over.
    const next = story.slice(i + 1).find((later) => later.kind === kind);
    const lasted = next !== undefined || endUnixMs - atUnixMs >= LEAST_MS[kind];
    return lasted || kind === 'slides' ? [{ kind, atUnixMs, title }] : [];
  });
}
