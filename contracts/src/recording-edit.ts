/** What the crew and the course of the show make of a recording, as the log keeps it and as the crew is shown it. */
import { z } from 'zod';
import { keptText } from './display-text.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';
import { CHAPTER_TITLE, RecordingCut, ShowChapter } from './recording.ts';

export const MARKS_MAX = 200;
export const DOWNLOADS_MAX = 8;
export const RenditionName = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/);

/** A chapter's title in a log that may be older than the rules. */
export const KeptChapterTitle = keptText(CHAPTER_TITLE, '…');

/** A moment that somebody of the crew marked, by the programme's clock. */
export const RecordingMark = z.object({ markId: Id, atUnixMs: z.number(), title: KeptChapterTitle });
export type RecordingMark = z.infer<typeof RecordingMark>;

/** Something that happened while it was live and may come to be a chapter. */
export const StoryMoment = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('question'), questionId: Id, atUnixMs: z.number() }),
  /** `of`: whose screen, or which slide. */
  z.object({
    kind: z.literal('slides'),
    of: z.string(),
    title: KeptChapterTitle,
    atUnixMs: z.number(),
  }),
  /** `of`: the person who was in front from then on. */
  z.object({
    kind: z.literal('speaker'),
    of: z.string(),
    title: KeptChapterTitle,
    atUnixMs: z.number(),
  }),
]);
export type StoryMoment = z.infer<typeof StoryMoment>;

/** Part of a webinar's state. */
export interface RecordingEdit {
  /** The number of the event that changed it last; 0: nothing did. */
  readonly revision: number;
  readonly published: boolean;
  /** In the order of their moments. */
  readonly marks: readonly RecordingMark[];
  /** In order, none of them touching the next. */
  readonly cuts: readonly RecordingCut[];
  readonly downloads: readonly string[];
  readonly story: readonly StoryMoment[];
}

export const NO_EDIT: RecordingEdit = {
  revision: 0,
  published: true,
  marks: [],
  cuts: [],
  downloads: [],
  story: [],
};

/** For the crew. */
export const RecordingView = z.object({
  /** When it went live: what moments of the show are counted from. */
  sinceUnixMs: UnixMs,
  published: z.boolean(),
  marks: z.array(RecordingMark),
  cuts: z.array(RecordingCut),
  downloads: z.array(z.string()),
  /** All of them, those by marks too; while it is live none, since they change with every scene. */
  chapters: z.array(ShowChapter),
});
export type RecordingView = z.infer<typeof RecordingView>;
