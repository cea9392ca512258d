/** The shapes of `@rostrum/contracts/cards` as SVG. Pure. */
import {
  BACKDROP,
  FONT_FAMILY,
  lowerThirdShapes,
  PLATE_WEIGHT,
  plateShapes,
  type Shape,
  slideShapes,
  tileShapes,
} from '@rostrum/contracts/cards';
import type { NamePlate, Rect, SceneLayout } from '@rostrum/contracts/layout';
import { CANVAS } from '@rostrum/contracts/profile';
import type { LowerThird } from '@rostrum/contracts/scene';

/** Text as SVG content: markup escaped, characters that XML 1.0 does not allow taken out. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

const element = (name: string, attributes: Attributes, content = ''): string => {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(String(value))}"`);
  return `<${name}${written.join('')}>${content}</${name}>`;
};

function shapeSvg(shape: Shape): string {
  switch (shape.kind) {
    case 'rect':
      return element('rect', {
        x: shape.x,
        y: shape.y,
        width: shape.width,
        height: shape.height,
        rx: shape.radius,
        fill: shape.fill,
        'fill-opacity': shape.fillOpacity,
        stroke: shape.stroke,
        'stroke-opacity': shape.strokeOpacity,
      });
    case 'circle':
      return element('circle', { cx: shape.cx, cy: shape.cy, r: shape.radius, fill: shape.fill });
    case 'text':
      return element(
        'text',
        {
          x: shape.x,
          y: shape.y,
          'font-family': FONT_FAMILY,
          'font-size': shape.size,
          'font-weight': shape.weight,
          fill: shape.fill,
          'text-anchor': shape.anchor,
          style: shape.tabular ? "font-variant-numeric:tabular-nums;font-feature-settings:'tnum'" : undefined,
        },
        escapeText(shape.text),
      );
  }
}

const svg = (width: number, height: number, content: string): string =>
  element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` },
    content,
  );

const shapesSvg = (shapes: readonly Shape[]): string => shapes.map(shapeSvg).join('');

const backdrop = (): string => {
  const { inner, outer, cx, cy, radius } = BACKDROP;
  const stops =
    element('stop', { offset: 0, 'stop-color': inner }) + element('stop', { offset: 1, 'stop-color': outer });
  return (
    element('defs', {}, element('radialGradient', { id: 'glow', cx, cy, r: radius }, stops)) +
    element('rect', { width: CANVAS.width, height: CANVAS.height, fill: 'url(#glow)' })
  );
};

/**
 * Everything below the cameras, the whole canvas: the slide, or the backdrop with a card in every tile.
 * @param title the scene's title, for a slide that has none of its own
 */
export function canvasSvg(layout: SceneLayout, title: string, nowUnixMs: number): string {
  const shapes = layout.slide
    ? slideShapes(layout.slide, title, nowUnixMs)
    : layout.tiles.toSorted((a, b) => a.z - b.z).flatMap(tileShapes);
  return svg(CANVAS.width, CANVAS.height, backdrop() + shapesSvg(shapes));
}

/** The bare name on nothing, to measure how wide it gets. */
export const measureSvg = (name: string, fontSize: number, width: number): string =>
  svg(
    width,
    Math.ceil(fontSize * 2),
    shapeSvg({
      kind: 'text',
      text: name,
      x: 0,
      y: Math.round(fontSize * 1.4),
      size: fontSize,
      weight: PLATE_WEIGHT,
      fill: '#ffffff',
      anchor: 'start',
    }),
  );

/** A name plate. @param textWidth as measured; see `plateShapes` */
export function plateSvg(plate: NamePlate, name: string, textWidth: number): string {
  const { width, shapes } = plateShapes(plate, name, textWidth);
  return svg(width, plate.height, shapesSvg(shapes));
}

export const lowerThirdSvg = (third: LowerThird & Rect): string =>
  svg(third.width, third.height, shapesSvg(lowerThirdShapes(third)));
