import { programmeDateAt, timeOfDate } from './programme-time.ts';

const fragments = [
  { start: 0, duration: 2, programDateTime: 10_000 },
  { start: 2, duration: 2, programDateTime: 12_000 },
  // Eight seconds of which nothing was recorded.
  { start: 4, duration: 2, programDateTime: 22_000 },
];

test('a place on the timeline has a programme date, and the other way round', () => {
  expect(programmeDateAt(fragments, 3)).toBe(13_000);
  expect(programmeDateAt(fragments, 5.5)).toBe(23_500);
  expect(timeOfDate(fragments, 13_000)).toBe(3);
  expect(timeOfDate(fragments, 23_500)).toBe(5.5);
});

test('a date of which there is nothing leads to what comes after it; beyond both ends there is no place', () => {
  expect(timeOfDate(fragments, 15_000)).toBe(4);
  expect(timeOfDate(fragments, 9_999)).toBeNull();
  expect(timeOfDate(fragments, 24_000)).toBeNull();
  expect(timeOfDate([], 24_000)).toBeNull();
});
