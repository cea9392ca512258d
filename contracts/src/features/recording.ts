/** What the crew makes of a recording. */
import { z } from 'zod';
import { Id } from '../ids.ts';
import { UnixMs } from '../moment.ts';
import { ChapterTitle, CUTS_MAX, RecordingCut } from '../recording.ts';
import {
  DOWNLOADS_MAX,
  KeptChapterTitle,
  type RecordingEdit,
  RecordingView,
  RenditionName,
} from '../recording-edit.ts';
import { CREW } from '../roles.ts';
import { type Command, None } from './command.ts';

export const RecordingEvent = z.discriminatedUnion('type', [
  /** By the crew. `atUnixMs` by the programme's clock; absent: when it was said. */
  z.object({
    type: z.literal('recording.marked'),
    markId: Id,
    title: KeptChapterTitle,
    atUnixMs: z.number().optional(),
  }),
  z.object({ type: z.literal('recording.markRenamed'), markId: Id, title: KeptChapterTitle }),
  z.object({ type: z.literal('recording.markRemoved'), markId: Id }),
  /** All of them, in order. A trim is a cut that reaches beyond the beginning or the end. */
  z.object({ type: z.literal('recording.cutsChanged'), cuts: z.array(RecordingCut) }),
  /** As it is from the beginning. */
  z.object({ type: z.literal('recording.published') }),
  /** Nobody can play it. */
  z.object({ type: z.literal('recording.unpublished') }),
  /** Renditions that are to be there as one file each: all of them. */
  z.object({ type: z.literal('recording.downloadsWanted'), renditions: z.array(z.string().max(32)) }),
]);
export type RecordingEvent = z.infer<typeof RecordingEvent>;

export const recordingCommands = {
  /**
   * A chapter of the recording. The client makes markId, so that marking again is the same mark. `atUnixMs` by the
   * programme's clock; absent: now, which is for a live webinar alone.
   */
  'recording:mark': {
    input: z.object({ markId: Id, title: ChapterTitle, atUnixMs: UnixMs.optional() }),
    output: None,
    roles: CREW,
  },
  'recording:renameMark': { input: z.object({ markId: Id, title: ChapterTitle }), output: None, roles: CREW },
  'recording:removeMark': { input: z.object({ markId: Id }), output: None, roles: CREW },
  /** All of them. While it is live they hold from its end on: players may rely on what a growing playlist has. */
  'recording:setCuts': {
    input: z.object({ cuts: z.array(RecordingCut).max(CUTS_MAX) }),
    output: None,
    roles: ['owner', 'host'],
  },
  'recording:publish': {
    input: z.object({ published: z.boolean() }),
    output: None,
    roles: ['owner', 'host'],
  },
  'recording:wantDownloads': {
    input: z.object({ renditions: z.array(RenditionName).max(DOWNLOADS_MAX) }),
    output: None,
    roles: ['owner', 'host'],
  },
} as const satisfies Record<string, Command>;

export interface RecordingEditState {
  /** What is to be made of the recording. */
  readonly edit: RecordingEdit;
}

export const RecordingDelta = z.object({ type: z.literal('recording'), recording: RecordingView.nullable() });
