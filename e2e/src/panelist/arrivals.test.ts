import { Arrivals } from './arrivals.ts';

test('holes are the longest silence, and the numbers that are missing', () => {
  let nowMs = 0;
  const arrivals = new Arrivals(() => nowMs);
  const came = (atMs: number, sequence: number, producerId = 'p', stay = 0): boolean => {
    nowMs = atMs;
    return arrivals.came({ stay, producerId, sequence });
  };
  expect([came(100, 65_534), came(120, 65_535), came(125, 7, 'q'), came(140, 0)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(arrivals.holes(100, 140)).toEqual({ longestMs: 20, missing: 0 });
  // 1 and 2 are not there; another stay numbers anew.
  came(200, 3);
  expect(came(210, 40_000, 'p', 1)).toBe(true);
  expect(arrivals.holes(100, 210)).toEqual({ longestMs: 60, missing: 2 });
  expect(arrivals.holes(205, 260)).toEqual({ longestMs: 50, missing: 0 });
});
