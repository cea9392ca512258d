import { z } from 'zod';
import { ConsentView } from './consent.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';
import { RecordingView } from './recording-edit.ts';
import { Role } from './roles.ts';
import { Scene } from './scene.ts';
import { Moderation, ProfileName, RecordingState } from './webinar.ts';

/**
 * What one person is shown of a webinar, and the deltas that follow. The coordinator derives both from the log;
 * a client folds deltas into its view with `applyDelta` (apply-delta.ts) and never sees the log itself.
 */

export const QuestionView = z.object({
  questionId: Id,
  name: z.string(),
  /** Of who asked: the mark beside the name, which no name can be. */
  role: Role,
  /** Who asked; for the crew only, else null. */
  personId: Id.nullable(),
  text: z.string(),
  askedUnixMs: UnixMs,
  /** `held`: it waits for a moderator, and only its author and the crew see it. */
  status: z.enum(['held', 'new', 'answering', 'answered', 'dismissed']),
  answer: z.string().nullable(),
  votes: z.int().nonnegative(),
  /** True when the viewer asked it. */
  mine: z.boolean(),
  /** True when the viewer voted for it. */
  voted: z.boolean(),
});
export type QuestionView = z.infer<typeof QuestionView>;

export const PersonView = z.object({
  personId: Id,
  name: z.string(),
  role: Role,
  guest: z.boolean(),
  /** By the crew. */
  muted: z.boolean(),
  /** For the crew only, else null. */
  consent: ConsentView.nullable(),
});
export type PersonView = z.infer<typeof PersonView>;

export const HandView = z.object({ personId: Id, name: z.string(), raisedUnixMs: UnixMs });
export type HandView = z.infer<typeof HandView>;

export const PhaseView = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('scheduled') }),
  z.object({ phase: z.literal('live'), sinceUnixMs: UnixMs, playlistUrl: z.string() }),
  z.object({
    phase: z.literal('ended'),
    endedUnixMs: UnixMs,
    recording: RecordingState,
    /** null unless the recording is `ready` and published. */
    recordingUrl: z.string().nullable(),
  }),
]);
export type PhaseView = z.infer<typeof PhaseView>;

/** `hand` is the viewer's own: accepted means they are a guest and may join the stage. */
export const MyHand = z.enum(['down', 'raised', 'accepted', 'declined']);
export type MyHand = z.infer<typeof MyHand>;

/** The viewer was muted by the crew. `asked`: they asked to be heard again, by raising their hand. */
export const MutedView = z.object({ byName: z.string(), asked: z.boolean() });
export type MutedView = z.infer<typeof MutedView>;

/** What the crew settled for everybody. */
export const RulesView = z.object({
  moderation: Moderation,
  mayUnmute: z.boolean(),
  /** Isolated tracks are recorded, of those who agree to it. */
  tracks: z.boolean(),
});
export type RulesView = z.infer<typeof RulesView>;

export const WebinarView = z.object({
  webinarId: Id,
  title: z.string(),
  startsAtUnixMs: UnixMs.nullable(),
  profile: ProfileName,
  phase: PhaseView,
  self: z.object({
    personId: Id,
    name: z.string(),
    role: Role,
    guest: z.boolean(),
    hand: MyHand,
    muted: MutedView.nullable(),
    consent: ConsentView,
  }),
  rules: RulesView,
  questions: z.array(QuestionView),
  /** Crew and stage only (empty for the audience). */
  people: z.array(PersonView),
  /** Crew only (empty otherwise), oldest first. */
  hands: z.array(HandView),
  /** Crew and stage; null for the audience, who see the picture itself. */
  scene: Scene.nullable(),
  direction: z.enum(['automatic', 'manual']).nullable(),
  /** Crew only (null otherwise), from going live on. */
  recording: RecordingView.nullable(),
});
export type WebinarView = z.infer<typeof WebinarView>;

/** Changes to a view. Idempotent: applying one twice gives the same view. */
export const ViewDelta = z.discriminatedUnion('type', [
  z.object({ type: z.literal('phase'), phase: PhaseView }),
  z.object({
    type: z.literal('self'),
    guest: z.boolean(),
    hand: MyHand,
    muted: MutedView.nullable(),
    consent: ConsentView,
  }),
  z.object({ type: z.literal('rules'), rules: RulesView }),
  z.object({ type: z.literal('question'), question: QuestionView }),
  /** Votes change often and concern everyone: the number only; `voted` stays as it was. */
  z.object({ type: z.literal('votes'), questionId: Id, votes: z.int().nonnegative() }),
  z.object({ type: z.literal('voted'), questionId: Id, voted: z.boolean() }),
  z.object({ type: z.literal('questionGone'), questionId: Id }),
  z.object({ type: z.literal('person'), person: PersonView }),
  z.object({ type: z.literal('personGone'), personId: Id }),
  z.object({ type: z.literal('hands'), hands: z.array(HandView) }),
  z.object({ type: z.literal('recording'), recording: RecordingView.nullable() }),
  /** null when a guest went back to the audience, as in the view. */
  z.object({
    type: z.literal('scene'),
    scene: Scene.nullable(),
    direction: z.enum(['automatic', 'manual']).nullable(),
  }),
]);
export type ViewDelta = z.infer<typeof ViewDelta>;
