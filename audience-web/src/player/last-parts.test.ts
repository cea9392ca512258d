import { createLastPartsWatch } from './last-parts.ts';

const last = { startS: 28.8, endS: 30.32 };

test('parts of the last segment that nobody asks for are told of, again after as long, and not while more comes', () => {
  const forgotten = createLastPartsWatch();
  expect(forgotten(30.08, last)).toBe(false);
  expect(forgotten(30.08, last)).toBe(true);
  expect(forgotten(30.08, last)).toBe(false);
  expect(forgotten(30.08, last)).toBe(true);
  const coming = createLastPartsWatch();
  expect([29.44, 29.76, 30.08, 30.32, 30.32].map((untilS) => coming(untilS, last))).toEqual(
    Array(5).fill(false),
  );
  const short = createLastPartsWatch();
  expect([30.28, 30.28].map((untilS) => short(untilS, last))).toEqual([false, true]);
});

test('who is still behind the last segment, or about to load it whole, is left alone', () => {
  const forgotten = createLastPartsWatch();
  expect([12, 12, 28.8, 28.8].map((untilS) => forgotten(untilS, last))).toEqual(Array(4).fill(false));
});
