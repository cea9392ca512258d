import type { CalendarEntry, EventMail, Mail, MailContent } from './mail.ts';
import { wordsOf } from './words.ts';

const EVENT: CalendarEntry = {
  uid: 'webinar-1@console.test',
  sequence: 0,
  cancelled: false,
  title: 'Town hall',
  description: null,
  url: null,
  start: { local: '2027-03-28T19:00', zone: 'Europe/Berlin' },
  lengthMinutes: 90,
  recurrence: null,
};
const KINDS: readonly EventMail['kind'][] = [
  'panelist-invited',
  'moderator-invited',
  'registration-confirmed',
  'registration-pending',
  'registration-refused',
  'registration-waiting',
  'reminder-day',
  'reminder-hour',
  'live-now',
  'recording-ready',
  'webinar-changed',
  'webinar-cancelled',
];
const eventMail = (kind: EventMail['kind'], more: Partial<EventMail> = {}): EventMail => ({
  kind,
  title: 'Town hall',
  url: 'https://console.test/j/1#secret',
  unsubscribeUrl: 'https://console.test/u/1',
  event: EVENT,
  ...more,
});
const words = (content: MailContent, locale: Mail['locale'] = 'en', name: string | null = 'Ada') =>
  wordsOf({ to: { address: 'ada@example.test', name }, locale, content });

const CONTENTS: readonly MailContent[] = [
  { kind: 'invitation', inviter: 'Grace', url: 'https://console.test/i#secret' },
  { kind: 'password-reset', url: 'https://console.test/r#secret', validMinutes: 30 },
  ...KINDS.map((kind) => eventMail(kind)),
];

describe.each(['en', 'de'] as const)('in %s', (locale) => {
  test.each(CONTENTS.map((content) => [content.kind, content] as const))(
    '%s says all of it, as text and as HTML',
    (_kind, content) => {
      const { subject, text, html } = words(content, locale);
      // Nothing was left out of the catalogue, and nothing to be filled in.
      for (const said of [subject, text, html])
        expect(said).not.toMatch(/mail\.|kinds\.|[{}](?!.*style)|undefined|null/);
      expect(text).toContain(content.url);
      expect(html).toContain(`href="${content.url}"`);
      expect(html).toContain(`<html lang="${locale}">`);
      expect(html).not.toMatch(/<img|<script|<link|http-equiv/);
      if ('title' in content) {
        expect(subject).toContain('Town hall');
        expect(text).toContain('https://console.test/u/1');
      }
      const other = words(content, locale === 'en' ? 'de' : 'en');
      expect([other.subject, other.text]).not.toContain(subject);
      expect(other.text).not.toBe(text);
    },
  );
});

test('the time is said in the webinar’s zone, with its name, except where it no longer counts', () => {
  const when = (locale: Mail['locale'], event: CalendarEntry, kind: EventMail['kind'] = 'reminder-day') =>
    words(eventMail(kind, { event }), locale)
      .text.split('\n')
      .find((line) => line.includes(event.start.zone));
  expect(when('en', EVENT)).toBe(
    'Sunday, March 28, 2027 at 7:00 PM (Central European Summer Time, Europe/Berlin), 90 minutes',
  );
  expect(when('de', EVENT)).toBe(
    'Sonntag, 28. März 2027 um 19:00 (Mitteleuropäische Sommerzeit, Europe/Berlin), 90 Minuten',
  );
  // Skipped and twice.
  const at = (local: string) => ({ ...EVENT, start: { local, zone: 'Europe/Berlin' } });
  expect(when('de', at('2027-03-28T02:30'))).toContain('um 03:30 (Mitteleuropäische Sommerzeit');
  expect(when('de', at('2027-10-31T02:30'))).toContain('um 02:30 (GMT+02:00');
  expect(when('en', EVENT, 'webinar-cancelled')).toBeUndefined();
});

test('a series says that it is one', () => {
  const { text } = words(
    eventMail('registration-confirmed', { event: { ...EVENT, recurrence: 'FREQ=WEEKLY' } }),
  );
  expect(text).toContain('several times');
  expect(words(eventMail('registration-confirmed')).text).not.toContain('several times');
});

test('what opens nothing has no button, and what cannot be ended says why it came', () => {
  const refused = words(eventMail('registration-refused', { url: null, unsubscribeUrl: null, event: null }));
  expect(refused.html).not.toContain('<a ');
  expect(refused.text).not.toContain('yours alone');
  expect(refused.text).toContain('You get this because');
});

test('what strangers typed is text and nothing else', () => {
  const evil = '<a href="https://evil.test">x</a> https://evil.test';
  const { html, subject } = words(eventMail('registration-confirmed', { title: evil }), 'en', evil);
  expect(html).not.toContain('<a href="https://evil.test');
  expect(subject).toContain('<a href');
  expect(html).toContain('&lt;a href=&quot;');
});
