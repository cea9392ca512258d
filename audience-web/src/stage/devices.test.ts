import { levelOf, problemOf } from './devices.ts';

test('a refused camera says what would help', () => {
  expect(problemOf('NotAllowedError')).toBe('denied');
  expect(problemOf('NotReadableError')).toBe('busy');
  expect(problemOf('NotFoundError')).toBe('missing');
  expect(problemOf('OverconstrainedError')).toBe('missing');
});

test('the level meter: silence is nothing, speech somewhere between, a shout everything', () => {
  const tone = (amplitude: number): Float32Array =>
    Float32Array.from({ length: 1024 }, (_, i) => amplitude * Math.sin(i / 5));
  expect(levelOf(new Float32Array(1024))).toBe(0);
  expect(levelOf(tone(0.001))).toBe(0);
  expect(levelOf(tone(0.05))).toBeGreaterThan(0.3);
  expect(levelOf(tone(0.05))).toBeLessThan(0.8);
  expect(levelOf(tone(1))).toBe(1);
  expect(levelOf(new Float32Array(0))).toBe(0);
});
