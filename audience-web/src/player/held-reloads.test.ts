import { type HeldReloads, initialHeldReloads, observeReload } from './held-reloads.ts';

const asked = { msn: 7, part: 3 };
const after = (...got: readonly [number, number][]): HeldReloads =>
  got.reduce((state, [msn, part]) => observeReload(state, asked, { msn, part }), initialHeldReloads);

test('an answer without what was asked for came too early: reloads are not held', () => {
  expect(after([7, 2]).held).toBe(false);
  expect(after([6, 5]).held).toBe(false);
  expect(after([7, 3]).held).toBe(true);
  // A network that was slow, or an origin that was ahead.
  expect(after([7, 4], [8, 0]).held).toBe(true);
});

test('polling finds what it asked for by chance; only a row of exact answers speaks for held ones again', () => {
  expect(after([7, 2], [7, 5], [7, 3], [8, 0], [7, 3], [7, 3], [7, 3], [7, 3]).held).toBe(false);
  expect(after([7, 2], [7, 3], [7, 3], [7, 3], [7, 3], [7, 3]).held).toBe(true);
});
