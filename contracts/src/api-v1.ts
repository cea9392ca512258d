/** Bodies of `/api/v1`, the API for programs of others; the pages have `http-api.ts`. */
import { z } from 'zod';
import { API_SCOPES } from './api-scopes.ts';
import { displayText } from './display-text.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import { RecordingState } from './features/phase.ts';
import { Moderation } from './features/rules.ts';
import { WebinarSummary } from './http-api.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';
import { RecordingRemains } from './recording.ts';
import { DOWNLOADS_MAX, RenditionName } from './recording-edit.ts';
import { Role } from './roles.ts';

export const ApiScope = z.enum(API_SCOPES);
export type ApiScope = z.infer<typeof ApiScope>;

/** Whether what was granted is enough for that. */
export const grants = (granted: readonly ApiScope[], wanted: ApiScope): boolean =>
  granted.includes(wanted) || granted.some((scope) => scope === wanted.replace(/:read$/, ':write'));

/** By which a secret is told from a link's token, by us and by whoever looks for secrets that were published by mistake. */
export const API_TOKEN_PREFIX = 'rst_';

const DAYS_MAX = 3650;

export const CreateApiToken = z.object({
  name: displayText({ max: 80 }),
  scopes: z
    .array(ApiScope)
    .min(1)
    .max(API_SCOPES.length)
    .transform((scopes) => API_SCOPES.filter((scope) => scopes.includes(scope))),
  /** null: until it is revoked. */
  validDays: z.int().positive().max(DAYS_MAX).nullable().default(90),
});

export const ApiToken = z.object({
  tokenId: Id,
  name: z.string(),
  scopes: z.array(ApiScope),
  /** The secret's first characters, by which one knows it again. */
  hint: z.string(),
  createdByName: z.string(),
  createdUnixMs: UnixMs,
  /** To the hour or so; null: never. */
  lastUsedUnixMs: UnixMs.nullable(),
  expiresUnixMs: UnixMs.nullable(),
  state: z.enum(['good', 'expired', 'revoked']),
});
export type ApiToken = z.infer<typeof ApiToken>;

/** The only time that the secret is told: of it a hash is kept. */
export const CreatedApiToken = ApiToken.extend({ secret: z.string() });
export type CreatedApiToken = z.infer<typeof CreatedApiToken>;

/** What HTTP has a word for and the rest of the house has not. */
export const PROBLEM_CODES = [
  ...(Object.keys(ERRORS) as ErrorCode[]),
  'method-not-allowed',
  'unsupported-media-type',
  'changed-meanwhile',
  'idempotency-key-reused',
  'idempotency-key-in-use',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** RFC 9457, `application/problem+json`. `type` is the same at every installation, a path that tells more where it is asked for. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** For developers. */
  detail: z.string(),
  code: z.enum(PROBLEM_CODES),
  /** Dotted path of the field that is wrong. */
  field: z.string().optional(),
  /** Asking the same again later can help. */
  retry: z.boolean(),
});
export type Problem = z.infer<typeof Problem>;

export const PAGE_MAX = 100;
/** Which part of a list is asked for. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50),
  /** `next` of the page before, as it was told; it says nothing to anybody else. Absent: from the beginning. */
  cursor: z.string().max(512).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** null: that was the last page. What is added meanwhile at the list's beginning is in no later page. */
const Next = z.string().nullable();

export const WebinarPage = z.object({ webinars: z.array(WebinarSummary), next: Next });
export type WebinarPage = z.infer<typeof WebinarPage>;

export const V1Participant = z.object({
  personId: Id,
  name: z.string(),
  role: Role,
  /** An attendee whose hand was accepted. */
  guest: z.boolean(),
  /** By the crew. */
  muted: z.boolean(),
  /** `sent-out`: for a while. `removed`: for good. */
  state: z.enum(['admitted', 'sent-out', 'removed']),
  onStage: z.boolean(),
  onAir: z.boolean(),
});
export type V1Participant = z.infer<typeof V1Participant>;
/** By their ids. Attendees are in it once they did something that the log keeps. */
export const V1ParticipantPage = z.object({ participants: z.array(V1Participant), next: Next });
export type V1ParticipantPage = z.infer<typeof V1ParticipantPage>;

export const WebinarRules = z.object({
  moderation: Moderation,
  /** Whether who was muted by the crew may lift that. */
  mayUnmute: z.boolean(),
  /** Whether isolated tracks are recorded, of those who agree. */
  recordTracks: z.boolean(),
});
export type WebinarRules = z.infer<typeof WebinarRules>;
export const ChangeWebinarRules = WebinarRules.partial();

/** A file to download, as it is wanted, made and there. `url` of a private webinar needs a right, which travels in cookies. */
export const DownloadFile = z.object({
  rendition: z.string(),
  state: z.enum(['wanted', 'making', 'ready', 'failed']),
  bytes: z.int().nonnegative().nullable(),
  url: z.string().nullable(),
});

export const RecordingInfo = z.object({
  webinarId: Id,
  state: RecordingState,
  /** Of one that is being deleted: what is not known to be gone. */
  remains: z.array(RecordingRemains),
  published: z.boolean(),
  /** null unless it is there. */
  durationMs: z.number().nonnegative().nullable(),
  /** null unless it is there and published. */
  playlistUrl: z.string().nullable(),
  watchUrl: z.string().nullable(),
  downloads: z.array(DownloadFile),
});
export type RecordingInfo = z.infer<typeof RecordingInfo>;

export const ChangeRecording = z
  .object({
    published: z.boolean(),
    /** Renditions that are to be there as one file each: all of them. */
    downloads: z.array(RenditionName).max(DOWNLOADS_MAX),
  })
  .partial();
