/** What the crew makes of a recording, and what of the show's course may come to be a chapter. */
import {
  NO_EDIT,
  RecordingCut,
  type RecordingEdit,
  type RecordingEditState,
  type RecordingEvent,
  RecordingMark,
  type recordingCommands,
  type Scene,
  StoryMoment,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { Touch } from '../all.ts';
import type { DraftState } from '../draft-state.ts';
import type { Events, Feature, Moment } from '../feature.ts';
import type { Deltas, Look } from '../look.ts';
import { AT_ONCE, chunks, inParts, readPart } from '../parts.ts';
import { afterEdit, editRecording, withStory } from './edit.ts';
import { recordingView } from './shape.ts';
import { afterQuestion, afterScene } from './story.ts';

export type RecordingTouch =
  | { readonly kind: 'recording' }
  /** Of the recording; they are shown once it has ended. */
  | { readonly kind: 'chapters' };

const EditPart: z.ZodType<Omit<RecordingEdit, 'story'>> = z.object({
  revision: z.int().nonnegative(),
  published: z.boolean(),
  marks: z.array(RecordingMark),
  cuts: z.array(RecordingCut),
  downloads: z.array(z.string()),
});
/** Absent where nothing was made of the recording yet, as in snapshots from before there was anything to make of it. */
const Edit = z.object({ kind: z.literal('edit'), edit: EditPart });
const Story = z.object({ kind: z.literal('story'), story: z.array(StoryMoment) });

const touched = (): Touch[] => [{ kind: 'recording' }];
const played = (): Touch[] => [{ kind: 'phase' }, { kind: 'recording' }];

export const recording = {
  empty: { edit: NO_EDIT },
  decide: {
    'recording:mark': editRecording,
    'recording:renameMark': editRecording,
    'recording:removeMark': editRecording,
    'recording:setCuts': editRecording,
    'recording:publish': editRecording,
    'recording:wantDownloads': editRecording,
  },
  toggled: {
    'recording:mark': ({ input }) => `mark ${input.markId}`,
    'recording:renameMark': ({ input }) => `mark ${input.markId}`,
    'recording:removeMark': ({ input }) => `mark ${input.markId}`,
    'recording:setCuts': ({ name }) => name,
    'recording:publish': ({ name }) => name,
    'recording:wantDownloads': ({ name }) => name,
  },
  apply: {
    'recording.marked': edited,
    'recording.markRenamed': edited,
    'recording.markRemoved': edited,
    'recording.cutsChanged': edited,
    'recording.published': edited,
    'recording.unpublished': edited,
    'recording.downloadsWanted': edited,
  },
  touches: {
    'recording.marked': touched,
    'recording.markRenamed': touched,
    'recording.markRemoved': touched,
    'recording.cutsChanged': touched,
    'recording.published': played,
    'recording.unpublished': played,
    'recording.downloadsWanted': touched,
  },
  deltas: {
    recording: (_touch, look, deltas) => addRecording(look, deltas),
    chapters: (_touch, look, deltas) => {
      if (look.state.phase.phase === 'ended') addRecording(look, deltas);
    },
  },
  view: ({ state, viewerClass }) => ({ recording: viewerClass === 'crew' ? recordingView(state) : null }),
  kept: {
    edit: inParts(
      {
        edit: readPart(Edit, ({ now }, { edit }) => {
          now.edit = { ...edit, story: now.edit.story };
        }),
        story: readPart(Story, ({ now }, { story }) => {
          now.edit = { ...now.edit, story: [...now.edit.story, ...story] };
        }),
      },
      function* ({ story, ...edit }: RecordingEdit): Generator<z.infer<typeof Edit> | z.infer<typeof Story>> {
        if (edit.revision > 0) yield { kind: 'edit', edit };
        for (const some of chunks(story, AT_ONCE.story)) yield { kind: 'story', story: some };
      },
    ),
  },
} satisfies Feature<
  RecordingEvent['type'],
  keyof typeof recordingCommands,
  RecordingEditState,
  RecordingTouch['kind']
>;

function edited({ now }: DraftState, event: RecordingEvent, { seq, atUnixMs }: Moment): void {
  now.edit = afterEdit(now.edit, event, seq, atUnixMs);
}

function addRecording({ state, viewerClass }: Look, deltas: Deltas): void {
  if (viewerClass === 'crew') deltas.add('recording', { type: 'recording', recording: recordingView(state) });
}

/** Something it is made from changed with that event. */
export function editedBySeq({ now }: DraftState, seq: number): void {
  now.edit = { ...now.edit, revision: seq };
}

/** Call before the scene changes. */
export function tellOfScene({ now }: DraftState, after: Scene, { seq, atUnixMs }: Moment): void {
  if (now.phase.phase !== 'live') return;
  now.edit = withStory(now.edit, afterScene(now.edit.story, now.scene, after, atUnixMs), seq);
}

export function tellOfQuestion(
  { now }: DraftState,
  event: Events['question.answeringLive' | 'question.answered'],
  { seq, atUnixMs }: Moment,
): void {
  if (now.phase.phase !== 'live') return;
  now.edit = withStory(now.edit, afterQuestion(now.edit.story, event, atUnixMs), seq);
}
