/** Who registered for a webinar: what they are asked, how it stands with them, and what the crew does with it over HTTP. */
import { z } from 'zod';
import { displayText } from './display-text.ts';
import { PersonName } from './features/people.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';

/**
 * `pending`: the crew has not said yet. `approved`: they have a place. `waiting`: they may come, and every place is taken.
 * `refused`: by the crew. `cancelled`: by themselves.
 */
export const RegistrationStateName = z.enum(['pending', 'approved', 'waiting', 'refused', 'cancelled']);
export type RegistrationStateName = z.infer<typeof RegistrationStateName>;

/** RFC 5321 sections 4.5.3.1.1 and 4.5.3.1.3: what every mail server takes. */
const MAX_LOCAL = 64;
const MAX_ADDRESS = 254;
const ADDRESS =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})$/;

/**
 * A mailbox as it is compared and kept: in lower case, and its domain as DNS has it (RFC 5891). Of no mailbox that is in use do two
 * differ by case alone, though RFC 5321 section 2.4 lets them. null: it is none. Quoted local parts are none: nobody has one.
 */
export function mailAddress(text: string): string | null {
  if (text.length > MAX_ADDRESS * 4) return null;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at).trim().toLowerCase();
  const domain = asciiDomain(text.slice(at + 1).trim());
  const address = `${local}@${domain}`;
  const isOne = at > 0 && local.length <= MAX_LOCAL && address.length <= MAX_ADDRESS && ADDRESS.test(address);
  return isOne ? address : null;
}

function asciiDomain(domain: string): string {
  // What a URL would take for something else than its host, or mend.
  if (/[/\\?#:@%\s]/.test(domain)) return '';
  return URL.parse(`http://${domain}/`)?.hostname ?? '';
}

export const RegistrantAddress = z
  .string()
  .max(MAX_ADDRESS * 4)
  .transform((text, context) => {
    const address = mailAddress(text);
    if (address !== null) return address;
    context.addIssue({ code: 'custom', message: 'no mail address' });
    return z.NEVER;
  });

/** What was answered, by the question's id: a text, one of the choices, or whether it was agreed to. */
export const RegistrationAnswers = z.record(Id, z.union([z.string().max(2000), z.boolean()]));
export type RegistrationAnswers = z.infer<typeof RegistrationAnswers>;

export const ANSWER_MAX = 500;
/** An answer in words. */
export const RegistrationText = displayText({ max: ANSWER_MAX, multiline: true });

/** What somebody says of themselves. */
export const Registrant = z.object({
  name: PersonName,
  address: RegistrantAddress,
  locale: z.enum(['en', 'de']).default('en'),
  answers: RegistrationAnswers.default({}),
});
export type Registrant = z.output<typeof Registrant>;

/** As the crew sees one. */
export const Registration = z.object({
  registrationId: Id,
  name: z.string(),
  address: z.string(),
  locale: z.enum(['en', 'de']),
  answers: RegistrationAnswers,
  state: RegistrationStateName,
  createdUnixMs: UnixMs,
  /** When the state became what it is. */
  changedUnixMs: UnixMs,
  /** When they first came in by their link; null: not yet. */
  joinedUnixMs: UnixMs.nullable(),
  /** They want no further mails of this webinar. */
  unsubscribed: z.boolean(),
});
export type Registration = z.infer<typeof Registration>;

/** How many there are in each state. */
export const RegistrationCounts = z.record(RegistrationStateName, z.int().nonnegative());
export type RegistrationCounts = z.infer<typeof RegistrationCounts>;

export const RegistrationQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  cursor: z.coerce.number().int().positive().optional(),
  state: RegistrationStateName.optional(),
  /** A part of a name or an address. */
  search: z.string().max(120).default(''),
});

/** The newest first. `next`: the cursor of the page after this one; null: this is the last. */
export const RegistrationPage = z.object({
  registrations: z.array(Registration),
  counts: RegistrationCounts,
  next: z.string().nullable(),
});
export type RegistrationPage = z.infer<typeof RegistrationPage>;

/** What the crew answers; those of other webinars are passed over. */
export const AnswerRegistrations = z.object({
  registrationIds: z.array(Id).min(1).max(200),
  answer: z.enum(['approve', 'refuse']),
});
export type AnswerRegistrations = z.infer<typeof AnswerRegistrations>;
export const AnsweredRegistrations = z.object({ registrations: z.array(Registration) });
export type AnsweredRegistrations = z.infer<typeof AnsweredRegistrations>;

/** Somebody whom the crew brings: they need no approval, and answer nothing. */
export const AddRegistration = z.object({
  name: PersonName,
  address: RegistrantAddress,
  locale: z.enum(['en', 'de']).default('en'),
  /** Whether they are mailed how it stands with them, and their link. */
  mail: z.boolean().default(true),
});
export type AddRegistration = z.input<typeof AddRegistration>;
/** `known`: the address is registered already; who waited for approval has it now. */
export const AddedRegistration = z.object({ outcome: z.enum(['added', 'known']) });
export type AddedRegistration = z.infer<typeof AddedRegistration>;

/** A table of people: a header with `name` and `email` (or `first name`, `last name`; `language` may be there), then a line for each. */
export const ImportRegistrations = z.object({
  csv: z.string(),
  locale: z.enum(['en', 'de']).default('en'),
  /** Whether those who are new are mailed. */
  mail: z.boolean(),
  /** Says what would come of it, and changes nothing. */
  dryRun: z.boolean(),
});
export type ImportRegistrations = z.input<typeof ImportRegistrations>;

export const ImportProblem = z.enum(['no-name', 'no-address', 'bad-name', 'bad-address', 'twice']);
export type ImportProblem = z.infer<typeof ImportProblem>;
/** What became of each line, or would. */
export const ImportReport = z.object({
  added: z.int().nonnegative(),
  known: z.int().nonnegative(),
  /** Of the file, from 1, which is its header. The first hundred. */
  problems: z.array(z.object({ line: z.int().positive(), problem: ImportProblem, text: z.string() })),
  problemCount: z.int().nonnegative(),
  /** The first ten that are new. */
  sample: z.array(z.object({ name: z.string(), address: z.string() })),
});
export type ImportReport = z.infer<typeof ImportReport>;
