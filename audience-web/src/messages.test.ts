import { de } from './messages.de.ts';
import { en } from './messages.en.ts';
import { pickLocale } from './messages.ts';

test('the reader’s first language that there is a catalogue for is taken, with its region', () => {
  expect(pickLocale(['fr-FR', 'de-AT', 'en'])).toBe('de-AT');
  expect(pickLocale(['en-GB', 'de'])).toBe('en-GB');
  expect(pickLocale(['fr', 'ja'])).toBe('en');
  expect(pickLocale([])).toBe('en');
});

test('no text of a catalogue is empty', () => {
  const texts = (value: unknown): unknown[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [value];
  for (const catalogue of [en, de]) {
    for (const text of texts(catalogue)) {
      expect(typeof text === 'function' ? text('1', 2) : text).toMatch(/\S/);
    }
  }
});
