/** What a webinar is planned to be: what its page says, when it is, who comes in and how. Edited field by field until it is over. */
import { z } from 'zod';
import { displayText } from './display-text.ts';
import { Id } from './ids.ts';
import { Series } from './series.ts';

/**
 * When it begins, by the wall clock of a place: what people read in an invitation stays so when a state moves its clocks. A time
 * that clocks skip is the later one, and of two the first (RFC 5545 section 3.3.5).
 */
export const PlannedStart = z.object({
  /** `2027-03-28T19:00`. */
  local: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/),
  /** IANA name, e.g. `Europe/Berlin`. */
  zone: z.string().min(1).max(64).refine(isZone, 'no time zone of the IANA'),
});
export type PlannedStart = z.infer<typeof PlannedStart>;

/** `open`: whoever has the address. `passcode`: and knows it. `registered`: with a personal link. `approved`: once the crew said yes. */
export const JoinMode = z.enum(['open', 'passcode', 'registered', 'approved']);
export type JoinMode = z.infer<typeof JoinMode>;

const questionBase = { questionId: Id, text: displayText({ max: 300 }), required: z.boolean() };
/** What is asked of who registers, besides name and address. */
export const RegistrationQuestion = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), ...questionBase }),
  z.object({
    kind: z.literal('choice'),
    ...questionBase,
    choices: z
      .array(displayText({ max: 120 }))
      .min(2)
      .max(20),
  }),
  /** A box to tick. */
  z.object({ kind: z.literal('consent'), ...questionBase }),
]);
export type RegistrationQuestion = z.infer<typeof RegistrationQuestion>;

/** A picture that was uploaded for it. */
export const AssetRef = z.object({ assetId: Id, width: z.int().positive(), height: z.int().positive() });
export type AssetRef = z.infer<typeof AssetRef>;

export const Branding = z.object({
  logo: AssetRef.nullable(),
  /** `#rrggbb`, of buttons and of the holding slide. */
  accent: z.string().regex(/^#[0-9a-f]{6}$/),
  /** Behind everybody in the composite, and of the holding slide. */
  background: AssetRef.nullable(),
  /** What the holding slide says below the title. */
  holdingText: displayText({ max: 200 }).nullable(),
});
export type Branding = z.infer<typeof Branding>;

/** Fields of a plan that the webinar's log does not have elsewhere (its title is `webinar.created`'s until it is changed). */
export const Plan = z.object({
  text: displayText({ max: 5000, multiline: true }).nullable(),
  cover: AssetRef.nullable(),
  start: PlannedStart.nullable(),
  lengthMinutes: z
    .int()
    .min(5)
    .max(24 * 60),
  /** Of people who may be in at once; the others watch the stream. null: as many as come. */
  capacity: z.int().min(1).max(1_000_000).nullable(),
  join: JoinMode,
  registrationQuestions: z.array(RegistrationQuestion).max(20),
  /** `none`: nobody is asked to the stage out of the audience. */
  whoMaySpeak: z.enum(['hands', 'none']),
  /** What people are told who are asked whether they may be recorded; null: the installation's words. */
  consentText: displayText({ max: 2000, multiline: true }).nullable(),
  branding: Branding,
  /** `draft`: nobody but its crew sees it. */
  visibility: z.enum(['draft', 'published']),
  /** null: it is none of a series. */
  series: Series.nullable(),
});
export type Plan = z.infer<typeof Plan>;

/** Before anybody planned anything. Webinars from before there were plans have this one. */
export const EMPTY_PLAN: Plan = {
  text: null,
  cover: null,
  start: null,
  lengthMinutes: 60,
  capacity: null,
  join: 'open',
  registrationQuestions: [],
  whoMaySpeak: 'hands',
  consentText: null,
  branding: { logo: null, accent: '#1f6feb', background: null, holdingText: null },
  visibility: 'published',
  series: null,
};

/** What everybody may know of it who may know of the webinar at all. */
export const PublicPlan = Plan.omit({
  registrationQuestions: true,
  capacity: true,
  visibility: true,
  series: true,
});
export type PublicPlan = z.infer<typeof PublicPlan>;

export function publicPlan(plan: Plan): PublicPlan {
  const { registrationQuestions: _q, capacity: _c, visibility: _v, series: _s, ...known } = plan;
  return known;
}

/** Some of its fields; branding is changed field by field too. */
export const PlanFields = Plan.extend({ branding: Branding.partial() }).partial();
export type PlanFields = z.infer<typeof PlanFields>;

/** Those that are edited: what is of a series is made so. */
export const EditedFields = PlanFields.omit({ series: true });

export function withFields(plan: Plan, { branding, ...fields }: PlanFields): Plan {
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const drawn = Object.fromEntries(Object.entries(branding ?? {}).filter(([, value]) => value !== undefined));
  return { ...plan, ...known, branding: { ...plan.branding, ...drawn } };
}

/** Of a log or a row that may be of another version: a field that says nothing we know counts as not said. */
export const KeptPlanFields = z.object({
  ...lenient(Plan.shape),
  branding: z.object(lenient(Branding.shape)).optional().catch(undefined),
});

/** The same of a whole plan: such a field is as in `EMPTY_PLAN`. */
export const KeptPlan = KeptPlanFields.transform((fields): Plan => withFields(EMPTY_PLAN, fields));

type Lenient<Shape extends z.ZodRawShape> = { [K in keyof Shape]: z.ZodCatch<z.ZodOptional<Shape[K]>> };
function lenient<Shape extends z.ZodRawShape>(shape: Shape): Lenient<Shape> {
  return Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [name, z.optional(schema).catch(undefined)]),
  ) as Lenient<Shape>;
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
