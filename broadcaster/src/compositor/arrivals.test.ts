import fc from 'fast-check';
import { Arrivals } from './arrivals.ts';
import { PlayoutDelay } from './playout-delay.ts';

const MS = 1_000_000;
const TOLERANCE_MS = 70;

/** Packets each 20 ms of a 48 kHz clock, of a stream that is not played later than others, each `lateMs` on its way. @returns for each how much it was moved, ms */
function moved(lateMs: readonly number[], fromTimestamp = 0): number[] {
  const arrivals = new Arrivals(
    48_000,
    TOLERANCE_MS * MS,
    new PlayoutDelay(TOLERANCE_MS * MS, 0, () => undefined),
  );
  return lateMs.map((late, i) => {
    const nowNs = (1000 + i * 20 + late) * MS;
    return (arrivals.stamp((fromTimestamp + i * 960) >>> 0, nowNs) - nowNs) / MS;
  });
}

test('jitter within what the jitter buffer waits is left as it is', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: TOLERANCE_MS }), { maxLength: 300 }), (late) => {
      expect(moved([0, ...late]).every((by) => by === 0)).toBe(true);
    }),
  );
});

test('packets that a network held back for a while are taken as if it had not', () => {
  const held = [200, 180, 160, 140, 120, 100, 80];
  expect(moved([0, 0, 0, ...held, 60, 40, 20, 0, 0])).toEqual([
    0,
    0,
    0,
    ...held.map((ms) => -ms),
    0,
    0,
    0,
    0,
    0,
  ]);
});

test('a way that stays longer is followed after a tenth of a second', () => {
  const by = moved([...Array<number>(50).fill(0), ...Array<number>(50).fill(150)]);
  expect(by.slice(50, 55)).toEqual([-150, -150, -150, -150, -150]);
  expect(by.slice(55).every((ms) => ms === 0)).toBe(true);
});

test('[R7] while the mixer waits longer, what it waits for is neither followed nor a reason to play later', () => {
  const delays: number[] = [];
  let waitsNs = 150 * MS;
  const delay = new PlayoutDelay(TOLERANCE_MS * MS, 300 * MS, (ns) => delays.push(ns / MS));
  const arrivals = new Arrivals(48_000, TOLERANCE_MS * MS, delay, () => waitsNs);
  const by = [...Array<number>(50).fill(0), ...Array<number>(50).fill(200)].map((late, i) => {
    const nowNs = (1000 + i * 20 + late) * MS;
    return (arrivals.stamp(i * 960, nowNs) - nowNs) / MS;
  });
  expect(by.slice(50).every((ms) => ms === -200)).toBe(true);
  expect(delays).toEqual([]);
  waitsNs = 0;
  const later = Array.from({ length: 10 }, (_, i) => {
    const nowNs = (1000 + (100 + i) * 20 + 200) * MS;
    return (arrivals.stamp((100 + i) * 960, nowNs) - nowNs) / MS;
  });
  expect(later.slice(5).every((ms) => ms === 0)).toBe(true);
});

test('lateness that the delay allows for is no other way, however long it lasts', () => {
  const delay = new PlayoutDelay(TOLERANCE_MS * MS, 300 * MS, () => undefined);
  const arrivals = new Arrivals(48_000, TOLERANCE_MS * MS, delay);
  const late = [0, 150, 0, 150, 0, 150, 0, ...Array<number>(40).fill(140)];
  const by = late.map((ms, i) => {
    const nowNs = (1000 + i * 20 + ms) * MS;
    return (arrivals.stamp(i * 960, nowNs) - nowNs) / MS;
  });
  expect(delay.ns / MS).toBe(150 - TOLERANCE_MS);
  expect(by.slice(7).every((ms) => ms === -140)).toBe(true);
});

test('what does no harm by being late is no reason to play later, and is taken as if it were in time all the same', () => {
  const delay = new PlayoutDelay(TOLERANCE_MS * MS, 300 * MS, () => undefined);
  const arrivals = new Arrivals(90_000, TOLERANCE_MS * MS, delay);
  const come = (i: number, lateMs: number, harms: boolean): number => {
    const nowNs = (1000 + i * 40 + lateMs) * MS;
    return (arrivals.stamp(i * 3600, nowNs, harms) - nowNs) / MS;
  };
  const late = [0, 150, 0, 150, 0, 150, 0];
  expect(late.map((ms, i) => come(i, ms, false))).toEqual([0, -150, 0, -150, 0, -150, 0]);
  expect(delay.ns).toBe(0);
  for (const [i, ms] of late.entries()) come(late.length + i, ms, ms > 0);
  expect(delay.ns / MS).toBe(150 - TOLERANCE_MS);
});

test('a quicker way counts from its first packet on', () => {
  expect(moved([50, 50, 0, 80, 0]).map(Math.abs)).toEqual([0, 0, 0, 80, 0]);
});

test('the quickest packet is forgotten after two seconds: clocks drift', () => {
  const slowly = Array.from({ length: 2000 }, (_, i) => i * 0.2);
  expect(moved(slowly).every((ms) => ms === 0)).toBe(true);
});

test('timestamps that wrap around are no jump', () => {
  expect(moved(Array<number>(50).fill(0), 0xffff_ffff - 9600).every((ms) => ms === 0)).toBe(true);
});

test('whatever timestamps come, nothing is taken for later than now or for a time before the beginning, and order comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(0xffff_ffff), fc.nat(500))), (packets) => {
      const arrivals = new Arrivals(
        90_000,
        TOLERANCE_MS * MS,
        new PlayoutDelay(TOLERANCE_MS * MS, 300 * MS, () => undefined),
      );
      let nowNs = 0;
      for (const [timestamp, afterMs] of packets) {
        nowNs += afterMs * MS;
        const stamp = arrivals.stamp(timestamp, nowNs);
        expect(stamp).toBeGreaterThanOrEqual(0);
        expect(stamp).toBeLessThanOrEqual(nowNs);
      }
      for (let i = 0; i < 10; i += 1) {
        nowNs += 20 * MS;
        const stamp = arrivals.stamp((i * 1800) >>> 0, nowNs);
        if (i > 6) expect(stamp).toBe(nowNs);
      }
    }),
  );
});
