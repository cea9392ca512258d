/** All features. Whatever is not in these lists, the compiler misses: each event, command, touch and part of the state has its feature. */
import { type BackstageTouch, backstage } from './backstage/backstage.ts';
import { consent } from './consent/consent.ts';
import { type DoorsTouch, doors } from './doors/doors.ts';
import { type HandsTouch, hands } from './hands/hands.ts';
import { links } from './links/links.ts';
import type { Look } from './look.ts';
import { type PeopleTouch, people } from './people/people.ts';
import { type PhaseTouch, phase } from './phase/phase.ts';
import { type PlanTouch, plan } from './plan/plan.ts';
import { type QuestionsTouch, questions } from './questions/questions.ts';
import { type RecordingTouch, recording } from './recording/recording.ts';
import { type RulesTouch, rules } from './rules/rules.ts';
import { type SceneTouch, scene } from './scene/scene.ts';
import type { FoldedState } from './state.ts';
import { takenBack } from './taken-back/taken-back.ts';

/** In the order in which snapshots have their parts. */
export const FEATURES = [
  phase,
  doors,
  people,
  links,
  scene,
  rules,
  consent,
  questions,
  hands,
  takenBack,
  recording,
  backstage,
  plan,
] as const;

/** What an event changes in views. Deltas carry the present value of it, so several events make one delta. */
export type Touch =
  | PhaseTouch
  | DoorsTouch
  | PlanTouch
  | PeopleTouch
  | SceneTouch
  | RulesTouch
  | QuestionsTouch
  | HandsTouch
  | RecordingTouch
  | BackstageTouch
  /** What somebody is told of themselves. */
  | { readonly kind: 'self'; readonly personId: string }
  /** The person went from the audience to the stage or back. */
  | { readonly kind: 'class'; readonly personId: string };

type One = (typeof FEATURES)[number];
/** Those of them that have it. */
type Having<Name extends string> = Extract<One, Record<Name, unknown>>;
type All<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer Both) => void
  ? Both
  : never;
type Table = 'empty' | 'decide' | 'toggled' | 'apply' | 'touches' | 'deltas' | 'concerns' | 'kept';

/** That table of all features as one. No two of them have a line in common: a test says so. */
export function together<Name extends Table>(name: Name): All<Having<Name>[Name]> {
  return Object.assign({}, ...FEATURES.map((feature: Readonly<Record<string, unknown>>) => feature[name]));
}

type Made<Name extends 'view' | 'self'> = All<
  Having<Name>[Name] extends (...looks: never) => infer Part ? Part : never
>;

export const viewOfAll = (look: Look): Made<'view'> =>
  Object.assign({}, ...FEATURES.map((feature) => ('view' in feature ? feature.view(look) : {})));

export const selfOfAll = (state: FoldedState, personId: string): Made<'self'> =>
  Object.assign({}, ...FEATURES.map((feature) => ('self' in feature ? feature.self(state, personId) : {})));
