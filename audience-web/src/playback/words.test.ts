import { de } from './words.de.ts';
import { en } from './words.en.ts';

test('no text of a catalogue is empty', () => {
  const texts = (value: unknown): unknown[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [value];
  for (const catalogue of [en, de]) {
    for (const text of texts(catalogue)) {
      expect(typeof text === 'function' ? text('1', '2', '') : text).toMatch(/\S/);
    }
  }
});
