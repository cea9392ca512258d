import { type Area, clockAgeMs, type Picture, readClock } from './clock.ts';

function draw(value: number, area: Area, noise = 0): Picture {
  const width = 640;
  const height = 360;
  const data = new Uint8Array(width * height * 4).fill(120);
  for (let y = area.y; y < area.y + area.height / 6; y += 1) {
    for (let x = area.x; x < area.x + area.width; x += 1) {
      const cell = Math.floor(((x - area.x) * 18) / area.width);
      const bit = cell === 0 ? 1 : cell === 17 ? 0 : (value >> (16 - cell)) & 1;
      const level = bit ? 255 - noise : noise;
      data.fill(level, (Math.floor(y) * width + x) * 4, (Math.floor(y) * width + x) * 4 + 4);
    }
  }
  return { width, height, data };
}

const tile: Area = { x: 100, y: 60, width: 360, height: 202 };

describe('the clock in the picture', () => {
  test('every value drawn is the value read, also through a codec that dulls it', () => {
    for (const value of [0, 1, 2, 255, 256, 40_961, 65_535]) {
      expect(readClock(draw(value, tile), tile)).toBe(value);
      expect(readClock(draw(value, tile, 60), tile)).toBe(value);
    }
  });

  test('where there is no clock none is read', () => {
    expect(readClock(draw(7, tile), { x: 0, y: 200, width: 360, height: 150 })).toBeNull();
    expect(readClock(draw(7, tile, 120), tile)).toBeNull();
  });

  test('an age is right across the wrap and for clocks slightly ahead', () => {
    expect(clockAgeMs(65_000, 65_536 * 5 + 464)).toBe(1000);
    expect(clockAgeMs(100, 65_536 + 90)).toBe(-10);
  });
});
