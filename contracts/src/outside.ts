/** What an operator cannot see from the machine itself: how it looks to those outside. Told by `doctor --public` and in the console. */
import { z } from 'zod';

/** Whose address: that of console and API, of stream and watch page, or of the TURN server. */
const Of = z.enum(['console', 'media', 'turn']);
const named = { of: Of, host: z.string() };
const addresses = z.array(z.string());

export const Finding = z.discriminatedUnion('about', [
  z.object({
    about: z.literal('name'),
    ...named,
    /** `elsewhere`: at none of the addresses of this machine, as behind a CDN or a proxy. */
    is: z.enum(['good', 'unresolved', 'private', 'elsewhere', 'local']),
    addresses,
  }),
  z.object({
    about: z.literal('certificate'),
    ...named,
    is: z.enum(['good', 'soon', 'expired', 'otherName', 'untrusted', 'none', 'unreachable']),
    /** Until it expires; null: there is none to be seen. */
    daysLeft: z.int().nullable(),
    /** As the system names it; null: there is nothing to add. */
    reason: z.string().nullable(),
  }),
  z.object({ about: z.literal('announced'), is: z.enum(['good', 'private', 'local']), address: z.string() }),
  z.object({
    about: z.literal('turn'),
    is: z.enum(['good', 'none', 'unreachable']),
    host: z.string().nullable(),
    reason: z.string().nullable(),
  }),
  z.object({
    about: z.literal('mail'),
    is: z.enum(['good', 'folder', 'refused']),
    host: z.string().nullable(),
    reason: z.string().nullable(),
  }),
  z.object({
    about: z.literal('disk'),
    is: z.enum(['good', 'little', 'slow', 'unwritable']),
    freeBytes: z.int().nullable(),
    /** Of a show with all renditions that fit on it. */
    hours: z.int().nullable(),
    /** Of writes that are durable, ms; null: not tried. */
    slowestSyncMs: z.int().nullable(),
  }),
  /** What carries the show: who takes part by WebRTC, and who makes the stream of it. */
  z.object({ about: z.literal('node'), of: z.enum(['stage', 'broadcaster']), is: z.enum(['good', 'none']) }),
  z.object({ about: z.literal('clock'), is: z.enum(['good', 'free', 'unknown']) }),
  z.object({
    about: z.literal('cookies'),
    is: z.enum(['good', 'apart', 'foreign']),
    domain: z.string().nullable(),
    hosts: z.array(z.string()),
  }),
  z.object({
    about: z.literal('cdn'),
    is: z.enum(['good', 'none', 'differs', 'refused']),
    reason: z.string().nullable(),
  }),
]);
export type Finding = z.infer<typeof Finding>;

export const Findings = z.object({ findings: z.array(Finding), lookedUnixMs: z.int() });
export type Findings = z.infer<typeof Findings>;

/** `unsure`: right for some, and to be known before an event. */
export type FindingState = 'good' | 'unsure' | 'bad';

const STATES: {
  readonly [A in Finding['about']]: Readonly<Record<Extract<Finding, { about: A }>['is'], FindingState>>;
} = {
  name: { good: 'good', unresolved: 'bad', private: 'bad', elsewhere: 'unsure', local: 'bad' },
  certificate: {
    good: 'good',
    soon: 'unsure',
    expired: 'bad',
    otherName: 'bad',
    untrusted: 'bad',
    none: 'bad',
    unreachable: 'bad',
  },
  announced: { good: 'good', private: 'bad', local: 'bad' },
  turn: { good: 'good', none: 'unsure', unreachable: 'bad' },
  mail: { good: 'good', folder: 'unsure', refused: 'bad' },
  disk: { good: 'good', little: 'bad', slow: 'unsure', unwritable: 'bad' },
  node: { good: 'good', none: 'bad' },
  clock: { good: 'good', free: 'bad', unknown: 'unsure' },
  cookies: { good: 'good', apart: 'bad', foreign: 'bad' },
  cdn: { good: 'good', none: 'good', differs: 'bad', refused: 'bad' },
};

export const findingState = (finding: Finding): FindingState =>
  (STATES[finding.about] as Readonly<Record<string, FindingState>>)[finding.is] ?? 'bad';
