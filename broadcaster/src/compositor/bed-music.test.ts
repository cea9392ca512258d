import { bedSamples } from './bed-music.ts';

const SECOND = 48_000;
const loudest = (samples: Float32Array): number =>
  samples.reduce((most, s) => Math.max(most, Math.abs(s)), 0);

test('it is quiet, and never silent for a fifth of a second', () => {
  for (const s of [0, 3.8, 8, 15.8]) {
    const piece = bedSamples(s * SECOND, SECOND / 5);
    expect(loudest(piece)).toBeLessThan(0.11);
    expect(loudest(piece)).toBeGreaterThan(0.005);
  }
});

test('pieces follow each other without a click, also where it begins again', () => {
  for (const at of [SECOND, 4 * SECOND, 16 * SECOND]) {
    const [before, after] = [bedSamples(at - 100, 100), bedSamples(at, 100)];
    expect(bedSamples(at - 100, 200)).toEqual(Float32Array.from([...before, ...after]));
    expect(Math.abs((after[0] ?? 0) - (before[198] ?? 0))).toBeLessThan(0.01);
  }
});
