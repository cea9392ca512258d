import { CLOCK_BITS, CLOCK_CELLS, CLOCK_HEIGHT_SHARE } from '../lib/synthetic-media.ts';

/** Studio range: what black and white are in coded video. */
const BLACK = 16;
const WHITE = 235;
const NO_COLOUR = 128;

export interface ClockPictureOptions {
  /** Multiples of four. */
  readonly width: number;
  readonly height: number;
  /** 0..360: the colour of the still background. */
  readonly hue: number;
}

/**
 * A camera's picture that is a clock and little else: the strip of `synthetic-media.ts` over a still background whose lower
 * half can flash. Drawn in place, in I420, at the cost of writing the strip.
 */
export class ClockPicture {
  /** Planes Y, U, V, one after the other. */
  readonly data: Buffer;
  readonly #width: number;
  readonly #luma: number;
  readonly #still: Buffer;
  readonly #stripRows: number;
  #flashing = false;

  constructor({ width, height, hue }: ClockPictureOptions) {
    this.#width = width;
    this.#luma = width * height;
    this.#stripRows = Math.ceil(height * CLOCK_HEIGHT_SHARE);
    this.#still = Buffer.alloc(this.#luma * 1.5);
    const [y, u, v] = yuv(hue);
    const chromaStart = (width / 2) * Math.ceil(this.#stripRows / 2);
    this.#still.fill(y, 0, this.#luma);
    for (const [plane, value] of [u, v].entries()) {
      const start = this.#luma * (1 + plane / 4);
      // No colour under the strip: it would blur its edges.
      this.#still.fill(NO_COLOUR, start, start + chromaStart);
      this.#still.fill(value, start + chromaStart, start + this.#luma / 4);
    }
    this.data = Buffer.from(this.#still);
  }

  /** @param unixMs what the strip says, modulo 65536 */
  draw(unixMs: number, flashing: boolean): void {
    const clock = Math.floor(unixMs) % 2 ** CLOCK_BITS;
    const edge = (cell: number): number => Math.floor((cell * this.#width) / CLOCK_CELLS);
    const row = this.data.subarray(0, this.#width);
    for (let cell = 0; cell < CLOCK_CELLS; cell += 1) {
      const guard = cell === 0 ? 1 : 0;
      const inside = cell > 0 && cell < CLOCK_CELLS - 1;
      const bit = inside ? (clock >> (CLOCK_BITS - cell)) & 1 : guard;
      row.fill(bit ? WHITE : BLACK, edge(cell), edge(cell + 1));
    }
    for (let y = 1; y < this.#stripRows; y += 1) row.copy(this.data, y * this.#width);
    if (flashing !== this.#flashing) this.#flash(flashing);
  }

  #flash(on: boolean): void {
    this.#flashing = on;
    const luma = this.#luma;
    const halves = [
      [luma / 2, luma, WHITE],
      [luma * 1.125, luma * 1.25, NO_COLOUR],
      [luma * 1.375, luma * 1.5, NO_COLOUR],
    ] as const;
    for (const [start, end, value] of halves) {
      if (on) this.data.fill(value, start, end);
      else this.#still.copy(this.data, start, start, end);
    }
  }
}

/** A dark, dull colour (HSL 45 %, 28 %) of this hue as Y, U and V (BT.601, studio range). */
function yuv(hue: number): readonly [number, number, number] {
  const channel = (shift: number): number => {
    const k = (shift + hue / 30) % 12;
    return 0.28 - 0.45 * 0.28 * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  const [r, g, b] = [channel(0), channel(8), channel(4)];
  return [
    Math.round(16 + 65.5 * r + 128.6 * g + 25 * b),
    Math.round(128 - 37.8 * r - 74.2 * g + 112 * b),
    Math.round(128 + 112 * r - 93.8 * g - 18.2 * b),
  ];
}
