import { type Fare, Ladder, RUNGS } from './ladder.ts';

const WELL: Fare = { lateMs: 5, soundLateMs: 0, dropped: 0, room: true };
const FULL: Fare = { ...WELL, room: false };
const LATE: Fare = { ...FULL, lateMs: 300 };
const SEVERE: Fare = { ...LATE, lateMs: 500 };
const EVERY_MS = 250;

/** Four looks a second; the rungs after them. */
function run(ladder: Ladder, fares: readonly Fare[], fromMs = 0): number[] {
  return fares.map((fare, i) => {
    ladder.note(fare, fromMs + i * EVERY_MS);
    return ladder.step;
  });
}
const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);
const seconds = <T>(n: number, one: T): T[] => times(n * 4, one);

test('each rung leaves out what the one before it does, sound and 480p are on none', () => {
  for (const [i, rung] of RUNGS.entries()) {
    expect(rung).toHaveLength(i);
    expect(rung.slice(0, -1)).toEqual(RUNGS[i - 1] ?? []);
    expect(rung).not.toContain('480p');
  }
});

test('one bad look changes nothing; half a second of them is 720p off', () => {
  const ladder = new Ladder();
  expect(run(ladder, [LATE, LATE, WELL, LATE, WELL])).toEqual([0, 0, 0, 0, 0]);
  expect(run(ladder, times(3, LATE), 4000)).toEqual([0, 0, 2]);
  expect(ladder.shed).toEqual(['small-layers', '720p']);
});

test('lateness that goes down mends itself, unless pictures are dropped or it is severe', () => {
  const falling = [390, 360, 330, 300, 270, 240, 210, 180].map((lateMs) => ({ ...FULL, lateMs }));
  expect(run(new Ladder(), falling)).toEqual(times(8, 0));
  expect(
    run(
      new Ladder(),
      falling.map((fare) => ({ ...fare, dropped: 1 })),
    ).at(-1),
  ).toBe(3);
});

test('the next rung waits until the effect of the last one can be seen', () => {
  expect(run(new Ladder(), seconds(3, LATE))).toEqual([0, 0, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4]);
  expect(run(new Ladder(), seconds(2, SEVERE))).toEqual([0, 2, 2, 3, 3, 4, 4, 4]);
  expect(run(new Ladder(), times(6, { ...WELL, soundLateMs: 60 }))).toEqual([0, 2, 2, 3, 3, 4]);
});

test('when the load ends and there is room, everything is back within seven seconds', () => {
  const ladder = new Ladder(4);
  const steps = run(ladder, seconds(7, WELL));
  expect(steps.at(-1)).toBe(0);
  expect(steps.slice(0, 8)).toEqual([4, 4, 4, 4, 4, 4, 3, 3]);
});

test('room that comes and goes is no room', () => {
  const ladder = new Ladder(2);
  expect(run(ladder, seconds(1, [WELL, WELL, FULL, WELL]).flat()).at(-1)).toBe(2);
});

test('without room in sight it is tried after eight seconds, and ever later as long as that fails', () => {
  const ladder = new Ladder(1);
  const triedAt: number[] = [];
  for (let atMs = 0; atMs < 400_000; atMs += EVERY_MS) {
    const before = ladder.step;
    // Less than everything goes well; everything is too much.
    ladder.note(ladder.step === 0 ? LATE : FULL, atMs);
    if (ladder.step === 0 && before === 1) triedAt.push(atMs / 1000);
  }
  const waits = triedAt.slice(1).map((at, i) => at - (triedAt[i] ?? 0));
  expect(triedAt[0]).toBe(8);
  expect(waits.length).toBeGreaterThanOrEqual(3);
  for (const [i, wait] of waits.entries()) if (i > 0) expect(wait).toBeGreaterThanOrEqual(waits[i - 1] ?? 0);
  expect(waits.at(-1)).toBeGreaterThanOrEqual(64);
});

test('after a long hold the patience is that of the beginning again', () => {
  const ladder = new Ladder(1);
  run(ladder, times(33, FULL)); // raised after 8 s
  expect(ladder.step).toBe(0);
  run(ladder, times(4, LATE), 8250); // too much: two rungs, each after 16 s of calm
  expect(ladder.step).toBe(2);
  expect(run(ladder, seconds(15, FULL), 9250).at(-1)).toBe(2);
  expect(run(ladder, seconds(18, FULL), 24_000).at(-1)).toBe(0);
  expect(run(ladder, seconds(30, FULL), 42_000).at(-1)).toBe(0);
  run(ladder, times(3, LATE), 72_000);
  expect(run(ladder, seconds(18, FULL), 73_000).at(-1)).toBe(0);
});

test('it begins where its predecessor stood, and never below or above the ladder', () => {
  expect(new Ladder(3).step).toBe(3);
  expect(new Ladder(99).step).toBe(RUNGS.length - 1);
  expect(new Ladder(-1).step).toBe(0);
  expect(run(new Ladder(4), times(9, SEVERE))).toEqual(times(9, 4));
});
