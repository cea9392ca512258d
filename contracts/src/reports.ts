/** Who was there, and what it was like: what the crew reads after a webinar. */
import { z } from 'zod';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';
import { Role } from './roles.ts';

export const Device = z.enum(['desktop', 'phone', 'tablet', 'unknown']);
export type Device = z.infer<typeof Device>;

/** Families. */
export const Browser = z.enum(['chrome', 'edge', 'firefox', 'opera', 'safari', 'samsung', 'other']);
export type Browser = z.infer<typeof Browser>;

/** Somebody was connected from then to then; reloads and short absences between are left out. */
export const ParticipantSession = z.object({
  joinedUnixMs: UnixMs,
  /** null: they are still here. */
  leftUnixMs: UnixMs.nullable(),
  device: Device,
  browser: Browser,
  /** ISO 3166-1 alpha-2 of the country, where a CDN says it. */
  region: z.string().nullable(),
  /** The SFU node that carried their media; null: they watched the stream. */
  node: z.string().nullable(),
});
export type ParticipantSession = z.infer<typeof ParticipantSession>;

export const Participant = z.object({
  personId: Id,
  name: z.string(),
  role: Role,
  /** The first time. */
  joinedUnixMs: UnixMs,
  /** The last time; null: they are still here. */
  leftUnixMs: UnixMs.nullable(),
  /** At least one, in order. */
  sessions: z.array(ParticipantSession),
  /** Of all sessions, and what of it was while the webinar was live. */
  presentMs: z.number().nonnegative(),
  presentLiveMs: z.number().nonnegative(),
});
export type Participant = z.infer<typeof Participant>;
