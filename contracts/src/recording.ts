/** What is to be made of a recording, and what is told of it to who plays it. */
import { z } from 'zod';
import { displayText } from './display-text.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';
import { CHAPTERS_MAX, CUTS_MAX } from './recording-limits.ts';

export { CHAPTERS_MAX, CUTS_MAX };

export const CHAPTER_TITLE = { max: 120 } as const;

export const ChapterTitle = displayText(CHAPTER_TITLE);

/** What a chapter begins with. `mark`: somebody of the crew said so. */
export const ChapterKind = z.enum(['start', 'question', 'slides', 'speaker', 'mark']);
export type ChapterKind = z.infer<typeof ChapterKind>;

/** A moment of the show, by the programme's clock (EXT-X-PROGRAM-DATE-TIME). */
export const ShowChapter = z.object({ atUnixMs: UnixMs, title: z.string(), kind: ChapterKind });
export type ShowChapter = z.infer<typeof ShowChapter>;

/**
 * What is left out, by the programme's clock. Whole segments are: every one of which a moment lies in it. A show is trimmed by a
 * cut that reaches beyond its beginning or end.
 */
export const RecordingCut = z
  .object({ fromUnixMs: UnixMs, toUnixMs: UnixMs })
  .refine(({ fromUnixMs, toUnixMs }) => fromUnixMs < toUnixMs, 'ends before it begins');
export type RecordingCut = z.infer<typeof RecordingCut>;

/** Somebody wants what was kept of them for itself deleted, as far as it began before this moment. */
export const TracksErasure = z.object({ personId: Id, beforeUnixMs: UnixMs });
export type TracksErasure = z.infer<typeof TracksErasure>;

/**
 * What the coordinator wants a broadcaster to make of one recording, whole each time (desired state): said again whenever a
 * broadcaster tells of another `revision` than this one.
 */
export const RecordingShape = z.object({
  /** The number of the log's event that changed it last: a later one holds. */
  revision: z.int().nonnegative(),
  title: z.string(),
  /** Whether it may be played by who may watch the webinar. */
  published: z.boolean(),
  cuts: z.array(RecordingCut).max(CUTS_MAX),
  chapters: z.array(ShowChapter).max(CHAPTERS_MAX),
  /** Renditions that are to be there as one MP4 file each. */
  downloads: z.array(z.string().max(32)).max(8),
  /** Isolated tracks that are to go, once the channel has ended. One for each person. */
  erase: z.array(TracksErasure).default([]),
});
export type RecordingShape = z.infer<typeof RecordingShape>;

/** Of a recording that nobody has said anything of: all of it, for everybody. */
export const NO_SHAPE: RecordingShape = {
  revision: 0,
  title: '',
  published: true,
  cuts: [],
  chapters: [],
  downloads: [],
  erase: [],
};

/** A file to download. `failed`: it is not tried again before something changes. */
export const RecordingDownload = z.discriminatedUnion('state', [
  z.object({ rendition: z.string(), state: z.literal('making'), share: z.number().min(0).max(1) }),
  /** `path`: relative to the recording's folder. */
  z.object({
    rendition: z.string(),
    state: z.literal('ready'),
    bytes: z.int().nonnegative(),
    path: z.string(),
  }),
  z.object({
    rendition: z.string(),
    state: z.literal('failed'),
    reason: z.enum(['disk', 'damaged', 'internal']),
  }),
]);
export type RecordingDownload = z.infer<typeof RecordingDownload>;

/**
 * `about.json` beside a recording's playlists: what a page needs to play it well, without the coordinator. Times are positions in
 * what is played: milliseconds from its beginning, cuts left out.
 */
export const RecordingAbout = z.object({
  title: z.string(),
  /** Programme time of its first picture. */
  startsUnixMs: UnixMs,
  durationMs: z.number().nonnegative(),
  /** It still grows. */
  live: z.boolean(),
  chapters: z.array(z.object({ startMs: z.number().nonnegative(), title: z.string(), kind: ChapterKind })),
  /** Relative to this file, as all paths here; null: there is none. */
  poster: z.string().nullable(),
  downloads: z.array(RecordingDownload),
  /** WebVTT files, times as above. */
  captions: z.array(z.object({ language: z.string().max(35), label: z.string(), path: z.string() })),
});
export type RecordingAbout = z.infer<typeof RecordingAbout>;

/**
 * What of a deleted recording may still be somewhere: on the broadcaster's disk, in the bucket, in the cache of the edge, in the CDN's.
 */
export const DeletionStep = z.enum(['files', 'bucket', 'edge', 'cdn']);
export type DeletionStep = z.infer<typeof DeletionStep>;

/** What is left of one, as the crew sees it. `broadcaster`: the one that has it is away, and is told when it comes. */
export const RecordingRemains = z.enum(['broadcaster', ...DeletionStep.options]);
export type RecordingRemains = z.infer<typeof RecordingRemains>;
