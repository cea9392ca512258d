import { comesTooLate } from './slow-part.ts';

const part = { durationS: 0.32, bytes: 20_000, totalBytes: 80_000, firstByteAtMs: 1000 };

test('a part that will take more than twice as long as it plays is given up, once it has taken as long as it plays', () => {
  expect(comesTooLate(part, 1319)).toBe(false);
  expect(comesTooLate(part, 1320)).toBe(true);
});

test('one that is nearly there is waited for', () => {
  expect(comesTooLate({ ...part, bytes: 70_000 }, 1400)).toBe(false);
  expect(comesTooLate({ ...part, bytes: 80_000 }, 9000)).toBe(false);
});

test('before its first byte, and without its length, nothing is known of it', () => {
  expect(comesTooLate({ ...part, firstByteAtMs: 0, bytes: 0 }, 9000)).toBe(false);
  expect(comesTooLate({ ...part, totalBytes: 0 }, 9000)).toBe(false);
});
