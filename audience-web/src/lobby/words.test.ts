import { de } from './words.de.ts';
import { en } from './words.en.ts';

test('no text of those who wait is empty, in either language', () => {
  for (const catalogue of [en, de]) {
    for (const text of Object.values(catalogue)) {
      expect(typeof text === 'function' ? text('1:00') : text).toMatch(/\S/);
    }
  }
});
