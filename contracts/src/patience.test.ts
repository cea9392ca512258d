import { retryAfterOf, waitMs } from './patience.ts';

test.each([
  ['7', 7000],
  ['0', 0],
  ['999999', 120_000],
  ['Wed, 21 Oct 2026 07:28:00 GMT', null],
  ['-1', null],
  ['soon', null],
])('Retry-After: %s', (header, ms) => {
  expect(retryAfterOf(new Headers({ 'retry-after': header }))).toBe(ms);
});

test('without the header the wait is one’s own, half of it by chance', () => {
  expect(retryAfterOf(new Headers())).toBeNull();
  expect([waitMs(1000, null, 0), waitMs(1000, null, 1)]).toEqual([500, 1000]);
});

test('what was asked for is the least; how much longer is chance', () => {
  expect([waitMs(500, 3000, 0), waitMs(500, 3000, 1)]).toEqual([3000, 4500]);
  expect(waitMs(5000, 1000, 0)).toBe(5000);
});
