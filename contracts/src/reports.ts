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

export const ParticipantQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** `next` of the page before. */
  cursor: z.string().max(300).optional(),
  /** A part of a name. */
  search: z.string().max(120).optional(),
});

/** In the order in which they first came. `next`: the cursor of the page after this one; null: this is the last. */
export const ParticipantPage = z.object({
  participants: z.array(Participant),
  next: z.string().nullable(),
});
export type ParticipantPage = z.infer<typeof ParticipantPage>;

/** How many attendees there were; crew and panelists are not counted. */
export const AttendanceSummary = z.object({
  title: z.string(),
  phase: z.enum(['scheduled', 'live', 'ended']),
  /** null: it was not, or it is not known. */
  liveUnixMs: UnixMs.nullable(),
  endedUnixMs: UnixMs.nullable(),
  attendees: z.int().nonnegative(),
  /** Crew, panelists and whoever else was no attendee. */
  others: z.int().nonnegative(),
  /** At most at once, and when that was first; null: nobody came. */
  peak: z.object({ attendees: z.int().positive(), atUnixMs: UnixMs }).nullable(),
  /** Of each on average, and what of it was while the webinar was live. */
  averageMs: z.number().nonnegative(),
  averageLiveMs: z.number().nonnegative(),
});
export type AttendanceSummary = z.infer<typeof AttendanceSummary>;

/** Of tables that are exported. */
export const CsvQuery = z.object({
  /** `0`: without the mark by which Excel knows UTF-8. */
  bom: z.enum(['0', '1']).default('1'),
});
export const ParticipantCsvQuery = CsvQuery.extend({
  /** What a row is. */
  each: z.enum(['participant', 'session']).default('participant'),
});
