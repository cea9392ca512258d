/** The shapes of `@rostrum/contracts/cards` as pixels: Skia draws them, with the fonts of the machine, colour emoji too. */
import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { BACKDROP, FONT_FAMILY, type Shape, type TextShape } from '@rostrum/contracts/cards';
import type { Measure } from '@rostrum/contracts/lines';
import { CANVAS } from '@rostrum/contracts/profile';

/** Pixels in rows from the top: red, green, blue, alpha. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const fontOf = ({ size, weight }: Pick<TextShape, 'size' | 'weight'>): string =>
  `${weight} ${size}px ${FONT_FAMILY}`;

const ruler = createCanvas(1, 1).getContext('2d');

export const measure: Measure = (text, size, weight) => {
  ruler.font = fontOf({ size, weight });
  return ruler.measureText(text).width;
};

function drawShape(context: SKRSContext2D, shape: Shape): void {
  context.fillStyle = shape.fill;
  switch (shape.kind) {
    case 'rect': {
      context.beginPath();
      context.roundRect(shape.x, shape.y, shape.width, shape.height, shape.radius ?? 0);
      context.globalAlpha = shape.fillOpacity ?? 1;
      context.fill();
      if (shape.stroke !== undefined) {
        context.globalAlpha = shape.strokeOpacity ?? 1;
        context.strokeStyle = shape.stroke;
        context.stroke();
      }
      context.globalAlpha = 1;
      return;
    }
    case 'circle':
      context.beginPath();
      context.arc(shape.cx, shape.cy, shape.radius, 0, 2 * Math.PI);
      context.fill();
      return;
    case 'text':
      context.font = fontOf(shape);
      context.fontVariantNumeric = shape.tabular ? 'tabular-nums' : 'normal';
      context.textAlign = shape.anchor === 'left' ? 'left' : 'center';
      context.fillText(shape.text, shape.x, shape.y);
  }
}

/** Shapes on nothing. */
export function paint(width: number, height: number, shapes: readonly Shape[]): Canvas {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  for (const shape of shapes) drawShape(context, shape);
  return canvas;
}

/** Shapes on the backdrop, the whole canvas. */
export function paintCanvas(shapes: readonly Shape[]): Rgba {
  const { width, height } = CANVAS;
  const { inner, outer, cx, cy, radius } = BACKDROP;
  const context = createCanvas(width, height).getContext('2d');
  // A circle of the unit square, stretched with it.
  context.scale(width, height);
  const glow = context.createRadialGradient(cx, cy, 0, cx, cy, radius);
  glow.addColorStop(0, inner);
  glow.addColorStop(1, outer);
  context.fillStyle = glow;
  context.fillRect(0, 0, 1, 1);
  context.resetTransform();
  for (const shape of shapes) drawShape(context, shape);
  return { width, height, data: context.canvas.data() };
}

/** Limited range, BT.601 matrix (see `COLORIMETRY`): what red, green and blue weigh, times 2^16. */
const LUMA = { r: 16_829, g: 33_039, b: 6_416 } as const;
const CB = { r: -9_714, g: -19_070, b: 28_784 } as const;
const CR = { r: 28_784, g: -24_103, b: -4_681 } as const;
const HALF = 1 << 15;

/** An opaque picture in the mix's own raw format, I420: one colour for each four pixels. Both sides have to be even. */
export function toI420({ width, height, data }: Rgba): Buffer {
  const pixels = width * height;
  const out = Buffer.allocUnsafe((pixels * 3) / 2);
  for (let at = 0, from = 0; at < pixels; at += 1, from += 4) {
    const [r, g, b] = [data[from] ?? 0, data[from + 1] ?? 0, data[from + 2] ?? 0];
    out[at] = 16 + ((LUMA.r * r + LUMA.g * g + LUMA.b * b + HALF) >> 16);
  }
  const row = width * 4;
  let cb = pixels;
  let cr = pixels + pixels / 4;
  for (let y = 0; y < height; y += 2) {
    for (let from = y * row; from < (y + 1) * row; from += 8) {
      const sum = (channel: number): number => {
        const at = from + channel;
        return (data[at] ?? 0) + (data[at + 4] ?? 0) + (data[at + row] ?? 0) + (data[at + row + 4] ?? 0);
      };
      const [r, g, b] = [sum(0), sum(1), sum(2)];
      out[cb++] = 128 + ((CB.r * r + CB.g * g + CB.b * b + 4 * HALF) >> 18);
      out[cr++] = 128 + ((CR.r * r + CR.g * g + CR.b * b + 4 * HALF) >> 18);
    }
  }
  return out;
}
