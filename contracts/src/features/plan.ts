/** What a webinar is planned to be, as its log has it; `plan.ts` says what a plan is. */
import { z } from 'zod';
import { ConsentTextVersion } from '../consent.ts';
import { UnixMs } from '../moment.ts';
import { EditedFields, KeptPlanFields, Plan, PublicPlan } from '../plan.ts';
import { KeptTitle, ProfileName, WebinarTitle } from './phase.ts';
import { Moderation } from './rules.ts';

export const PlanEvent = z.discriminatedUnion('type', [
  /** What was changed and nothing else, so that two who edit different fields both keep theirs. */
  z.object({
    type: z.literal('plan.changed'),
    fields: KeptPlanFields,
    title: KeptTitle.optional(),
    profile: ProfileName.optional(),
    /** With `fields.start`: when that is, as the clocks' rules were known when it was said. null: no time. */
    startsAtUnixMs: UnixMs.nullable().optional().catch(undefined),
  }),
]);
export type PlanEvent = z.infer<typeof PlanEvent>;

/** Fields that are changed one by one, and may be in conflict one by one: `text`, `title`, `branding.logo`. */
export type PlanRevisions = Readonly<Record<string, number>>;

export interface PlanState {
  readonly plan: Plan;
  /** By field: `seq` of the event that changed it last. */
  readonly planRevisions: PlanRevisions;
}

/**
 * Body of `PATCH /api/webinars/:id/plan`. What is absent stays. With `revision`, a field that somebody changed after that is a
 * `conflict` that names it, and nothing of the body is taken; without, the last word holds.
 */
export const ChangePlan = z.object({
  revision: z.int().nonnegative().optional(),
  title: WebinarTitle.optional(),
  /** Until it is live. */
  profile: ProfileName.optional(),
  /** Whether questions are seen at once or once approved. */
  moderation: Moderation.optional(),
  /** Whether each panelist's picture and sound are kept for themselves too, of those who agree. */
  tracks: z.boolean().optional(),
  fields: EditedFields.default({}),
});
export type ChangePlan = z.output<typeof ChangePlan>;

/** A webinar as its editor has it. */
export const PlannedWebinar = z.object({
  webinarId: z.string(),
  title: z.string(),
  profile: ProfileName,
  moderation: Moderation,
  tracks: z.boolean(),
  plan: Plan,
  /** When `plan.start` is; of webinars from before there were plans, without one. */
  startsAtUnixMs: UnixMs.nullable(),
  phase: z.enum(['scheduled', 'live', 'ended']),
  /** Of the newest change that this has: send it with the next one. */
  revision: z.int().nonnegative(),
});
export type PlannedWebinar = z.infer<typeof PlannedWebinar>;

/** What everybody in it is told of it. */
export const PlanDelta = z.object({
  type: z.literal('plan'),
  title: z.string(),
  profile: ProfileName,
  startsAtUnixMs: UnixMs.nullable(),
  plan: PublicPlan,
  consentVersion: ConsentTextVersion.exactOptional(),
});
