/**
 * What is drawn rather than filmed, as SVG: slides, the cards of people without a picture, name plates, the lower third.
 * Pure. Colours follow the dark theme of `contracts/design/tokens.css`.
 */
import type { Rect, SceneLayout, Tile } from '@rostrum/contracts/layout';
import { CANVAS } from '@rostrum/contracts/profile';
import type { LowerThird, Slide } from '@rostrum/contracts/scene';

const FONT = `font-family="Inter, 'DejaVu Sans', 'Noto Sans', sans-serif"`;
const SURFACE = '#14161b';
const RAISED = '#1f232c';
const LINE = '#2d323c';
const TEXT = '#f0f2f5';
const MUTED = '#a3acba';
const ACCENT = '#98a5ff';

/** Initials' discs: calm hues of one lightness, so that white text stays readable on each. */
const HUES = ['#4754c4', '#1f7a63', '#8a4f9e', '#a2553a', '#2f6f9f', '#8a6a1f', '#a33f66', '#4d7032'];

/** Text as SVG content: markup escaped, characters that XML 1.0 does not allow taken out. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Up to two letters: of the first and the last word. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  const last = words.length > 1 ? words.at(-1) : undefined;
  const letter = (word: string | undefined): string => word?.match(/[\p{L}\p{N}]/u)?.[0] ?? '';
  return `${letter(first)}${letter(last)}`.toUpperCase() || '?';
}

function hueOf(id: string): string {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return HUES[hash % HUES.length] ?? SURFACE;
}

const svg = (width: number, height: number, content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${content}</svg>`;

interface TextStyle {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly weight: number;
  readonly fill: string;
  readonly anchor?: 'start' | 'middle';
}

const textAt = (content: string, style: TextStyle): string =>
  `<text x="${style.x}" y="${style.y}" ${FONT} font-size="${style.size}" font-weight="${style.weight}" ` +
  `fill="${style.fill}" text-anchor="${style.anchor ?? 'middle'}">${escapeText(content)}</text>`;

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

const backdrop = (): string =>
  `<defs><radialGradient id="glow" cx="50%" cy="36%" r="80%"><stop offset="0" stop-color="#232838"/>` +
  `<stop offset="1" stop-color="${SURFACE}"/></radialGradient></defs>` +
  `<rect width="${CANVAS.width}" height="${CANVAS.height}" fill="url(#glow)"/>`;

/** `4:05`, or `1:02:09` from an hour on. Never below zero. */
export function countdownText(untilUnixMs: number, nowUnixMs: number): string {
  const seconds = Math.max(0, Math.ceil((untilUnixMs - nowUnixMs) / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Biggest type that keeps a line of this many characters on the canvas. */
const fitSize = (length: number, wished: number): number =>
  Math.min(wished, Math.floor((CANVAS.width - 160) / (0.58 * Math.max(1, length))));

function slideContent(slide: Slide, title: string, nowUnixMs: number): string {
  const cx = CANVAS.width / 2;
  const bar = (y: number): string =>
    `<rect x="${cx - 28}" y="${y}" width="56" height="4" rx="2" fill="${ACCENT}"/>`;
  const heading = slide.title || title;
  const lines = wrapWords(heading, 34, 2);
  const size = Math.min(...lines.map((line) => fitSize(line.length, 60)), 60);
  const block = (top: number): string =>
    lines
      .map((line, i) => textAt(line, { x: cx, y: top + i * size * 1.2, size, weight: 600, fill: TEXT }))
      .join('');
  switch (slide.kind) {
    case 'holding': {
      const top = 372 - ((lines.length - 1) * size * 1.2) / 2;
      const subtitle = textAt(slide.subtitle, {
        x: cx,
        y: top + lines.length * size * 1.2 + 4,
        size: fitSize(slide.subtitle.length, 30),
        weight: 400,
        fill: MUTED,
      });
      return `${lines.length > 0 ? bar(top - size - 36) : ''}${block(top)}${slide.subtitle ? subtitle : ''}`;
    }
    case 'countdown': {
      const top = 250 - ((lines.length - 1) * size * 1.2) / 2;
      const clock = countdownText(slide.untilUnixMs, nowUnixMs);
      return (
        `${lines.length > 0 ? bar(top - size - 30) : ''}${block(top)}` +
        `<g style="font-variant-numeric:tabular-nums;font-feature-settings:'tnum'">` +
        `${textAt(clock, { x: cx, y: 480, size: 168, weight: 600, fill: TEXT })}</g>`
      );
    }
  }
}

/** A person who is on air without a picture: initials in a disc, name below. Lies under where the camera will be. */
function personCard(tile: Tile): string {
  const unit = Math.min(tile.width, tile.height);
  const cx = tile.x + tile.width / 2;
  const cy = tile.y + tile.height * 0.44;
  const radius = unit * 0.19;
  const full = tile.width === CANVAS.width;
  const nameSize = Math.min(unit * 0.075, (tile.width * 0.86) / (0.58 * Math.max(1, tile.name.length)));
  return (
    `<rect x="${tile.x}" y="${tile.y}" width="${tile.width}" height="${tile.height}" fill="${full ? SURFACE : RAISED}"/>` +
    `<circle cx="${cx}" cy="${cy}" r="${radius}" fill="${hueOf(tile.personId)}"/>` +
    textAt(initials(tile.name), {
      x: cx,
      y: cy + radius * 0.28,
      size: radius * 0.8,
      weight: 600,
      fill: '#ffffff',
    }) +
    textAt(tile.name, {
      x: cx,
      y: cy + radius + unit * 0.14,
      size: nameSize,
      weight: 500,
      fill: TEXT,
    })
  );
}

/** A screen share whose picture has not come yet. */
const screenCard = (tile: Tile): string =>
  `<rect x="${tile.x}" y="${tile.y}" width="${tile.width}" height="${tile.height}" fill="#0d0f13" stroke="${LINE}"/>` +
  textAt(`${tile.name} shares a screen`, {
    x: tile.x + tile.width / 2,
    y: tile.y + tile.height / 2,
    size: Math.min(tile.height * 0.05, 30),
    weight: 500,
    fill: MUTED,
  });

/**
 * Everything below the cameras, the whole canvas: the slide, or the backdrop with a card in every tile.
 * @param title the scene's title, for a slide that has none of its own
 */
export function canvasSvg(layout: SceneLayout, title: string, nowUnixMs: number): string {
  const content = layout.slide
    ? slideContent(layout.slide, title, nowUnixMs)
    : layout.tiles
        .toSorted((a, b) => a.z - b.z)
        .map((tile) => (tile.kind === 'camera' ? personCard(tile) : screenCard(tile)))
        .join('');
  return svg(CANVAS.width, CANVAS.height, backdrop() + content);
}

export interface PlateStyle {
  readonly fontSize: number;
  readonly height: number;
  readonly padding: number;
  readonly margin: number;
}

/** Name plates grow with their tile, between what is readable at 240p and what disturbs at 720p. */
export function plateStyle(tile: Rect): PlateStyle {
  const fontSize = Math.round(Math.min(26, Math.max(15, tile.height * 0.05)));
  return {
    fontSize,
    height: Math.round(fontSize * 1.75),
    padding: Math.round(fontSize * 0.7),
    margin: Math.round(Math.max(8, tile.height * 0.03)),
  };
}

/** The bare name on nothing, to measure how wide it gets: no table of widths knows every script. */
export const measureSvg = (name: string, fontSize: number, width: number): string =>
  svg(
    width,
    Math.ceil(fontSize * 2),
    textAt(name, {
      x: 0,
      y: Math.round(fontSize * 1.4),
      size: fontSize,
      weight: 600,
      fill: '#ffffff',
      anchor: 'start',
    }),
  );

/** A name plate. @param textWidth as measured; a longer name is squeezed into it */
export function plateSvg(name: string, style: PlateStyle, textWidth: number, squeeze: boolean): string {
  const width = plateWidth(style, textWidth);
  const { height, padding, fontSize } = style;
  const fitted = squeeze ? ` textLength="${textWidth}" lengthAdjust="spacingAndGlyphs"` : '';
  const content =
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="${Math.round(height * 0.28)}" ` +
    `fill="${SURFACE}" fill-opacity="0.78" stroke="#ffffff" stroke-opacity="0.10"/>` +
    `<text x="${padding}" y="${Math.round(height / 2 + fontSize * 0.355)}" ${FONT} font-size="${fontSize}" ` +
    `font-weight="600" fill="${TEXT}"${fitted}>${escapeText(name)}</text>`;
  return svg(width, height, content);
}

export const plateWidth = (style: PlateStyle, textWidth: number): number =>
  Math.ceil(textWidth) + 2 * style.padding;

/** Title and subtitle on a plate with an accent edge, in the rectangle of the layout. */
export function lowerThirdSvg(third: LowerThird & Rect): string {
  const { width, height, title, subtitle } = third;
  const size = (content: string, wished: number): number =>
    Math.min(wished, (width - 56) / (0.56 * Math.max(1, content.length)));
  const line = (content: string, y: number, wished: number, weight: number, fill: string): string =>
    textAt(content, { x: 30, y, size: size(content, wished), weight, fill, anchor: 'start' });
  const content =
    `<rect width="${width}" height="${height}" rx="12" fill="${SURFACE}" fill-opacity="0.95"/>` +
    `<rect width="8" height="${height}" rx="4" fill="${ACCENT}"/>` +
    (subtitle
      ? line(title, height * 0.45, 32, 600, TEXT) + line(subtitle, height * 0.79, 22, 400, MUTED)
      : line(title, height * 0.61, 34, 600, TEXT));
  return svg(width, height, content);
}
