/** People who sign in: what the pages for them and the coordinator tell each other. */
import { z } from 'zod';
import { PersonName } from './features/people.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';

/** `owner`: everything. `host`: plans webinars and runs those. `moderator`: helps in those that they were assigned to. */
export const AccountRole = z.enum(['owner', 'host', 'moderator']);
export type AccountRole = z.infer<typeof AccountRole>;

/** Languages that mails to them, and pages, come in. */
export const AccountLocale = z.enum(['en', 'de']);

/** An address of RFC 5321's length, as it was typed; two that differ in case alone are one. */
export const MailAddress = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email({ error: 'no mail address' }));

export const PASSWORD_MIN = 12;
/**
 * NIST SP 800-63B section 3.1.1.2: a length, any characters, no rules of composition. The most is what keeps hashing cheap;
 * it is counted in UTF-16 units, as browsers count.
 */
export const NewPassword = z
  .string()
  .min(PASSWORD_MIN, { error: `at least ${PASSWORD_MIN} characters` })
  .max(256, { error: 'at most 256 characters' });
/** One that is tried may be older than the rules. */
const TriedPassword = z.string().min(1).max(1024);

export const SetUpOwner = z.object({
  name: PersonName,
  email: MailAddress,
  password: NewPassword,
  locale: AccountLocale.default('en'),
});

export const SignIn = z.object({ email: MailAddress, password: TriedPassword });

/** Whoever is signed in, as they see themselves. */
export const OwnAccount = z.object({
  accountId: Id,
  name: z.string(),
  email: z.string(),
  role: AccountRole,
  locale: AccountLocale,
  /** false: they sign in by a passkey or by the identity provider alone. */
  hasPassword: z.boolean(),
});
export type OwnAccount = z.infer<typeof OwnAccount>;

export const ChangeOwnAccount = z.object({
  name: PersonName.optional(),
  locale: AccountLocale.optional(),
});

/** `current`: null where there was none. */
export const ChangePassword = z.object({ current: TriedPassword.nullable(), next: NewPassword });

/** How somebody came to be signed in. */
export const SignInMethod = z.enum(['setup', 'password', 'passkey', 'provider', 'invitation', 'reset']);
export type SignInMethod = z.infer<typeof SignInMethod>;

export const SessionSummary = z.object({
  sessionId: Id,
  createdUnixMs: UnixMs,
  /** About when it was last used: to some minutes. */
  seenUnixMs: UnixMs,
  expiresUnixMs: UnixMs,
  /** What the browser said it is. */
  userAgent: z.string(),
  method: SignInMethod,
  /** The one that asks. */
  current: z.boolean(),
});
export type SessionSummary = z.infer<typeof SessionSummary>;

/** Whoever signs in, as owners see them. */
export const MemberSummary = z.object({
  accountId: Id,
  name: z.string(),
  email: z.string(),
  role: AccountRole,
  createdUnixMs: UnixMs,
});
export type MemberSummary = z.infer<typeof MemberSummary>;

export const InvitationSummary = z.object({
  invitationId: Id,
  email: z.string(),
  role: AccountRole,
  inviter: z.string(),
  createdUnixMs: UnixMs,
  expiresUnixMs: UnixMs,
});
export type InvitationSummary = z.infer<typeof InvitationSummary>;

export const MemberList = z.object({
  members: z.array(MemberSummary),
  invitations: z.array(InvitationSummary),
});
export type MemberList = z.infer<typeof MemberList>;

export const InviteMember = z.object({ email: MailAddress, role: AccountRole });
/** `url`: what the mail says too, for who hands it over by another way. It is told this once. */
export const Invited = z.object({ invitation: InvitationSummary, url: z.string() });

export const ChangeMember = z.object({ role: AccountRole });

/** The secret of a link that was mailed, which stands in its fragment. */
const MailedSecret = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'no such link');

export const LookAtInvitation = z.object({ secret: MailedSecret });
export const OpenInvitation = z.object({ email: z.string(), role: AccountRole, inviter: z.string() });
export type OpenInvitation = z.infer<typeof OpenInvitation>;
export const AcceptInvitation = z.object({
  secret: MailedSecret,
  name: PersonName,
  password: NewPassword,
  locale: AccountLocale.default('en'),
});

export const AskForReset = z.object({ email: MailAddress });
export const UseReset = z.object({ secret: MailedSecret, password: NewPassword });

/** Who runs a webinar by their account. */
export const WebinarMember = z.object({
  accountId: Id,
  name: z.string(),
  email: z.string(),
  role: AccountRole,
  /** In this webinar; null: nobody, and could be. Owners are in each as hosts. */
  here: z.enum(['host', 'moderator']).nullable(),
});
export type WebinarMember = z.infer<typeof WebinarMember>;
export const AssignMember = z.object({ here: z.enum(['host', 'moderator']).nullable() });

/** Who did what. */
export const AuditEntry = z.object({
  auditId: Id,
  atUnixMs: UnixMs,
  actor: z.string(),
  actorName: z.string(),
  action: z.string(),
  subject: z.record(z.string(), z.string()),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
/** `next`: what to ask with for those before; null: there are none. */
export const AuditPage = z.object({ entries: z.array(AuditEntry), next: z.string().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;
