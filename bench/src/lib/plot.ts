/** A series over time as an SVG: enough to see drift, steps and outliers, and nothing to install. */
import { writeFileSync } from 'node:fs';
import { quantile, RESULTS } from './result.ts';

export interface Plot {
  readonly title: string;
  /** Of the vertical axis. */
  readonly unit: string;
  /** Value and seconds since the beginning, in order of time. */
  readonly points: readonly { readonly atS: number; readonly value: number }[];
  readonly goals: readonly { readonly name: string; readonly value: number }[];
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [960, 360, 60, 110, 40, 40];
const BINS = 240;
const LINES = [
  { name: 'p50', colour: '#0b6e99', of: (all: readonly number[]) => quantile(all, 0.5) },
  { name: 'p95', colour: '#c4730a', of: (all: readonly number[]) => quantile(all, 0.95) },
  { name: 'max', colour: '#b3261e', of: (all: readonly number[]) => Math.max(...all) },
] as const;

/** Writes `bench/results/<name>.svg`: median, 95th percentile and greatest value of each of 240 stretches of time. */
export function plot(name: string, { title, unit, points, goals }: Plot): void {
  const seconds = Math.max(1, points.at(-1)?.atS ?? 1);
  const bins = Map.groupBy(points, ({ atS }) => Math.min(BINS - 1, Math.floor((atS / seconds) * BINS)));
  const top = 1.05 * Math.max(...points.map(({ value }) => value), ...goals.map(({ value }) => value));
  const x = (share: number): number => LEFT + share * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const text = (at: readonly [number, number], words: string, more = ''): string =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${words}</text>`;
  const line = (to: { x1: number; x2: number; y1: number; y2: number }, more: string): string =>
    `<line ${Object.entries(to)
      .map(([key, value]) => `${key}="${value.toFixed(1)}"`)
      .join(' ')} ${more}/>`;
  const across = (value: number, more: string): string =>
    line({ x1: x(0), x2: x(1), y1: y(value), y2: y(value) }, more);
  const step = 10 ** Math.floor(Math.log10(top)) / (top / 10 ** Math.floor(Math.log10(top)) < 3 ? 4 : 1);
  const levels = Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step);
  const body = [
    text([LEFT, 22], title, 'font-weight="bold"'),
    ...levels.flatMap((level) => [
      across(level, 'stroke="#ddd"'),
      text([LEFT - 8, y(level) + 4], `${level} ${unit}`, 'text-anchor="end"'),
    ]),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) =>
      text([x(share), HEIGHT - 16], `${((share * seconds) / 60).toFixed(1)} min`, 'text-anchor="middle"'),
    ),
    ...goals.flatMap((goal) => [
      across(goal.value, 'stroke="#555" stroke-dasharray="6 4"'),
      text([x(1) + 6, y(goal.value) + 4], `${goal.name} ${goal.value} ${unit}`),
    ]),
    ...LINES.map(({ colour, of }) => {
      const path = [...bins].map(([bin, all]) => {
        const at = [x((bin + 0.5) / BINS), y(of(all.map(({ value }) => value)))] as const;
        return at.map((n) => n.toFixed(1)).join(',');
      });
      return `<polyline fill="none" stroke="${colour}" stroke-width="1.2" points="${path.join(' ')}"/>`;
    }),
    ...LINES.map(({ name: label, colour }, i) =>
      text([WIDTH - RIGHT - 150 + i * 50, 22], label, `fill="${colour}" font-weight="bold"`),
    ),
  ];
  writeFileSync(
    `${RESULTS}${name}.svg`,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">\n` +
      `<rect width="100%" height="100%" fill="#fff"/>\n${body.join('\n')}\n</svg>\n`,
  );
}
