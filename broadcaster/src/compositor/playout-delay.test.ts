import fc from 'fast-check';
import { PlayoutDelay } from './playout-delay.ts';

const MS = 1_000_000;
const TOLERANCE_MS = 70;
const MOST_MS = 300;

function setUp() {
  let told = 0;
  const delay = new PlayoutDelay(TOLERANCE_MS * MS, MOST_MS * MS, (ns) => {
    told = ns;
  });
  let nowMs = 0;
  return {
    /** Packets each 20 ms, so late. @returns the delay after them, ms */
    come(...lateMs: readonly number[]): number {
      for (const late of lateMs) {
        nowMs += 20;
        delay.note(late * MS, nowMs * MS);
      }
      expect(told).toBe(delay.ns);
      return delay.ns / MS;
    },
  };
}
const promptFor = (seconds: number): number[] => Array<number>(seconds * 50).fill(10);
const HELD = [200, 180, 160, 140, 120, 100, 80, 60, 40, 20];

test('two accidents change nothing; the third makes a bad network of it, and the next like them harms nothing', () => {
  const { come } = setUp();
  expect(come(...promptFor(1), ...HELD, ...promptFor(1), ...HELD, ...promptFor(1))).toBe(0);
  expect(come(...HELD)).toBe(200 - TOLERANCE_MS);
});

test('the worst trouble of all is not paid for', () => {
  const { come } = setUp();
  expect(come(150, 0, 320, 0, 120, 0)).toBe(150 - TOLERANCE_MS);
});

test('a delay comes back by one step a second when the network has been good for long', () => {
  const { come } = setUp();
  expect(come(150, 0, 150, 0, 150, 0)).toBe(80);
  expect(come(...promptFor(19))).toBe(80);
  expect(come(...promptFor(5))).toBeGreaterThanOrEqual(30);
  expect(come(...promptFor(20))).toBe(0);
});

test('accidents that are far apart change nothing', () => {
  const { come } = setUp();
  for (let i = 0; i < 10; i += 1) expect(come(...HELD, ...promptFor(11))).toBe(0);
});

test('outages longer than any delay could cover count for nothing', () => {
  const { come } = setUp();
  for (let i = 0; i < 5; i += 1) expect(come(3000, 2000, 1000, 0)).toBe(0);
});

test('whatever comes, the delay is a number of steps up to the most', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(600)), (late) => {
      const { come } = setUp();
      for (const ms of late) {
        const delayMs = come(ms);
        expect(delayMs % 10).toBe(0);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(MOST_MS);
      }
    }),
  );
});
