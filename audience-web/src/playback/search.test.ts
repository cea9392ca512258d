import fc from 'fast-check';
import { type Line, MAX_HITS, search } from './search.ts';

const said = (startS: number, text: string): Line => ({ startS, text, from: 'captions' });
const marked = (text: string, query: string): string[] =>
  (search([said(0, text)], query)[0]?.places ?? []).map(([from, to]) => text.slice(from, to));

test('every word has to be there, in whatever order, case and accents', () => {
  const lines = [said(1, 'Die Größe der Äpfel'), said(2, 'apfel und birne'), said(3, 'Birnen')];
  expect(search(lines, 'APFEL').map(({ line }) => line.startS)).toEqual([1, 2]);
  expect(search(lines, 'birne  äpfel').map(({ line }) => line.startS)).toEqual([2]);
  expect(search(lines, '   ')).toEqual([]);
  expect(search(lines, 'quince')).toEqual([]);
});

test('what was found is told as it is written there', () => {
  expect(marked('Die Größe der Äpfel', 'apf')).toEqual(['Äpf']);
  expect(marked('ab abba', 'ab')).toEqual(['ab', 'ab']);
  expect(marked('abcde', 'abc cde')).toEqual(['abcde']);
  // Decomposed, as some write it: the accent belongs to its letter.
  expect(marked('cafe\u0301 au lait', 'café')).toEqual(['cafe\u0301']);
  expect(marked('👍 fine', 'fine')).toEqual(['fine']);
});

test('places lie in the text, in order, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', maxLength: 3 }), (text, query) => {
      for (const { places } of search([said(0, text)], query)) {
        let end = 0;
        for (const [from, to] of places) {
          expect(from).toBeGreaterThanOrEqual(end);
          expect(to).toBeGreaterThanOrEqual(from);
          expect(to).toBeLessThanOrEqual(text.length);
          end = to;
        }
      }
    }),
  );
});

test('a letter that is everywhere does not fill the page', () => {
  const lines = Array.from({ length: 5000 }, (_, i) => said(i, 'a'));
  expect(search(lines, 'a')).toHaveLength(MAX_HITS);
});
