import fc from 'fast-check';
import ICAL from 'ical.js';
import { DateTime } from 'luxon';
import { comesOnce, instantOf, localAt, transitions } from '../time-zones.ts';
import { calendarOf } from './calendar.ts';
import { calendarLinks } from './calendar-links.ts';
import type { CalendarEntry } from './mail.ts';
import { noticeOf, remindersKey, remindersOf } from './reminders.ts';

const ENTRY: CalendarEntry = {
  uid: 'webinar-1@console.test',
  sequence: 0,
  cancelled: false,
  title: 'Town hall, spring; part \\1',
  description: 'What is new.\nAnd what is not: "all", of it',
  url: 'https://console.test/j/abc#secret',
  start: { local: '2027-03-28T19:00', zone: 'Europe/Berlin' },
  lengthMinutes: 90,
  recurrence: null,
};
const OPTIONS = {
  stampUnixMs: Date.UTC(2027, 0, 5, 10, 11, 12),
  organizer: { address: 'events@example.test', name: 'Example "Events"' },
  attendee: { address: 'ada@example.test', name: 'Ada; L, <x>' },
};
const ZONES = Intl.supportedValuesOf('timeZone');

/** As a calendar reads it: by the zone that came with it. */
function read(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const event = calendar.getFirstSubcomponent('vevent');
  const zone = calendar.getFirstSubcomponent('vtimezone');
  if (!event) throw new Error('no event');
  const timezone = zone ? new ICAL.Timezone(zone) : ICAL.Timezone.utcTimezone;
  const instant = (time: ICAL.Time): number => {
    const there = time.clone();
    there.zone = timezone;
    return there.toUnixTime() * 1000;
  };
  const start = event.getFirstPropertyValue('dtstart') as ICAL.Time;
  const value = (name: string) => String(event.getFirstPropertyValue(name) ?? '');
  return { calendar, event, start, instant, value };
}

test('an entry reads back as what it says, in lines of at most 75 bytes', () => {
  const text = calendarOf({ ...ENTRY, title: `${ENTRY.title} ${'ü💌'.repeat(60)}` }, OPTIONS);
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  const { calendar, event, value } = read(text);
  expect(calendar.getFirstPropertyValue('method')).toBe('REQUEST');
  expect(value('summary')).toBe(`${ENTRY.title} ${'ü💌'.repeat(60)}`);
  expect(value('description')).toBe(`${ENTRY.description}\n\n${ENTRY.url}`);
  expect(value('uid')).toBe(ENTRY.uid);
  expect(value('sequence')).toBe('0');
  expect(value('status')).toBe('CONFIRMED');
  expect(value('duration')).toBe('PT1H30M');
  expect(value('url')).toBe(ENTRY.url);
  expect(text).toContain('\r\nDTSTAMP:20270105T101112Z\r\n');
  expect(text).toContain('\r\nDTSTART;TZID=Europe/Berlin:20270328T190000\r\n');
  expect(text).toContain('\r\nTZID:Europe/Berlin\r\n');
  const attendee = event.getFirstProperty('attendee');
  expect(attendee?.getFirstValue()).toBe('mailto:ada@example.test');
  expect(attendee?.getParameter('cn')).toBe('Ada; L, <x>');
  expect(event.getFirstProperty('organizer')?.getParameter('cn')).toBe('Example ’Events’');
});

test('a change counts on, a cancellation says so, and a file for everybody is published to nobody', () => {
  const changed = calendarOf({ ...ENTRY, sequence: 3 }, OPTIONS);
  expect(changed).toContain('METHOD:REQUEST');
  expect(changed).toContain('SEQUENCE:3');
  const cancelled = read(calendarOf({ ...ENTRY, sequence: 4, cancelled: true }, OPTIONS));
  expect(cancelled.calendar.getFirstPropertyValue('method')).toBe('CANCEL');
  expect(cancelled.value('status')).toBe('CANCELLED');
  const file = calendarOf(ENTRY, { ...OPTIONS, attendee: null });
  expect(file).toContain('METHOD:PUBLISH');
  expect(file).not.toContain('ATTENDEE');
});

test('no text of an entry brings a line of its own', () => {
  const evil = 'x\r\nATTENDEE:mailto:eve@evil.test\rBEGIN:VALARM\u2028\u0000\u001b[31m';
  const entry = { ...ENTRY, title: evil, description: evil, url: null };
  const text = calendarOf(entry, { ...OPTIONS, organizer: { address: 'a@b.test', name: `${evil}"` } });
  expect(text.replaceAll('\r\n ', '')).not.toMatch(/(^|\n)(ATTENDEE:mailto:eve|BEGIN:VALARM)/);
  expect(text).not.toContain('\u001b');
  expect(read(text).event.getAllProperties('attendee')).toHaveLength(1);
});

test('is read to the instant that is meant, in every zone, also in nights when clocks are moved', () => {
  const minutes = fc.integer({ min: Date.UTC(2026, 0) / 60_000, max: Date.UTC(2040, 0) / 60_000 });
  const near = fc.integer({ min: -180, max: 180 });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), minutes, near, fc.boolean(), (zone, minute, offset, atMove) => {
      const [move] = atMove ? transitions(zone, minute * 60_000, minute * 60_000 + 370 * 86_400_000) : [];
      // On the wall clock, so that times that are skipped are among them.
      const wall = Date.parse(`${localAt(move ?? minute * 60_000, zone)}Z`) + (move ? offset * 60_000 : 0);
      const start = { local: new Date(wall).toISOString().slice(0, 16), zone };
      const { start: dtstart, instant } = read(calendarOf({ ...ENTRY, start }, OPTIONS));
      const meant = instantOf(start);
      expect([start, new Date(instant(dtstart)).toISOString()]).toEqual([
        start,
        new Date(meant).toISOString(),
      ]);
      expect(
        Math.min(
          ...DateTime.fromMillis(meant, { zone })
            .getPossibleOffsets()
            .map((one) => one.toMillis()),
        ),
      ).toBe(meant);
    }),
    { numRuns: 1500 },
  );
}, 120_000);

test('a series keeps to the wall clock across moves of it, each time to the instant that luxon says', () => {
  const hours = fc.integer({ min: Date.UTC(2026, 6) / 3_600_000, max: Date.UTC(2032, 0) / 3_600_000 });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), hours, (zone, hour) => {
      const start = { local: localAt(hour * 3_600_000, zone).slice(0, 16), zone };
      const entry = { ...ENTRY, start, recurrence: 'FREQ=WEEKLY;COUNT=60' };
      const { event, start: dtstart, instant } = read(calendarOf(entry, OPTIONS));
      const iterator = (event.getFirstPropertyValue('rrule') as ICAL.Recur).iterator(dtstart);
      for (let i = 0; i < 60; i += 1) {
        const time = iterator.next();
        const local =
          DateTime.fromISO(start.local, { zone: 'utc' }).plus({ weeks: i }).toISO()?.slice(0, 16) ?? '';
        // RFC 5545 says what the others are; ical.js does not do so.
        if (!comesOnce({ local, zone })) continue;
        expect([zone, local, time && instant(time)]).toEqual([zone, local, instantOf({ local, zone })]);
      }
      expect(iterator.next()).toBeFalsy();
    }),
    { numRuns: 150 },
  );
}, 120_000);

test('a series whose first time clocks skip goes on at its own time', () => {
  const start = { local: '2027-03-28T02:30', zone: 'Europe/Berlin' };
  const series = calendarOf({ ...ENTRY, start, recurrence: 'FREQ=DAILY' }, OPTIONS);
  expect(series).toContain('DTSTART;TZID=Europe/Berlin:20270328T023000');
  expect(calendarOf({ ...ENTRY, start }, OPTIONS)).toContain('DTSTART;TZID=Europe/Berlin:20270328T033000');
});

test('links name the public page and the same instants, and nobody’s own link', () => {
  const at = { pageUrl: 'https://console.test/w/1?a=b&c', icsUrl: 'https://console.test/w/1.ics' };
  const links = calendarLinks({ ...ENTRY, title: 'Q&A + "more" \ud800' }, at);
  expect(JSON.stringify(links)).not.toContain('secret');
  const google = new URL(links.google).searchParams;
  expect(google.get('dates')).toBe('20270328T170000Z/20270328T183000Z');
  expect(google.get('text')).toBe('Q&A + "more" �');
  expect(google.get('ctz')).toBe('Europe/Berlin');
  expect(google.get('location')).toBe(at.pageUrl);
  for (const url of [links.outlook, links.office365]) {
    const outlook = new URL(url ?? '').searchParams;
    expect(outlook.get('startdt')).toBe('2027-03-28T17:00:00.000Z');
    expect(outlook.get('enddt')).toBe('2027-03-28T18:30:00.000Z');
  }
  expect(new URL(links.yahoo ?? '').searchParams.get('st')).toBe('20270328T170000Z');
  expect(links.ics).toBe(at.icsUrl);
  expect(links.google).not.toContain('+');
  const series = calendarLinks({ ...ENTRY, recurrence: 'FREQ=WEEKLY;COUNT=4' }, at);
  expect(new URL(series.google).searchParams.get('recur')).toBe('RRULE:FREQ=WEEKLY;COUNT=4');
  expect([series.outlook, series.office365, series.yahoo]).toEqual([null, null, null]);
});

describe('reminders', () => {
  const of = { webinarId: 'webinar-1', registrationId: 'registration-1' };
  const dueOf = (local: string, zone: string, now: string) =>
    remindersOf(of, { local, zone }, Date.parse(now)).map(
      ({ kind, dueUnixMs }) => `${kind} ${new Date(dueUnixMs).toISOString()}`,
    );

  test('come 24 hours and an hour before it starts, whatever clocks do that night', () => {
    expect(dueOf('2027-03-28T19:00', 'Europe/Berlin', '2027-01-01')).toEqual([
      'reminder-day 2027-03-27T17:00:00.000Z',
      'reminder-hour 2027-03-28T16:00:00.000Z',
    ]);
    expect(dueOf('2027-03-28T02:30', 'Europe/Berlin', '2027-01-01')).toEqual([
      'reminder-day 2027-03-27T01:30:00.000Z',
      'reminder-hour 2027-03-28T00:30:00.000Z',
    ]);
    expect(dueOf('2027-10-31T02:30', 'Europe/Berlin', '2027-01-01')).toEqual([
      'reminder-day 2027-10-30T00:30:00.000Z',
      'reminder-hour 2027-10-30T23:30:00.000Z',
    ]);
  });

  test('come to who registers late as far as there is time for them', () => {
    expect(dueOf('2027-06-01T12:00', 'UTC', '2027-06-01T00:00:00Z')).toEqual([
      'reminder-hour 2027-06-01T11:00:00.000Z',
    ]);
    expect(dueOf('2027-06-01T12:00', 'UTC', '2027-06-01T11:00:00Z')).toEqual([]);
  });

  test('are withdrawn by webinar and by person, and are others for another start', () => {
    const keys = [
      ...remindersOf(of, { local: '2027-06-01T12:00', zone: 'UTC' }, 0),
      ...remindersOf(of, { local: '2027-06-02T12:00', zone: 'UTC' }, 0),
      noticeOf(of, 'live-now', 5),
      noticeOf(of, 'recording-ready', 6),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(6);
    for (const key of keys) {
      expect(key.startsWith(remindersKey(of))).toBe(true);
      expect(key.startsWith(remindersKey({ webinarId: of.webinarId }))).toBe(true);
    }
    expect(remindersKey({ ...of, registrationId: 'registration-10' }).startsWith(remindersKey(of))).toBe(
      false,
    );
  });
});
