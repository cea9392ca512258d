/** Webinars as calendars read them (RFC 5545, RFC 5546). */
import ICAL from 'ical.js';
import { comesOnce, instantOf, localAt } from '../time-zones.ts';
import type { CalendarEntry, Recipient } from './mail.ts';
import { vtimezoneFor } from './vtimezone.ts';

export interface CalendarOptions {
  /** When this version of the entry was written. */
  readonly stampUnixMs: number;
  /** Whom answers go to; RFC 5546 wants one. */
  readonly organizer: Recipient;
  /** Whose calendar it goes to by mail; null: a file that anyone may take. */
  readonly attendee: Recipient | null;
}

/** What a series is looked at for, to be sure of its zone: more than anybody plans. */
const MOST_OCCURRENCES = 600;
const PRODID = '-//Rostrum//Rostrum//EN';

/** `METHOD` of an entry (RFC 5546 section 1.4): the mail's content type says the same. */
export const methodOf = (
  entry: CalendarEntry,
  attendee: Recipient | null,
): 'PUBLISH' | 'REQUEST' | 'CANCEL' => (entry.cancelled ? 'CANCEL' : attendee ? 'REQUEST' : 'PUBLISH');

/**
 * The text of an `.ics` file. Throws `bad-input` for a start that no calendar has.
 *
 * Its end is told as a duration: an end on the wall clock comes twice in the night when clocks go back. A start that clocks skip
 * is told as the later one that is meant, and the first of two as what it is in UTC: calendars read those as they like (ical.js the
 * second one). The times of a series stay as they are, since they keep to the wall clock.
 */
export function calendarOf(entry: CalendarEntry, options: CalendarOptions): string {
  const { zone } = entry.start;
  const unixMs = instantOf(entry.start);
  const shown = localAt(unixMs, zone);
  const inUtc = entry.recurrence === null && !comesOnce({ local: shown, zone });
  const local = entry.recurrence === null ? shown : withSeconds(entry.start.local);
  const start = inUtc ? ICAL.Time.fromJSDate(new Date(unixMs), true) : ICAL.Time.fromDateTimeString(local);
  const calendar = new ICAL.Component('vcalendar');
  calendar.addPropertyWithValue('version', '2.0');
  calendar.addPropertyWithValue('prodid', PRODID);
  calendar.addPropertyWithValue('method', methodOf(entry, options.attendee));
  if (!inUtc) calendar.addSubcomponent(vtimezoneFor(zone, occurrencesOf(start, entry.recurrence)));
  calendar.addSubcomponent(eventOf(entry, { ...options, start, zone: inUtc ? null : zone }));
  return `${calendar.toString()}\r\n`;
}

interface Told extends CalendarOptions {
  readonly start: ICAL.Time;
  /** null: it is told in UTC. */
  readonly zone: string | null;
}

function eventOf(entry: CalendarEntry, options: Told): ICAL.Component {
  const event = new ICAL.Component('vevent');
  event.addPropertyWithValue('uid', entry.uid);
  event.addPropertyWithValue('sequence', entry.sequence);
  event.addPropertyWithValue('dtstamp', ICAL.Time.fromJSDate(new Date(options.stampUnixMs), true));
  const dtstart = event.addPropertyWithValue('dtstart', options.start);
  if (options.zone !== null) dtstart.setParameter('tzid', options.zone);
  event.addPropertyWithValue('duration', ICAL.Duration.fromSeconds(entry.lengthMinutes * 60));
  if (entry.recurrence !== null) {
    event.addPropertyWithValue('rrule', ICAL.Recur.fromString(entry.recurrence));
  }
  event.addPropertyWithValue('status', entry.cancelled ? 'CANCELLED' : 'CONFIRMED');
  event.addPropertyWithValue('summary', plain(entry.title));
  const description = [entry.description, entry.url].filter((text) => text !== null).join('\n\n');
  if (description !== '') event.addPropertyWithValue('description', plain(description));
  if (entry.url !== null) {
    event.addPropertyWithValue('url', entry.url);
    event.addPropertyWithValue('location', entry.url);
  }
  person(event, 'organizer', options.organizer);
  if (options.attendee) {
    const attendee = person(event, 'attendee', options.attendee);
    // They said that they come when they registered: nobody reads answers.
    attendee.setParameter('partstat', 'ACCEPTED');
    attendee.setParameter('rsvp', 'FALSE');
  }
  return event;
}

function person(event: ICAL.Component, name: string, { address, name: called }: Recipient): ICAL.Property {
  const property = event.addPropertyWithValue(name, `mailto:${address}`);
  // A parameter's value can hold no quotes (RFC 5545 section 3.2), and needs them for everything else.
  if (called !== null) property.setParameter('cn', plain(called).replaceAll('"', '’').replaceAll('\n', ' '));
  return property;
}

/** The local times of a series as far as one may look, `2027-03-28T19:00:00`. */
function occurrencesOf(start: ICAL.Time, recurrence: string | null): string[] {
  if (recurrence === null) return [start.toString()];
  const found: string[] = [];
  const iterator = ICAL.Recur.fromString(recurrence).iterator(start);
  for (let next = iterator.next(); next && found.length < MOST_OCCURRENCES; next = iterator.next()) {
    found.push(next.toString());
  }
  return found.length > 0 ? found : [start.toString()];
}

const withSeconds = (local: string): string => (local.length === 16 ? `${local}:00` : local);

/** Text without what no line of a calendar may hold (RFC 5545 section 3.1: control characters besides tab). */
const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about
  text.replaceAll(/\r\n?/g, '\n').replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
