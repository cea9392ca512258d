import { type Fare, Ladder, RUNGS } from './ladder.ts';

const WELL: Fare = { lateMs: 5, soundLateMs: 0, dropped: 0, room: true };
const FULL: Fare = { ...WELL, room: false };
const LATE: Fare = { ...FULL, lateMs: 300, dropped: 4 };
const SEVERE: Fare = { ...LATE, lateMs: 500 };

/** One second each; the rungs after them. */
function run(ladder: Ladder, fares: readonly Fare[], fromMs = 0): number[] {
  return fares.map((fare, i) => {
    ladder.note(fare, fromMs + i * 1000);
    return ladder.step;
  });
}
const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);

test('each rung leaves out what the one before it does, sound and 480p are on none', () => {
  for (const [i, rung] of RUNGS.entries()) {
    expect(rung).toHaveLength(i);
    expect(rung.slice(0, -1)).toEqual(RUNGS[i - 1] ?? []);
    expect(rung).not.toContain('480p');
  }
});

test('one bad second changes nothing, two do', () => {
  const ladder = new Ladder(2500);
  expect(run(ladder, [LATE, WELL, LATE, WELL])).toEqual([0, 0, 0, 0]);
  expect(run(ladder, [LATE, LATE], 4000)).toEqual([0, 1]);
  expect(ladder.shed).toEqual(['small-layers']);
});

test('a rung is given time to have its effect before the next, unless it is severe or sound is late', () => {
  expect(run(new Ladder(2500), times(10, LATE))).toEqual([0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
  expect(run(new Ladder(2500), times(6, SEVERE))).toEqual([2, 3, 4, 4, 4, 4]);
  expect(run(new Ladder(2500), times(3, { ...WELL, soundLateMs: 60 }))).toEqual([2, 3, 4]);
});

test('when the load ends and there is room, everything is back within ten seconds', () => {
  const ladder = new Ladder(2500, 4);
  const steps = run(ladder, times(10, WELL));
  expect(steps.at(-1)).toBe(0);
  expect(steps).toEqual([4, 4, 3, 3, 2, 2, 1, 1, 0, 0]);
});

test('without room in sight it is tried after eight seconds, and ever later as long as that fails', () => {
  const ladder = new Ladder(2500, 1);
  const triedAt: number[] = [];
  let atMs = 0;
  for (; atMs < 200_000; atMs += 1000) {
    const before = ladder.step;
    // Less than everything goes well; everything is too much.
    ladder.note(ladder.step === 0 ? LATE : FULL, atMs);
    if (ladder.step < before) triedAt.push(atMs / 1000);
  }
  const waits = triedAt.slice(1).map((at, i) => at - (triedAt[i] ?? 0));
  expect(triedAt[0]).toBe(8);
  expect(waits.length).toBeGreaterThanOrEqual(3);
  for (const [i, wait] of waits.entries()) if (i > 0) expect(wait).toBeGreaterThanOrEqual(waits[i - 1] ?? 0);
  expect(waits.at(-1)).toBeGreaterThanOrEqual(64);
});

test('after a long hold the patience is that of the beginning again', () => {
  const ladder = new Ladder(2500, 1);
  run(ladder, times(9, FULL)); // raised after 8 s
  run(ladder, [LATE, LATE], 9000); // too much: the next try is after 16 s
  expect(run(ladder, times(17, FULL), 11_000).at(-1)).toBe(0);
  expect(run(ladder, times(30, FULL), 28_000).at(-1)).toBe(0);
  run(ladder, [LATE, LATE], 58_000);
  expect(ladder.step).toBe(1);
  expect(run(ladder, times(9, FULL), 60_000).at(-1)).toBe(0);
});

test('it begins where its predecessor stood, and never below or above the ladder', () => {
  expect(new Ladder(2500, 3).step).toBe(3);
  expect(new Ladder(2500, 99).step).toBe(RUNGS.length - 1);
  expect(new Ladder(2500, -1).step).toBe(0);
  expect(run(new Ladder(2500, 4), times(3, SEVERE))).toEqual([4, 4, 4]);
});
