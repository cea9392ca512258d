import { type Canvas, GlobalFonts } from '@napi-rs/canvas';
import {
  FONT_FAMILY,
  lowerThirdShapes,
  plateShapes,
  type Shape,
  slideShapes,
  tileShapes,
} from '@rostrum/contracts/cards';
import { layoutScene, type Rect } from '@rostrum/contracts/layout';
import { CANVAS } from '@rostrum/contracts/profile';
import type { LowerThird } from '@rostrum/contracts/scene';
import { measure, paint, paintCanvas, toI420 } from './paint.ts';
import { sceneOf } from './testing/harness.ts';

interface Ink {
  readonly left: number;
  readonly right: number;
}

/** From which column to which anything is drawn; null: nowhere. */
function inkOf(canvas: Canvas): Ink | null {
  const { width } = canvas;
  const data = canvas.data();
  let [left, right] = [width, -1];
  for (let i = 3; i < data.length; i += 4) {
    if ((data[i] ?? 0) <= 32) continue;
    const x = (i >> 2) % width;
    if (x < left) left = x;
    if (x > right) right = x;
  }
  return right < 0 ? null : { left, right };
}

const SIZE = 40;
const line = (text: string, x = 100): Shape => ({
  kind: 'text',
  text,
  x,
  y: 60,
  size: SIZE,
  weight: 600,
  fill: '#ffffff',
  anchor: 'left',
});
const drawn = (text: string): Canvas => paint(900, 100, [line(text)]);

const NAMES = {
  Han: '李小龍',
  Kana: 'たなか タロウ',
  Hangul: '김민수',
  Devanagari: 'प्रिया शर्मा',
  Tamil: 'க்ஷௌரன்',
  Thai: 'สมชาย ใจดี',
  Arabic: 'محمد علي',
  Hebrew: 'שרה כהן',
  Cyrillic: 'Анна Щукина',
  Greek: 'Ελένη Ψ',
  Ethiopic: 'ፊሊጶስ',
  'Han beyond the first plane': '𠮷野',
} as const;

test('the fonts that the picture names are here', () => {
  const named = FONT_FAMILY.split(',').map((family) => family.trim().replaceAll("'", ''));
  expect(named.filter((family) => family !== 'sans-serif' && !GlobalFonts.has(family))).toEqual([]);
});

test.each(Object.entries(NAMES))('%s is written in its own letters', (_, name) => {
  // What no font has looks the same, whatever it is.
  const missing = drawn('\u{10fffd}').data();
  const letters = [...new Intl.Segmenter().segment(name)]
    .map((s) => s.segment)
    .filter((s) => s.trim() !== '');
  const seen = letters.map((letter) => drawn(letter).data());
  for (const one of seen) expect(one.equals(missing)).toBe(false);
  expect(new Set(seen.map((data) => data.toString('latin1'))).size).toBe(new Set(letters).size);
});

/** Pixels that are anything but a grey. */
function coloured(data: Buffer): number {
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [r = 0, g = 0, b = 0] = [data[i], data[i + 1], data[i + 2]];
    if (Math.max(r, g, b) - Math.min(r, g, b) > 60) count += 1;
  }
  return count;
}

test.each(['🎉', '👩🏽‍🔬', '❤️', '🇩🇪', '😀', '1️⃣'])('%s has its colours', (emoji) => {
  expect(coloured(drawn(emoji).data())).toBeGreaterThan(SIZE * 4);
});

test('digits and signs are those of the text, not of the emoji', () => {
  expect(coloured(drawn('0123456789#*©').data())).toBe(0);
});

test('what is drawn is as wide as it was measured, from where it begins, whatever its direction', () => {
  for (const text of [...Object.values(NAMES), 'Ada 🎉', 'שרה, PhD (Haifa) 12', 'W'.repeat(12)]) {
    const ink = inkOf(drawn(text));
    const width = measure(text, SIZE, 600);
    if (!ink) throw new Error('nothing was drawn');
    expect(ink.left).toBeGreaterThanOrEqual(100 - SIZE * 0.1);
    expect(ink.right).toBeLessThanOrEqual(100 + width + SIZE * 0.1);
    expect(ink.right - ink.left).toBeGreaterThan(width * 0.8);
  }
});

const HOSTILE = ['</text><script>', '&amp;', 'a\u0000b\u0007', '"\'<>&', '\ud800', '\ufffe', '  ', '\u200b'];

test.each([
  ...Object.values(NAMES).map((name) => `${name} `.repeat(8).trim()),
  'W'.repeat(60),
  'i'.repeat(80),
  '👨‍👩‍👧‍👦'.repeat(7),
  ...HOSTILE,
])('“%s” stays inside of plate, card, lower third and slide', async (text) => {
  const inside = (shapes: readonly Shape[], left: number, right: number): void => {
    const ink = inkOf(paint(CANVAS.width + 200, 720, shapes.filter(isText).map(shifted)));
    if (!ink) return;
    expect(ink.left - 100).toBeGreaterThanOrEqual(left);
    expect(ink.right - 100).toBeLessThanOrEqual(right);
  };
  for (const layout of ['grid', 'screen-speaker'] as const) {
    const onAir = ['ada1', 'bob1'].map((personId) => ({ personId, name: text }));
    for (const tile of layoutScene(sceneOf({ onAir, layout, screen: 'ada1', nameCards: true })).tiles) {
      inside(tileShapes(tile, measure), tile.x, tile.x + tile.width);
      if (!tile.plate) continue;
      const { width, shapes } = plateShapes(tile.plate, text, measure);
      expect(width).toBeLessThanOrEqual(tile.plate.maxWidth);
      inside(shapes, 2, width - 2);
    }
  }
  const third: LowerThird & Rect = { title: text, subtitle: text, x: 0, y: 0, width: 720, height: 96 };
  inside(lowerThirdShapes(third, measure), 20, third.width - 8);
  inside(
    slideShapes({ kind: 'holding', title: text, subtitle: text }, '', 0, measure),
    40,
    CANVAS.width - 40,
  );
});

const isText = (shape: Shape): boolean => shape.kind === 'text';
/** To the right, so that what sticks out on the left is seen. */
const shifted = (shape: Shape): Shape => (shape.kind === 'text' ? { ...shape, x: shape.x + 100 } : shape);

test('the canvas is drawn in the format and the colours of the mix', () => {
  const red: Shape = { kind: 'rect', x: 0, y: 0, width: 2, height: 2, fill: '#ff0000' };
  const pixels = toI420(paintCanvas([red]));
  const luma = CANVAS.width * CANVAS.height;
  expect(pixels.length).toBe((luma * 3) / 2);
  // BT.601, limited range: the values in every textbook.
  expect([pixels[0], pixels[luma], pixels[luma + luma / 4]]).toEqual([81, 90, 240]);
  const greys = { width: 4, height: 2, data: Uint8Array.of(...Array(8).fill([255, 255, 255, 255]).flat()) };
  expect([...toI420(greys)]).toEqual([...Array(8).fill(235), 128, 128, 128, 128]);
});
