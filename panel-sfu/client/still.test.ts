import { type Look, nextStillness, STILL_AFTER_MS, type Stillness } from './still.ts';

const after = (...looks: Look[]): Stillness | null => looks.reduce(nextStillness, null as Stillness | null);

test('a picture stands still when no frame came for a while, and no longer with the next', () => {
  const stands = after({ frames: 9, nowMs: 0 }, { frames: 9, nowMs: STILL_AFTER_MS });
  expect(stands?.still).toBe(true);
  expect(nextStillness(stands, { frames: 10, nowMs: STILL_AFTER_MS + 500 })?.still).toBe(false);
  expect(after({ frames: 9, nowMs: 0 }, { frames: 9, nowMs: STILL_AFTER_MS - 1 })?.still).toBe(false);
});

test('one that never began stands still too', () => {
  expect(after({ frames: 0, nowMs: 0 }, { frames: 0, nowMs: STILL_AFTER_MS })?.still).toBe(true);
});

test('one that was out of sight has its time again', () => {
  const late = STILL_AFTER_MS * 5;
  expect(after({ frames: 9, nowMs: 0 }, { frames: 9, nowMs: null }, { frames: 9, nowMs: late })?.still).toBe(
    false,
  );
});
