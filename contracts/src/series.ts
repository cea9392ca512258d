/** Webinars that come again and again: each is one of its own, planned ahead, at the same time by the clocks of its place. */
import { z } from 'zod';
import { Id } from './ids.ts';

export const SERIES_MOST = 52;

/** Body of `POST /api/webinars/:id/series`: how often it comes, itself counted. */
export const Repeat = z.object({
  every: z.enum(['day', 'week', 'month']),
  interval: z.int().min(1).max(12).default(1),
  /** In months: the same date (months without it are left out, RFC 5545 section 3.3.10), or e.g. each second Tuesday. */
  by: z.enum(['date', 'weekday']).default('date'),
  count: z.int().min(2).max(SERIES_MOST),
});
export type Repeat = z.output<typeof Repeat>;

/** What each of a series knows of it: the ids of the others follow from it. */
export const Series = z.object({
  seriesId: Id,
  /** RFC 5545 RRULE without its name. */
  rule: z.string().max(200),
  firstId: Id,
  count: z.int().min(2).max(SERIES_MOST),
});
export type Series = z.infer<typeof Series>;
