/**
 * The look of what is drawn rather than filmed, as data: slides, the cards of people without a picture, name plates, the
 * lower third. Pure. The compositor draws these shapes as SVG, the host's preview as elements of its page. Lengths are
 * canvas pixels; colours follow the dark theme of `contracts/design/tokens.css`.
 */
import type { NamePlate, Rect, Tile } from './layout.ts';
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

/** One line of text; `x` is its start or its middle, `y` its baseline. */
export interface TextShape {
  readonly kind: 'text';
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly weight: number;
  readonly fill: string;
  readonly anchor: 'start' | 'middle';
  /** All digits equally wide, so that a clock does not jump about. */
  readonly tabular?: boolean;
}

/** Drawn in the order given. */
export type Shape = RectShape | CircleShape | TextShape;

export const FONT_FAMILY = "Inter, 'DejaVu Sans', 'Noto Sans', sans-serif";
export const PLATE_WEIGHT = 600;

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

/** Up to two letters or digits, whole characters: of the first and the last word; `?` when there are none. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  const last = words.length > 1 ? words.at(-1) : undefined;
  const letter = (word: string | undefined): string => word?.match(/[\p{L}\p{N}]/u)?.[0] ?? '';
  return `${letter(first)}${letter(last)}`.toUpperCase() || '?';
}

/** Breaks at words into at most `lines` lines of about `width` characters; what is left goes into the last one. */
export function wrapWords(content: string, width: number, lines: number): string[] {
  const out: string[] = [];
  let line = '';
  for (const word of content.split(/\s+/).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && longer.length > width && out.length < lines - 1) {
      out.push(line);
      line = word;
    } else line = longer;
  }
  return line ? [...out, line] : out;
}

/** `4:05`, or `1:02:09` from an hour on. Never below zero. */
export function countdownText(untilUnixMs: number, nowUnixMs: number): string {
  const seconds = Math.max(0, Math.ceil((untilUnixMs - nowUnixMs) / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** An average character's width as a share of the type size, on the safe side for Latin text. */
const CHARACTER = 0.58;

/** The wished size, or the biggest that keeps a line of this many characters within `width`. */
const fitSize = (text: string, wished: number, width: number): number =>
  Math.min(wished, width / (CHARACTER * Math.max(1, text.length)));

const middle = (text: string, style: Pick<TextShape, 'x' | 'y' | 'size' | 'weight' | 'fill'>): TextShape => ({
  kind: 'text',
  text,
  anchor: 'middle',
  ...style,
});

/**
 * A slide's content, to be drawn on the backdrop.
 * @param title the scene's title, for a slide that has none of its own
 */
export function slideShapes(slide: Slide, title: string, nowUnixMs: number): Shape[] {
  const x = CANVAS.width / 2;
  const room = CANVAS.width - 160;
  const lines = wrapWords(slide.title || title, 34, 2);
  const size = Math.floor(Math.min(60, ...lines.map((line) => fitSize(line, 60, room))));
  const lineHeight = size * 1.2;
  /** The heading around `centre`, and a bar `above` it. */
  const heading = (centre: number, above: number): Shape[] => {
    if (lines.length === 0) return [];
    const top = centre - ((lines.length - 1) * lineHeight) / 2;
    const y = top - size - above;
    return [
      { kind: 'rect', x: x - 28, y, width: 56, height: 4, radius: 2, fill: ACCENT },
      ...lines.map((line, i) => middle(line, { x, y: top + i * lineHeight, size, weight: 600, fill: TEXT })),
    ];
  };
  switch (slide.kind) {
    case 'holding': {
      const y = 372 + ((lines.length + 1) * lineHeight) / 2 + 4;
      const subtitle = middle(slide.subtitle, {
        x,
        y,
        size: fitSize(slide.subtitle, 30, room),
        weight: 400,
        fill: MUTED,
      });
      return [...heading(372, 36), ...(slide.subtitle ? [subtitle] : [])];
    }
    case 'countdown': {
      const clock = countdownText(slide.untilUnixMs, nowUnixMs);
      return [
        ...heading(250, 30),
        { ...middle(clock, { x, y: 480, size: 168, weight: 600, fill: TEXT }), tabular: true },
      ];
    }
  }
}

/** What a tile shows until its picture comes, and lies under it then. On the canvas. */
export const tileShapes = (tile: Tile): Shape[] =>
  tile.kind === 'camera' ? personCard(tile) : screenCard(tile);

/** A person who is on air without a picture: initials in a disc, the name below; both above a lower third. */
function personCard(tile: Tile): Shape[] {
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
    middle(tile.name, {
      x: cx,
      y: baseline,
      size: fitSize(tile.name, wished, width * 0.86),
      weight: 500,
      fill: TEXT,
    });
  // A slit has room for the name alone.
  if (scale < 0.5) return [ground, name(centre + 5, 15)];
  const cy = centre - unit * scale * 0.06;
  const radius = unit * scale * 0.19;
  return [
    ground,
    { kind: 'circle', cx, cy, radius, fill: discColour(tile.personId) },
    middle(initials(tile.name), {
      x: cx,
      y: cy + radius * 0.28,
      size: radius * 0.8,
      weight: 600,
      fill: WHITE,
    }),
    name(cy + radius + unit * scale * 0.14, Math.max(13, unit * scale * 0.075)),
  ];
}

/** A screen share whose picture has not come yet. */
function screenCard(tile: Tile): Shape[] {
  const { x, y, width, height, free } = tile;
  const text = `${tile.name} shares a screen`;
  return [
    { kind: 'rect', x, y, width, height, fill: SUNKEN, stroke: LINE },
    middle(text, {
      x: x + width / 2,
      y: free.y + free.height / 2,
      size: fitSize(text, Math.min(height * 0.05, 30), width * 0.9),
      weight: 500,
      fill: MUTED,
    }),
  ];
}

/** A name too long for its plate is set smaller, down to this share of the size; then it loses its end. */
const SMALLEST = 0.75;

/** The beginning of a text that takes about this share of its width, with an ellipsis. */
function cut(text: string, share: number): string {
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  const kept = Math.max(1, Math.floor(characters.length * share * 0.95) - 1);
  return `${characters.slice(0, kept).join('').trimEnd()}…`;
}

/**
 * A name plate, with its upper left corner at 0, 0; `width` is the whole plate's.
 * @param textWidth of the name at the plate's size and `PLATE_WEIGHT`, as measured; no table of widths knows every script
 */
export function plateShapes(
  plate: NamePlate,
  name: string,
  textWidth: number,
): { readonly width: number; readonly shapes: readonly Shape[] } {
  const { height, padding, fontSize } = plate;
  const room = plate.maxWidth - 2 * padding;
  const width = Math.ceil(Math.min(textWidth, room)) + 2 * padding;
  const fits = Math.min(1, room / Math.max(1, textWidth));
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
        text: fits < SMALLEST ? cut(name, fits / SMALLEST) : name,
        x: padding,
        y: Math.round(height / 2 + fontSize * 0.355),
        size: fontSize * Math.max(SMALLEST, fits),
        weight: PLATE_WEIGHT,
        fill: TEXT,
        anchor: 'start',
      },
    ],
  };
}

/** Title and subtitle on a plate with an accent edge, with its upper left corner at 0, 0, in the size of the layout. */
export function lowerThirdShapes(third: LowerThird & Rect): Shape[] {
  const { width, height, title, subtitle } = third;
  const line = (text: string, y: number, size: number, weight: number, fill: string): TextShape => ({
    kind: 'text',
    text,
    x: 30,
    y: height * y,
    size: fitSize(text, size, width - 56),
    weight,
    fill,
    anchor: 'start',
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
