import { CLOCK_BITS, CLOCK_CELLS, CLOCK_HEIGHT_SHARE } from './synthetic-media.ts';

/** An RGBA picture, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Mean brightness 0..255 of a small square around a point. */
function brightness(picture: Picture, x: number, y: number): number {
  let sum = 0;
  let count = 0;
  for (let dy = -1; dy <= 1; dy += 1) {
    for (let dx = -1; dx <= 1; dx += 1) {
      const at = ((Math.round(y) + dy) * picture.width + Math.round(x) + dx) * 4;
      sum += (picture.data[at] ?? 0) + (picture.data[at + 1] ?? 0) + (picture.data[at + 2] ?? 0);
      count += 3;
    }
  }
  return sum / count;
}

/**
 * Reads the clock of a synthetic camera shown in `area`: Unix milliseconds modulo 65536, or null where there is none
 * (the guards are wrong or a cell is neither black nor white).
 */
export function readClock(picture: Picture, area: Area): number | null {
  const y = area.y + (area.height * CLOCK_HEIGHT_SHARE) / 2;
  const cells = Array.from({ length: CLOCK_CELLS }, (_, i) =>
    brightness(picture, area.x + ((i + 0.5) * area.width) / CLOCK_CELLS, y),
  );
  if (cells.some((level) => level > 95 && level < 160)) return null;
  const bits = cells.map((level) => (level >= 160 ? 1 : 0));
  if (bits[0] !== 1 || bits[CLOCK_CELLS - 1] !== 0) return null;
  return bits.slice(1, 1 + CLOCK_BITS).reduce<number>((value, bit) => value * 2 + bit, 0);
}

/** Milliseconds from the clock's reading to `nowUnixMs`, for ages under a minute. */
export function clockAgeMs(reading: number, nowUnixMs: number): number {
  const age = ((((nowUnixMs % 65_536) - reading) % 65_536) + 65_536) % 65_536;
  // Slightly negative ages (two machines' clocks) come out near the modulus.
  return age > 60_000 ? age - 65_536 : age;
}
