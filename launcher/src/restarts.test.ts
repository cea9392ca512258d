import { type Deaths, nextRestart, noDeaths, type RestartLimits } from './restarts.ts';

const limits: RestartLimits = {
  backoffMs: [200, 500, 1000],
  stableMs: 30_000,
  budget: { restarts: 10, withinMs: 600_000, thenEveryMs: 60_000 },
};
const middle = 0.5;

/** The waits of a service that lives so long each time. */
function waits(lives: readonly number[]): number[] {
  let deaths: Deaths = noDeaths;
  let nowMs = 0;
  return lives.map((livedMs) => {
    nowMs += livedMs;
    const next = nextRestart(deaths, { nowMs, livedMs, random: middle }, limits);
    deaths = next.deaths;
    nowMs += next.waitMs;
    return next.waitMs;
  });
}

test('deaths in a row wait longer each time, up to the longest', () => {
  expect(waits([100, 100, 100, 100])).toEqual([200, 500, 1000, 1000]);
});

test('a long life starts the count anew', () => {
  expect(waits([100, 100, 30_000, 100])).toEqual([200, 500, 200, 500]);
});

test('one that dies again and again is tried once a minute, and oftener again when its deaths are long ago', () => {
  const lives = Array.from({ length: 12 }, () => 100);
  expect(waits(lives).slice(9)).toEqual([1000, 60_000, 60_000]);
  expect(waits([...lives, 700_000]).at(-1)).toBe(200);
});

test('a budget counts deaths after long lives too', () => {
  const lives = Array.from({ length: 12 }, () => 31_000);
  expect(waits(lives).slice(9)).toEqual([200, 60_000, 60_000]);
});

test('a wait is a quarter more or less, by chance', () => {
  const wait = (random: number) => nextRestart(noDeaths, { nowMs: 0, livedMs: 0, random }, limits).waitMs;
  expect([wait(0), wait(1)]).toEqual([150, 250]);
});
