/**
 * The look of what is drawn rather than filmed, as data: slides, the cards of people without a picture, name plates, the
 * lower third. Pure. The compositor draws these shapes on a canvas, the host's preview as elements of its page; each says
 * how wide its letters are. Lengths are canvas pixels; colours follow the dark theme of `contracts/design/tokens.css`.
 */

import type { NamePlate, Rect, Tile } from './layout.ts';
import { fitLine, fitLines, graphemes, isolate, type Measure } from './lines.ts';
import { CANVAS } from './profile.ts';
import type { LowerThird, Slide } from './scene.ts';

export interface RectShape extends Rect {
  readonly kind: 'rect';
  readonly fill: string;
  /** 0 to 1; whole when left out. */
  readonly fillOpacity?: number;
  readonly radius?: number;
  /** One pixel wide, half of it outside. */
  readonly stroke?: string;
  readonly strokeOpacity?: number;
}

export interface CircleShape {
  readonly kind: 'circle';
  readonly cx: number;
  readonly cy: number;
  readonly radius: number;
  readonly fill: string;
}

/** One line of text, from left to right but where the text itself says otherwise; `x` is its left end or its middle, `y` its baseline. */
export interface TextShape {
  readonly kind: 'text';
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly weight: number;
  readonly fill: string;
  readonly anchor: 'left' | 'middle';
  /** All digits equally wide, so that a clock does not jump about. */
  readonly tabular?: boolean;
}

/** Drawn in the order given. */
export type Shape = RectShape | CircleShape | TextShape;

/**
 * Inter, and what has the scripts it lacks; whatever is in none of these the system chooses. Colour emoji come after all
 * that have digits, which they bring too; DejaVu is not named, since it has many an emoji without colours.
 */
export const FONT_FAMILY =
  "Inter, 'Noto Sans', 'Noto Sans Arabic', 'Noto Sans Hebrew', 'Noto Sans Devanagari', 'Noto Sans Thai', " +
  "'Noto Sans CJK JP', 'Noto Color Emoji', sans-serif";

const SURFACE = '#14161b';
const SUNKEN = '#0d0f13';
const RAISED = '#1f232c';
const LINE = '#2d323c';
const TEXT = '#f0f2f5';
const MUTED = '#a3acba';
const ACCENT = '#98a5ff';
const WHITE = '#ffffff';

/** What lies under everything: an ellipse of light. Places and radii are shares of the canvas' width and height. */
export const BACKDROP = { inner: '#232838', outer: SURFACE, cx: 0.5, cy: 0.36, radius: 0.8 } as const;

/** Initials' discs: calm hues of one lightness, so that white text stays readable on each. */
const DISCS = [
  '#4754c4',
  '#1f7a63',
  '#8a4f9e',
  '#a2553a',
  '#2f6f9f',
  '#8a6a1f',
  '#a33f66',
  '#4d7032',
] as const;

/** The same person has the same colour everywhere. */
export function discColour(personId: string): string {
  let hash = 0;
  for (const char of personId) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return DISCS[hash % DISCS.length] ?? DISCS[0];
}

const LETTER = /[\p{L}\p{N}]/u;
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;

/** Up to two letters or digits, whole characters: of the first and the last word; else a picture, `?` when there is none. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => LETTER.test(word));
  const first = words[0];
  const last = words.length > 1 ? words.at(-1) : undefined;
  const letter = (word: string | undefined): string =>
    graphemes(word ?? '').find((character) => LETTER.test(character)) ?? '';
  const both = [letter(first), letter(last)].filter(Boolean);
  // Arabic letters would join into a word.
  const between = /^\p{Script=Arabic}/u.test(both[0] ?? '') ? '\u200c' : '';
  return both.join(between).toUpperCase() || graphemes(name).find((one) => PICTURE.test(one)) || '?';
}

/** `4:05`, or `1:02:09` from an hour on. Never below zero. */
export function countdownText(untilUnixMs: number, nowUnixMs: number): string {
  const seconds = Math.max(0, Math.ceil((untilUnixMs - nowUnixMs) / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A line around `x`, set so that it fits into `width`. */
function middle(
  text: string,
  { width, ...style }: Pick<TextShape, 'x' | 'y' | 'size' | 'weight' | 'fill'> & { readonly width: number },
  measure: Measure,
  how: Parameters<typeof fitLine>[4] = {},
): TextShape {
  return { kind: 'text', anchor: 'middle', ...style, ...fitLine(text, style, width, measure, how) };
}

/**
 * A slide's content, to be drawn on the backdrop.
 * @param title the scene's title, for a slide that has none of its own
 */
export function slideShapes(slide: Slide, title: string, nowUnixMs: number, measure: Measure): Shape[] {
  const x = CANVAS.width / 2;
  const width = CANVAS.width - 160;
  const { lines, size } = fitLines(slide.title || title, { size: 60, weight: 600 }, width, 2, measure);
  const lineHeight = size * 1.2;
  /** The heading around `centre`, and a bar `above` it. */
  const heading = (centre: number, above: number): Shape[] => {
    if (lines.length === 0) return [];
    const top = centre - ((lines.length - 1) * lineHeight) / 2;
    return [
      { kind: 'rect', x: x - 28, y: top - size - above, width: 56, height: 4, radius: 2, fill: ACCENT },
      ...lines.map((text, i): TextShape => {
        const y = top + i * lineHeight;
        return { kind: 'text', text, anchor: 'middle', x, y, size, weight: 600, fill: TEXT };
      }),
    ];
  };
  switch (slide.kind) {
    case 'holding': {
      const y = 372 + ((lines.length + 1) * lineHeight) / 2 + 4;
      const style = { x, y, size: 30, weight: 400, fill: MUTED, width };
      return [...heading(372, 36), ...(slide.subtitle ? [middle(slide.subtitle, style, measure)] : [])];
    }
    case 'countdown': {
      const text = countdownText(slide.untilUnixMs, nowUnixMs);
      const style = { x, y: 480, size: 168, weight: 600, fill: TEXT, width };
      // All digits are as wide as the widest; however many hours there are, none may be missing.
      const clock = middle(text.replaceAll(/\d/g, '0'), style, measure, { smallest: 0 });
      return [...heading(250, 30), { ...clock, text, tabular: true }];
    }
  }
}

/** What a tile shows until its picture comes, and lies under it then. On the canvas. */
export const tileShapes = (tile: Tile, measure: Measure): Shape[] =>
  tile.kind === 'camera' ? personCard(tile, measure) : screenCard(tile, measure);

/** A person who is on air without a picture: initials in a disc, the name below; both above a lower third. */
function personCard(tile: Tile, measure: Measure): Shape[] {
  const { x, y, width, height, free } = tile;
  const ground: Shape = {
    kind: 'rect',
    x,
    y,
    width,
    height,
    fill: width === CANVAS.width ? SURFACE : RAISED,
  };
  const cx = x + width / 2;
  const centre = free.y + free.height / 2;
  const unit = Math.min(width, height);
  // Disc and name take this share of the tile's height.
  const scale = Math.min(1, free.height / (unit * 0.62));
  const name = (baseline: number, wished: number): TextShape =>
    middle(
      tile.name,
      { x: cx, y: baseline, size: wished, weight: 500, fill: TEXT, width: width * 0.86 },
      measure,
    );
  // A slit has room for the name alone.
  if (scale < 0.5) return [ground, name(centre + 5, 15)];
  const cy = centre - unit * scale * 0.06;
  const radius = unit * scale * 0.19;
  return [
    ground,
    { kind: 'circle', cx, cy, radius, fill: discColour(tile.personId) },
    // Two letters are both needed: they get as small as they must.
    middle(
      initials(tile.name),
      { x: cx, y: cy + radius * 0.28, size: radius * 0.8, weight: 600, fill: WHITE, width: radius * 1.7 },
      measure,
      { smallest: 0 },
    ),
    name(cy + radius + unit * scale * 0.14, Math.max(13, unit * scale * 0.075)),
  ];
}

/** A screen share whose picture has not come yet. */
function screenCard(tile: Tile, measure: Measure): Shape[] {
  const { x, y, width, height, free } = tile;
  const style = {
    x: x + width / 2,
    y: free.y + free.height / 2,
    size: Math.min(height * 0.05, 30),
    weight: 500,
    fill: MUTED,
    width: width * 0.9,
  };
  return [
    { kind: 'rect', x, y, width, height, fill: SUNKEN, stroke: LINE },
    middle(tile.name, style, measure, { around: (name) => `${isolate(name)} shares a screen` }),
  ];
}

/** A name plate, with its upper left corner at 0, 0, as wide as the name; `width` is the whole plate's. */
export function plateShapes(
  plate: NamePlate,
  name: string,
  measure: Measure,
): { readonly width: number; readonly shapes: readonly Shape[] } {
  const { height, padding, fontSize, maxWidth } = plate;
  const type = { size: fontSize, weight: 600 };
  const line = fitLine(name, type, maxWidth - 2 * padding, measure);
  const width = Math.min(maxWidth, Math.ceil(measure(line.text, line.size, type.weight)) + 2 * padding);
  return {
    width,
    shapes: [
      {
        kind: 'rect',
        x: 0.5,
        y: 0.5,
        width: width - 1,
        height: height - 1,
        radius: Math.round(height * 0.28),
        fill: SURFACE,
        fillOpacity: 0.78,
        stroke: WHITE,
        strokeOpacity: 0.1,
      },
      {
        kind: 'text',
        ...line,
        x: padding,
        y: Math.round(height / 2 + fontSize * 0.355),
        weight: type.weight,
        fill: TEXT,
        anchor: 'left',
      },
    ],
  };
}

/** Title and subtitle on a plate with an accent edge, with its upper left corner at 0, 0, in the size of the layout. */
export function lowerThirdShapes(third: LowerThird & Rect, measure: Measure): Shape[] {
  const { width, height, title, subtitle } = third;
  const line = (text: string, y: number, size: number, weight: number, fill: string): TextShape => ({
    kind: 'text',
    ...fitLine(text, { size, weight }, width - 56, measure),
    x: 30,
    y: height * y,
    weight,
    fill,
    anchor: 'left',
  });
  return [
    { kind: 'rect', x: 0, y: 0, width, height, radius: 12, fill: SURFACE, fillOpacity: 0.95 },
    { kind: 'rect', x: 0, y: 0, width: 8, height, radius: 4, fill: ACCENT },
    ...(subtitle
      ? [line(title, 0.45, 32, 600, TEXT), line(subtitle, 0.79, 22, 400, MUTED)]
      : [line(title, 0.61, 34, 600, TEXT)]),
  ];
}

/** The texts among shapes, in order: what a screen reader is told. */
export const wordsOf = (shapes: readonly Shape[]): string =>
  shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : [])).join(' ');
