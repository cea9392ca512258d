import { readClock } from '../lib/clock.ts';
import { levelDbov } from './clip.ts';
import { ClockPicture } from './clock-picture.ts';
import { clockSound } from './clock-sound.ts';
import { Pacer } from './pacer.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { eachWallSlot } from './wall-slots.ts';

const SIZE = { width: 640, height: 360 };
const AREA = { x: 0, y: 0, ...SIZE };

/** The luma plane as a grey picture. */
function grey({ data }: ClockPicture) {
  const rgba = new Uint8Array(SIZE.width * SIZE.height * 4);
  for (let i = 0; i < SIZE.width * SIZE.height; i += 1) rgba.fill(data[i] ?? 0, i * 4, i * 4 + 4);
  return { ...SIZE, data: rgba };
}

test('the strip says the time it was drawn for, and is read as every synthetic camera is', () => {
  const picture = new ClockPicture({ ...SIZE, hue: 200 });
  for (const unixMs of [0, 0xaaaa, 0xffff, 1_750_000_012_345]) {
    picture.draw(unixMs, false);
    expect(readClock(grey(picture), AREA)).toBe(unixMs % 65_536);
  }
});

test('a flash whitens the lower half and no more, and leaves the picture as it was', () => {
  const picture = new ClockPicture({ ...SIZE, hue: 200 });
  picture.draw(1, false);
  const before = Buffer.from(picture.data);
  picture.draw(1, true);
  const luma = SIZE.width * SIZE.height;
  expect(picture.data.subarray(0, luma / 2)).toEqual(before.subarray(0, luma / 2));
  expect(new Set(picture.data.subarray(luma / 2, luma))).toEqual(new Set([235]));
  picture.draw(1, false);
  expect(picture.data).toEqual(before);
});

test('the beep sounds for the 100 ms from each fifth second on, to the sample, and pieces join', () => {
  const options = { beep: true, pilotHz: null };
  const piece = (unixMs: number, ms = 20) => clockSound(unixMs, ms, options);
  expect(levelDbov(piece(9980))).toBe(-127);
  expect(levelDbov(piece(10_000))).toBeGreaterThan(-10);
  expect(levelDbov(piece(10_080))).toBeGreaterThan(-10);
  expect(levelDbov(piece(10_100))).toBe(-127);
  const whole = clockSound(9990, 120, options);
  expect(whole.findIndex((sample) => sample !== 0)).toBe(10 * 48 + 1); // a sine begins at zero
  expect([...piece(9990, 60), ...piece(10_050, 60)]).toEqual([...whole]);
});

test('a pilot tone goes on without a step at any time', () => {
  const options = { beep: false, pilotHz: 2700 };
  const pieces = [1_750_000_000_980, 1_750_000_001_000].flatMap((ms) => [...clockSound(ms, 20, options)]);
  expect(pieces).toEqual([...clockSound(980, 40, options)]);
});

test('slots begin at whole multiples of the wall clock; late ones are made up for as far as is wanted', () => {
  const clock = new ManualClock();
  const pacer = new Pacer(clock);
  const originUnixMs = 1_750_000_000_013.7;
  const [pictures, sound]: [number[], number[]] = [[], []];
  eachWallSlot(pacer, { everyMs: 40, originUnixMs }, (unixMs) => pictures.push(unixMs - 1_750_000_000_000));
  eachWallSlot(pacer, { everyMs: 20, afterMs: 20, catchUpMs: 200, originUnixMs }, (unixMs, slotMs) => {
    sound.push(unixMs - 1_750_000_000_000);
    expect(slotMs).toBeCloseTo(unixMs - originUnixMs, 3);
  });
  clock.advance(100);
  expect(pictures).toEqual([40, 80]);
  expect(sound).toEqual([0, 20, 40, 60, 80]);
  clock.starve(120);
  expect(pictures).toEqual([40, 80, 200]);
  expect(sound).toEqual([0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200]);
  clock.starve(400);
  expect(pictures.at(-1)).toBe(600);
  expect(sound.slice(-2)).toEqual([200, 600]);
});
