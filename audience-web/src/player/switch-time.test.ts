import { changesNow } from './switch-time.ts';

const standard = { durationS: 1.92, nextListed: false };
const [high, middle, low] = [
  { bitsPerSecond: 2_100_000 },
  { bitsPerSecond: 1_000_000 },
  { bitsPerSecond: 400_000 },
];

test('a segment is left in its middle only where fetching it again in the other rendition is less than its rest', () => {
  expect(changesNow({ ...standard, leftS: 1.6 }, high, low)).toBe(true);
  expect(changesNow({ ...standard, leftS: 0.32 }, high, low)).toBe(false);
  expect(changesNow({ ...standard, leftS: 0.64 }, high, middle)).toBe(false);
});

test('nothing is fetched twice to get a better picture', () => {
  for (const leftS of [0.32, 1.6]) expect(changesNow({ ...standard, leftS }, low, high)).toBe(false);
});

test('after a segment it changes once the next one is listed, for before that hls.js would begin with the last one again', () => {
  expect(changesNow({ ...standard, leftS: 0 }, low, high)).toBe(false);
  expect(changesNow({ ...standard, leftS: 0, nextListed: true }, low, high)).toBe(true);
});

test('whole segments end themselves', () => {
  expect(changesNow(null, low, high)).toBe(true);
});
