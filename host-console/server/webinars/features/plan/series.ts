import { accessOf, idOfAccess, type PlannedStart, type Repeat, type Series } from '@rostrum/contracts';
import ICAL from 'ical.js';
import { DateTime } from 'luxon';

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const FREQUENCY = { day: 'DAILY', week: 'WEEKLY', month: 'MONTHLY' } as const;

/** RFC 5545 RRULE without its name. A fifth weekday is the last one: most months have no fifth. */
export function ruleOf(
  { every, interval, by, count }: Repeat,
  { local }: Pick<PlannedStart, 'local'>,
): string {
  const day = DateTime.fromISO(local, { zone: 'UTC' });
  const week = Math.ceil(day.day / 7);
  const byDay = `;BYDAY=${week === 5 ? -1 : week}${WEEKDAYS[day.weekday - 1]}`;
  const rule = `FREQ=${FREQUENCY[every]};INTERVAL=${interval};COUNT=${count}`;
  return every === 'month' && by === 'weekday' ? rule + byDay : rule;
}

/** When it comes by a rule of `ruleOf`: the same time by the clocks of the place, whatever they are moved meanwhile. */
export function startsBy(rule: string, { local, zone }: PlannedStart): PlannedStart[] {
  // Without a zone: the rule is of days and times on the wall.
  const from = ICAL.Time.fromDateTimeString(`${local}:00`);
  const times = ICAL.Recur.fromString(rule).iterator(from);
  const starts: PlannedStart[] = [];
  for (let at = times.next(); at; at = times.next()) {
    starts.push({ local: at.toString().slice(0, 16), zone });
  }
  return starts;
}

/** The webinars of a series, in order. */
export const membersOf = ({ seriesId, firstId, count }: Series): string[] => [
  firstId,
  ...Array.from({ length: count - 1 }, (_, i) => idOfAccess(`${seriesId}-${i + 2}`, accessOf(firstId))),
];

/** Another's start, moved as this one's was: by as many days, to the same time and place. */
export function movedAlike(other: PlannedStart, before: PlannedStart, after: PlannedStart): PlannedStart {
  const dayOf = (start: PlannedStart): DateTime =>
    DateTime.fromISO(start.local.slice(0, 10), { zone: 'UTC' });
  const days = dayOf(after).diff(dayOf(before), 'days').days;
  return {
    local: `${dayOf(other).plus({ days }).toFormat('yyyy-MM-dd')}${after.local.slice(10)}`,
    zone: after.zone,
  };
}
