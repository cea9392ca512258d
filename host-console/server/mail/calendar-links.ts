/** Links by which people put a webinar into the calendar that they have. */
import { instantOf } from '../time-zones.ts';
import type { CalendarEntry } from './mail.ts';

export interface CalendarLinks {
  /** A file that every calendar reads. */
  readonly ics: string;
  readonly google: string;
  /** null: it takes no series by a link, and one time of it would mislead. */
  readonly outlook: string | null;
  readonly office365: string | null;
  readonly yahoo: string | null;
}

/**
 * Where the entry's own link lets somebody in it stays out of these: they go to others' servers. What they name is the webinar's
 * public page.
 */
export function calendarLinks(
  entry: CalendarEntry,
  { pageUrl, icsUrl }: { readonly pageUrl: string; readonly icsUrl: string },
): CalendarLinks {
  const begins = instantOf(entry.start);
  const ends = begins + entry.lengthMinutes * 60_000;
  const details = [entry.description, pageUrl].filter((text) => text !== null).join('\n\n');
  const once = entry.recurrence === null;
  const outlookAt = (host: string): string =>
    link(`https://${host}/calendar/0/deeplink/compose`, {
      path: '/calendar/action/compose',
      rru: 'addevent',
      subject: entry.title,
      startdt: new Date(begins).toISOString(),
      enddt: new Date(ends).toISOString(),
      body: details,
      location: pageUrl,
    });
  return {
    ics: icsUrl,
    google: link('https://calendar.google.com/calendar/render', {
      action: 'TEMPLATE',
      text: entry.title,
      dates: `${compact(begins)}/${compact(ends)}`,
      ctz: entry.start.zone,
      details,
      location: pageUrl,
      ...(once ? {} : { recur: `RRULE:${entry.recurrence}` }),
    }),
    outlook: once ? outlookAt('outlook.live.com') : null,
    office365: once ? outlookAt('outlook.office.com') : null,
    yahoo: once
      ? link('https://calendar.yahoo.com/', {
          v: '60',
          title: entry.title,
          st: compact(begins),
          et: compact(ends),
          desc: details,
          in_loc: pageUrl,
        })
      : null,
  };
}

/** `20270328T170000Z`. */
const compact = (unixMs: number): string => new Date(unixMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');

/** Those calendars read `+` as itself: a space is `%20`. */
const link = (base: string, parameters: Readonly<Record<string, string>>): string =>
  `${base}?${Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&')}`;
