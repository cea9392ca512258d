import { z } from 'zod';
import { ConsentTextVersion, ConsentView } from './consent.ts';
import {
  BackstageDelta,
  BackstageMessageDelta,
  BackstageMessageGoneDelta,
  BackstageView,
} from './features/backstage.ts';
import { DoorsDelta, DoorsView } from './features/doors.ts';
import { HandsDelta, HandView, MyHand } from './features/hands.ts';
import { MutedView, PersonDelta, PersonGoneDelta, PersonView } from './features/people.ts';
import { PhaseDelta, PhaseView, ProfileName } from './features/phase.ts';
import { PlanDelta } from './features/plan.ts';
import {
  QuestionDelta,
  QuestionGoneDelta,
  QuestionView,
  VotedDelta,
  VotesDelta,
} from './features/questions.ts';
import { RecordingDelta } from './features/recording.ts';
import { RulesDelta, RulesView } from './features/rules.ts';
import { Direction, SceneDelta } from './features/scene.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';
import { PublicPlan } from './plan.ts';
import { RecordingView } from './recording-edit.ts';
import { Role } from './roles.ts';
import { Scene } from './scene.ts';

export { BackstageView, HandView, MutedView, MyHand, PersonView, PhaseView, QuestionView, RulesView };

/**
 * What one person is shown of a webinar, and the deltas that follow. The coordinator derives both from the log;
 * a client folds deltas into its view with `applyDelta` (apply-delta.ts) and never sees the log itself.
 */

/** What changes of the viewer themselves. */
const Standing = z.object({
  guest: z.boolean(),
  hand: MyHand,
  muted: MutedView.nullable(),
  consent: ConsentView,
});

export const WebinarView = z.object({
  webinarId: Id,
  title: z.string(),
  startsAtUnixMs: UnixMs.nullable(),
  profile: ProfileName,
  plan: PublicPlan,
  /** Of the plan's `consentText`, to be answered with; absent: there is none, and the words are Rostrum's. */
  consentVersion: ConsentTextVersion.exactOptional(),
  phase: PhaseView,
  doors: DoorsView,
  self: z.object({ personId: Id, name: z.string(), role: Role, ...Standing.shape }),
  rules: RulesView,
  questions: z.array(QuestionView),
  /** Crew and stage only (empty for the audience). */
  people: z.array(PersonView),
  /** Crew only (empty otherwise), oldest first. */
  hands: z.array(HandView),
  /** Crew and stage; null for the audience, who see the picture itself. */
  scene: Scene.nullable(),
  direction: Direction.nullable(),
  /** Crew only (null otherwise), from going live on. */
  recording: RecordingView.nullable(),
  /** Crew and panelists only; null for everybody else, guests on the stage included. */
  backstage: BackstageView.nullable(),
});
export type WebinarView = z.infer<typeof WebinarView>;

/** Changes to a view. Idempotent: applying one twice gives the same view. */
export const ViewDelta = z.discriminatedUnion('type', [
  z.object({ type: z.literal('self'), ...Standing.shape }),
  PhaseDelta,
  DoorsDelta,
  PlanDelta,
  RulesDelta,
  QuestionDelta,
  QuestionGoneDelta,
  VotesDelta,
  VotedDelta,
  PersonDelta,
  PersonGoneDelta,
  HandsDelta,
  RecordingDelta,
  SceneDelta,
  BackstageMessageDelta,
  BackstageMessageGoneDelta,
  BackstageDelta,
]);
export type ViewDelta = z.infer<typeof ViewDelta>;
