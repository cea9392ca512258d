import { z } from 'zod';
import { Id } from './ids.ts';
import { Role } from './roles.ts';
import { PersonName, ProfileName, WebinarTitle } from './webinar.ts';

/** Bodies of the coordinator's HTTP API (also the source of /api/openapi.json). Authorisation: `Bearer <token>`. */

export const CreateWebinar = z.object({
  title: WebinarTitle,
  startsAtUnixMs: z.int().nonnegative().nullable().default(null),
  profile: ProfileName.default('standard'),
});

export const WebinarSummary = z.object({
  webinarId: Id,
  title: z.string(),
  startsAtUnixMs: z.int().nullable(),
  profile: ProfileName,
  phase: z.enum(['scheduled', 'live', 'ended']),
  createdUnixMs: z.int(),
  /** Public watch page, without a token; null while no broadcaster is connected. */
  watchUrl: z.string().nullable(),
});
export type WebinarSummary = z.infer<typeof WebinarSummary>;

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
  personId: Id,
  role: Role,
  expiresUnixMs: z.int(),
});
export type Link = z.infer<typeof Link>;

/** An open webinar's watch page asks for its own attendee token; the same browser keeps it and stays the same person. */
export const JoinAsAttendee = z.object({ name: PersonName.default('Guest') });
export const AttendeeToken = z.object({ token: z.string(), personId: Id, expiresUnixMs: z.int() });
export type AttendeeToken = z.infer<typeof AttendeeToken>;

/** Served beside the watch page at `/w/<webinarId>/config.json`. */
export const WatchConfig = z.object({ coordinatorUrl: z.string() });
export type WatchConfig = z.infer<typeof WatchConfig>;
