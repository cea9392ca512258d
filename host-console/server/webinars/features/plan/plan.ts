/** What a webinar is planned to be: read by its pages, its door and its registration. */
import {
  EMPTY_PLAN,
  KeptPlan,
  type Plan,
  type PlanEvent,
  type PlanRevisions,
  type PlanState,
  publicPlan,
  withFields,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { Touch } from '../all.ts';
import type { DraftState } from '../draft-state.ts';
import type { Events, Feature } from '../feature.ts';
import { inFrame } from '../parts.ts';
import type { FoldedState } from '../state.ts';
import { namesOf } from './decide.ts';

export interface PlanTouch {
  readonly kind: 'plan';
}

const touched = (): Touch[] => [{ kind: 'plan' }];

const planned = ({ title, profile, startsAtUnixMs, plan, planRevisions }: FoldedState) => ({
  title,
  profile,
  startsAtUnixMs,
  plan: publicPlan(plan),
  ...consentVersion(plan, planRevisions),
});

/** Rostrum's own words have the versions below these. */
const OWN_TEXTS_FROM = 1000;

/** Each change of the text is another version of it, so that the log says which one was answered. */
function consentVersion({ consentText }: Plan, revisions: PlanRevisions): { consentVersion?: number } {
  return consentText === null ? {} : { consentVersion: OWN_TEXTS_FROM + (revisions.consentText ?? 0) };
}

export const plan = {
  empty: { plan: EMPTY_PLAN, planRevisions: {} },
  decide: {},
  apply: {
    'plan.changed': ({ now }, event, { seq }) => {
      now.plan = withFields(now.plan, event.fields);
      now.planRevisions = {
        ...now.planRevisions,
        ...Object.fromEntries(namesOf(event).map((name) => [name, seq])),
      };
    },
  },
  touches: { 'plan.changed': touched },
  deltas: {
    plan: (_touch, { state }, deltas) => deltas.add('plan', { type: 'plan', ...planned(state) }),
  },
  view: ({ state }) => ({
    plan: publicPlan(state.plan),
    ...consentVersion(state.plan, state.planRevisions),
  }),
  kept: {
    /** Absent in those from before there were plans. */
    plan: inFrame(KeptPlan.default(EMPTY_PLAN)),
    planRevisions: inFrame(z.record(z.string(), z.int()).default({})),
  },
} satisfies Feature<PlanEvent['type'], never, PlanState, PlanTouch['kind']>;

/** What it is planned with from its first moment on. */
export function openPlan({ now }: DraftState, event: Events['webinar.created']): void {
  if (event.plan) now.plan = withFields(now.plan, event.plan);
}

/** Title, profile and time are the phase's, which had them before there were plans. */
export function retell({ now }: DraftState, { title, profile, startsAtUnixMs }: PlanEvent): void {
  if (title !== undefined) now.title = title;
  if (profile !== undefined) now.profile = profile;
  if (startsAtUnixMs !== undefined) now.startsAtUnixMs = startsAtUnixMs;
}
