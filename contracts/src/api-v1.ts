/** Bodies of `/api/v1`, the API for programs of others; the pages have `http-api.ts`. */
import { z } from 'zod';
import { displayText } from './display-text.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';

/** What a token may be good for; `write` of a kind reads it too. */
export const API_SCOPES = [
  'webinars:read',
  'webinars:write',
  'people:read',
  'people:write',
  'recordings:read',
  'recordings:write',
  'registrations:read',
  'registrations:write',
  'webhooks:read',
  'webhooks:write',
] as const;
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
