import { backoffMs } from './backoff.ts';

test('the ceiling doubles up to the longest wait, and chance takes any part of it', () => {
  const data = { firstMs: 200, maxMs: 10_000 };
  const ceilings = [1, 2, 3, 6, 7, 40, 5000].map((failures) => backoffMs(data, failures, () => 1));
  expect(ceilings).toEqual([200, 400, 800, 6400, 10_000, 10_000, 10_000]);
  expect(backoffMs(data, 3, () => 0.25)).toBe(200);
  expect(backoffMs(data, 3, () => 0)).toBe(0);
});
