import { ClockMap } from './clock-map.ts';
import { drawnBy } from './testing/chance.ts';

const RATE = 48_000;
const TWO_HOURS_MS = 7_200_000;

interface Way {
  /** The sender's clock, parts per million too fast. */
  readonly ppm: number;
  /** Delay of a report beyond the network's least, ms. */
  readonly jitterMs: () => number;
  readonly everyMs?: number;
}

/** Reports of a sender over two hours; how far the map is off, each second. */
function follow({ ppm, jitterMs, everyMs = 5000 }: Way): number[] {
  const ticksAt = (ms: number): number => Math.round((ms * (1 + ppm / 1e6) * RATE) / 1000);
  const map = new ClockMap(RATE, 0, 0);
  const off: number[] = [];
  for (let ms = 1000; ms <= TWO_HOURS_MS; ms += 1000) {
    if (ms % everyMs === 0) map.report(ticksAt(ms), ms + jitterMs());
    off.push(map.ownMs(ticksAt(ms)) - ms);
  }
  return off;
}

describe('a sender clock followed over two hours', () => {
  for (const ppm of [100, -100, 0, 300]) {
    it(`is within 20 ms throughout, and 2 ms at the end, of a sender that is ${ppm} ppm off`, () => {
      const off = follow({ ppm, jitterMs: () => 0 });
      expect(Math.max(...off.map(Math.abs))).toBeLessThan(20);
      expect(Math.abs(off.at(-1) ?? 99)).toBeLessThan(2);
    });
  }

  it('is within 20 ms by way of a network that delays by 15 ms in the mean, and by much more now and then', () => {
    const chance = drawnBy(7);
    const jitterMs = (): number => (chance() < 0.02 ? 400 : -15 * Math.log(1 - chance()));
    for (const ppm of [100, -100]) {
      const off = follow({ ppm, jitterMs, everyMs: 1000 });
      expect(Math.max(...off.map(Math.abs))).toBeLessThan(20);
      expect(Math.abs(off.at(-1) ?? 99)).toBeLessThan(10);
    }
  });

  it('never goes in steps, nor faster than is heard: 20 ms of sound stay 20 ms but for a twentieth of one', () => {
    const chance = drawnBy(11);
    const map = new ClockMap(RATE, 0, 60);
    for (let packet = 1; packet < 90_000; packet += 1) {
      const [ms, ticks] = [packet * 20, packet * 960];
      const before = map.ownMs(ticks - 960);
      if (packet % 50 === 0) map.report(ticks, ms + 40 * chance());
      expect(Math.abs(map.ownMs(ticks) - before - 20)).toBeLessThan(0.05);
    }
  });
});
