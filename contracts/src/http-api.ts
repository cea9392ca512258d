import { z } from 'zod';
import { PersonName } from './features/people.ts';
import { ProfileName, RecordingState, WebinarTitle } from './features/phase.ts';
import { Id } from './ids.ts';
import { ACCESSES } from './media-urls.ts';
import { UnixMs } from './moment.ts';
import { RecordingTrouble } from './person-socket.ts';
import { EditedFields, Plan, PublicPlan } from './plan.ts';
import { RecordingRemains } from './recording.ts';
import { Role } from './roles.ts';

/** Bodies of the coordinator's HTTP API (also the source of /api/openapi.json). Authorisation: `Bearer <token>`. */

export const CreateWebinar = z.object({
  title: WebinarTitle,
  startsAtUnixMs: UnixMs.nullable().default(null),
  profile: ProfileName.default('standard'),
  /** Who may watch, live and recorded; for good. `private`: who has a link. */
  access: z.enum(ACCESSES).default('open'),
  /** What else is known of it already. With `start`, `startsAtUnixMs` is what that says. */
  plan: EditedFields.default({}),
});

export const WebinarSummary = z.object({
  webinarId: Id,
  title: z.string(),
  startsAtUnixMs: UnixMs.nullable(),
  profile: ProfileName,
  ...Plan.pick({ start: true, lengthMinutes: true, cover: true, visibility: true, series: true }).shape,
  access: z.enum(ACCESSES),
  phase: z.enum(['scheduled', 'live', 'ended']),
  /** `none` until it has ended. */
  recording: RecordingState,
  /** Of a recording that is being deleted: what is not known to be gone. Empty for others. */
  remains: z.array(RecordingRemains),
  createdUnixMs: UnixMs,
  /**
   * Live with nobody of the crew here and nobody on the stage since then; it ends by itself at `endsUnixMs` (null: never)
   * if that stays so. null: attended, or not live.
   */
  unattended: z.object({ sinceUnixMs: UnixMs, endsUnixMs: UnixMs.nullable() }).nullable(),
  /** Public watch page, without a token; null while no broadcaster is connected. */
  watchUrl: z.string().nullable(),
});
export type WebinarSummary = z.infer<typeof WebinarSummary>;

export const WebinarList = z.object({
  webinars: z.array(WebinarSummary),
  /** Of any broadcaster that is connected; for the owner. */
  recording: RecordingTrouble.nullable(),
});
export type WebinarList = z.infer<typeof WebinarList>;

export const CreateLink = z.object({
  role: Role.exclude(['owner']),
  /** Who it is for; panelists and crew need one, an attendee may be asked on the page. */
  name: PersonName,
  validHours: z
    .number()
    .positive()
    .max(24 * 90)
    .default(24 * 7),
});

/** The token stands in the URL's fragment, so it never travels to a server or a third party with the request. */
export const Link = z.object({
  url: z.string(),
  token: z.string(),
  linkId: Id,
  personId: Id,
  role: Role,
  expiresUnixMs: UnixMs,
});
export type Link = z.infer<typeof Link>;

/** A link as the crew sees it afterwards: what it says, and whether it still opens anything. */
export const LinkSummary = z.object({
  linkId: Id,
  personId: Id,
  name: z.string(),
  role: Role,
  madeUnixMs: UnixMs,
  expiresUnixMs: UnixMs,
  state: z.enum(['good', 'revoked', 'removed', 'expired']),
  /** Connections that stand by it now. */
  connections: z.int().nonnegative(),
});
export type LinkSummary = z.infer<typeof LinkSummary>;

/**
 * An open webinar's watch page asks for its own attendee token; the same browser keeps it and stays the same person.
 * Sent with that token as the bearer, it takes the name for the same person: questions, votes and hand stay theirs, and
 * what they said before keeps the name it was said under. The answer expires when the token that was shown does.
 * A bearer's token that is forged or expired is answered `unauthenticated`, one of another webinar or role `forbidden`:
 * never with somebody new, who would have lost their votes without knowing it.
 */
/** Spaces around it are nobody's intention. */
export const Passcode = z.string().trim().min(4).max(64);
/** `passcode`: where the webinar's plan wants one, of somebody new. */
export const JoinAsAttendee = z.object({
  name: PersonName.default('Guest'),
  passcode: z.string().trim().max(64).optional(),
});
/** null: takes it away. */
export const SetPasscode = z.object({ passcode: Passcode.nullable() });
export const PasscodeIsSet = z.object({ isSet: z.boolean() });
export const AttendeeToken = z.object({ token: z.string(), personId: Id, expiresUnixMs: UnixMs });
export type AttendeeToken = z.infer<typeof AttendeeToken>;

/**
 * The right to watch a private webinar, which travels in cookies beside this: for how long it holds, and when to ask anew.
 * null: the webinar is open and needs none.
 */
export const MediaRight = z
  .object({ validMs: z.int().positive(), renewAfterMs: z.int().positive() })
  .nullable();
export type MediaRight = z.infer<typeof MediaRight>;

/** What anyone may know of an open webinar that is no draft: for a watch page that has no token yet. Never stored (`Cache-Control: no-store`). */
export const PublicWebinar = z.object({
  webinarId: Id,
  title: z.string(),
  phase: z.enum(['scheduled', 'live', 'ended']),
  startsAtUnixMs: UnixMs.nullable(),
  profile: ProfileName,
  plan: PublicPlan,
  /** As in the view's phase, so that the player can start before there is a connection; null unless live,
   * and where the process that was asked does not run the webinar. */
  live: z.object({ sinceUnixMs: UnixMs, playlistUrl: z.string() }).nullable(),
});
export type PublicWebinar = z.infer<typeof PublicWebinar>;

/** Served beside the watch page at `/w/<webinarId>/config.json`. */
export const WatchConfig = z.object({ coordinatorUrl: z.string() });
export type WatchConfig = z.infer<typeof WatchConfig>;
