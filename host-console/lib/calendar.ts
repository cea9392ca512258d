/** Days of a month as a calendar shows them. Pure; days are `2027-03-28`, in the zone of who looks. */
import type { WebinarSummary } from '@rostrum/contracts';
import { unixMsToZoned } from './time.ts';

export type Day = string;

const DAY_MS = 86_400_000;
const utcOf = (day: Day): number => Date.parse(`${day}T00:00Z`);
const dayOfUtc = (unixMs: number): Day => new Date(unixMs).toISOString().slice(0, 10);

export const dayOf = (unixMs: number, timeZone: string): Day => unixMsToZoned(unixMs, timeZone).slice(0, 10);

export const daysLater = (day: Day, days: number): Day => dayOfUtc(utcOf(day) + days * DAY_MS);

/** The same day of another month, or its last where it has none. */
export function monthsLater(day: Day, months: number): Day {
  const at = new Date(utcOf(day));
  const first = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1);
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months + 1, 0)).getUTCDate();
  return dayOfUtc(first + (Math.min(at.getUTCDate(), last) - 1) * DAY_MS);
}

export const sameMonth = (a: Day, b: Day): boolean => a.slice(0, 7) === b.slice(0, 7);

/** 1: Monday, to 7: Sunday, with which a week begins there. */
export function firstWeekday(locale: string): number {
  const known = new Intl.Locale(locale) as Intl.Locale & {
    getWeekInfo?: () => { readonly firstDay: number };
    weekInfo?: { readonly firstDay: number };
  };
  return known.getWeekInfo?.().firstDay ?? known.weekInfo?.firstDay ?? 1;
}

/** Whole weeks around the month of a day. */
export function weeksOf(day: Day, firstDay: number): Day[][] {
  const first = `${day.slice(0, 7)}-01`;
  const last = daysLater(monthsLater(first, 1), -1);
  const weekday = new Date(utcOf(first)).getUTCDay();
  let at = daysLater(first, -((weekday - firstDay + 7) % 7));
  const weeks: Day[][] = [];
  while (at <= last) {
    const from = at;
    weeks.push([0, 1, 2, 3, 4, 5, 6].map((n) => daysLater(from, n)));
    at = daysLater(at, 7);
  }
  return weeks;
}

/** Those that have a time, by day, earliest first. */
export function byDay(webinars: readonly WebinarSummary[], timeZone: string): Map<Day, WebinarSummary[]> {
  const timed = webinars
    .filter((webinar) => webinar.startsAtUnixMs !== null)
    .toSorted((a, b) => (a.startsAtUnixMs ?? 0) - (b.startsAtUnixMs ?? 0));
  return Map.groupBy(timed, (webinar) => dayOf(webinar.startsAtUnixMs ?? 0, timeZone));
}
