import { agesMs, backUpMs, freezes, holesMs, steppedDownMs, usualHeight } from './figures.ts';
import type { SeenFrame } from './network-probe.ts';

const START = 1_000_000;

/** Pictures every 40 ms that show their own moment, 80 ms ago. */
const camera = (fromMs: number, toMs: number, height = 720): SeenFrame[] =>
  Array.from({ length: (toMs - fromMs) / 40 }, (_, i) => {
    const atUnixMs = START + fromMs + i * 40;
    return { atUnixMs, height, clock: (atUnixMs - 80) % 65_536 };
  });

const tone = (fromMs: number, toMs: number, level = 0.05) =>
  Array.from({ length: (toMs - fromMs) / 20 }, (_, i) => ({ atUnixMs: START + fromMs + i * 20, level }));

describe('what the picture did', () => {
  test('pictures that keep coming stand never, and the same picture over again does not count as one that came', () => {
    expect(freezes(camera(0, 4000), [START, START + 4000])).toEqual({ count: 0, ms: 0 });
    const last = camera(960, 1000);
    const again = camera(1000, 2000).map((frame) => ({ ...frame, clock: last[0]?.clock ?? null }));
    const stood = freezes([...camera(0, 1000), ...again, ...camera(2000, 3000)], [START, START + 3000]);
    expect(stood).toEqual({ count: 1, ms: 1040 });
  });

  test('a picture that never comes, or comes no more, stands up to the end', () => {
    expect(freezes([], [START, START + 3000])).toEqual({ count: 1, ms: 3000 });
    expect(freezes(camera(0, 1000), [START, START + 3000])).toEqual({ count: 1, ms: 2040 });
  });

  test('its age is read from its clock, also where that wraps', () => {
    expect(agesMs(camera(0, 120), [START, START + 80])).toEqual([80, 80]);
    const wrapping: SeenFrame = { atUnixMs: 65_536 * 20 + 30, height: 720, clock: 65_530 };
    expect(agesMs([wrapping], [0, Number.POSITIVE_INFINITY])).toEqual([36]);
  });

  test('it stepped down with the first picture of fewer lines, and is back once all lines stay for a second', () => {
    const frames = [
      ...camera(0, 1000),
      ...camera(1000, 2000, 360),
      ...camera(2000, 2400),
      ...camera(2400, 3000, 180),
      ...camera(3000, 5000),
    ];
    expect(steppedDownMs(frames, [START, START + 2000], 720)).toBe(1000);
    expect(steppedDownMs(frames, [START, START + 1000], 720)).toBeNull();
    expect(usualHeight(frames, [START + 1000, START + 2000])).toBe(360);
    expect(usualHeight(frames, [START + 9000, START + 9999])).toBe(0);
    expect(backUpMs(frames, START + 2000, 720)).toBe(1000);
    expect(backUpMs(frames, START + 4200, 720)).toBeNull();
  });

  test('it is not back while it stands again and again', () => {
    const frames = [...camera(0, 400), ...camera(1200, 2600)];
    expect(backUpMs(frames, START, 720)).toBe(1200);
  });
});

describe('what the sound did', () => {
  test('windows without the tone are holes, and so is what never came', () => {
    expect(holesMs(tone(0, 2000), [START, START + 2000], 0.05)).toBe(0);
    const quiet = [...tone(0, 1000), ...tone(1000, 1100, 0.001), ...tone(1100, 2000)];
    expect(holesMs(quiet, [START, START + 2000], 0.05)).toBe(100);
    expect(holesMs([...tone(0, 500), ...tone(1500, 2000)], [START, START + 2000], 0.05)).toBe(1000);
  });

  test('a few windows that come with the next ones are none', () => {
    expect(holesMs(tone(0, 1900), [START, START + 2000], 0.05)).toBe(0);
  });
});
