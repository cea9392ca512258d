/** Small helpers for writing SVG by hand. Pure. */

/** A number as it goes into an attribute: two decimals, no negative zero, so that equal pictures are equal text. */
export function n(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

/** Path data from a template: numbers are rounded, the rest stays. */
export function d(parts: TemplateStringsArray, ...values: readonly number[]): string {
  return parts.reduce((text, part, i) => text + n(values[i - 1] ?? 0) + part);
}

export const lerp = (from: number, to: number, share: number): number => from + (to - from) * share;

export const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));

/** 0 at `from`, 1 at `to`, with level ends. */
export function smoothstep(from: number, to: number, value: number): number {
  const share = clamp((value - from) / (to - from), 0, 1);
  return share * share * (3 - 2 * share);
}

export interface Stop {
  readonly at: number;
  readonly color: string;
  readonly opacity?: number;
}

const stops = (list: readonly Stop[]): string =>
  list
    .map(
      ({ at, color, opacity = 1 }) =>
        `<stop offset="${n(at)}" stop-color="${color}" stop-opacity="${n(opacity)}"/>`,
    )
    .join('');

/** A gradient from one point to another, in user space. */
export function linear(
  id: string,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  list: readonly Stop[],
): string {
  return `<linearGradient id="${id}" gradientUnits="userSpaceOnUse" x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}">${stops(list)}</linearGradient>`;
}

/** A round gradient that fills whatever it is used on, by that shape's own box. */
export function glow(id: string, color: string, opacity: number): string {
  return `<radialGradient id="${id}">${stops([
    { at: 0, color, opacity },
    { at: 0.55, color, opacity: opacity * 0.45 },
    { at: 1, color, opacity: 0 },
  ])}</radialGradient>`;
}

export function ellipse(
  [cx, cy]: readonly [number, number],
  [rx, ry]: readonly [number, number],
  attributes: string,
): string {
  return `<ellipse cx="${n(cx)}" cy="${n(cy)}" rx="${n(rx)}" ry="${n(ry)}" ${attributes}/>`;
}

export const path = (data: string, attributes: string): string => `<path d="${data}" ${attributes}/>`;

export const group = (attributes: string, ...children: readonly string[]): string =>
  `<g ${attributes}>${children.join('')}</g>`;

/** The same numbers for the same seed, in 0..1: scatter that is drawn alike every time. */
export function scatter(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
