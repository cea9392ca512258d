import { nextMood } from './health.ts';

test('a node is busy when its loop is late for seconds, not for one beat, and stays so until it is well below', () => {
  let mood = { meanDelayMs: 0, busy: false };
  const beats = (n: number, loopDelayMs: number): boolean => {
    for (let i = 0; i < n; i += 1) mood = nextMood(mood, loopDelayMs);
    return mood.busy;
  };
  expect(beats(1, 2000)).toBe(false);
  expect(beats(20, 0)).toBe(false);
  expect(beats(20, 600)).toBe(true);
  expect(beats(10, 200)).toBe(true);
  expect(beats(30, 10)).toBe(false);
});
