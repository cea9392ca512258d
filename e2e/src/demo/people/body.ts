import type { Person } from './cast.ts';
import { d, ellipse, group, linear, path } from './svg.ts';

/** Neck, shoulders and clothes. Origin where the neck meets the collar; y goes down to below the picture's edge. */
const BOTTOM = 300;

export function bodyGradients({ clothes, skin }: Person, lightX: number): string {
  return (
    linear(
      'cloth',
      [300 * lightX, 0, -300 * lightX, 200],
      [
        { at: 0, color: clothes.light },
        { at: 0.4, color: clothes.base },
        { at: 1, color: clothes.shade },
      ],
    ) +
    linear(
      'under',
      [70 * lightX, 0, -90 * lightX, 120],
      [
        { at: 0, color: clothes.under },
        { at: 1, color: clothes.underShade },
      ],
    ) +
    linear(
      'neck',
      [0, -120, 0, 20],
      [
        { at: 0, color: skin.shade },
        { at: 0.55, color: skin.shade },
        { at: 1, color: skin.base },
      ],
    )
  );
}

const shoulders = (w: number, rise: number): string =>
  d`M${-340 * w},${BOTTOM} C${-338 * w},${168 - rise} ${-318 * w},${98 - rise} ${-232 * w},${70 - rise} C${-156 * w},${46 - rise} -90,34 -62,-6 L62,-6 C90,34 ${156 * w},${46 - rise} ${232 * w},${70 - rise} C${318 * w},${98 - rise} ${338 * w},${168 - rise} ${340 * w},${BOTTOM} Z`;

function neck(person: Person, depth: number): string {
  const { skin, build } = person;
  const w = 46 + 10 * (build - 1) * 4;
  return [
    path(
      d`M${-w},-130 C${-w},-60 ${-w - 2},-24 ${-w - 22},2 C-60,${depth * 0.5} -30,${depth} 0,${depth} C30,${depth} 60,${depth * 0.5} ${w + 22},2 C${w + 2},-24 ${w},-60 ${w},-130 Z`,
      'fill="url(#neck)"',
    ),
    // The chin's shadow.
    path(
      d`M${-w},-96 C${-w * 0.9},-44 ${-w * 0.3},-34 0,-34 C${w * 0.3},-34 ${w * 0.9},-44 ${w},-96 Z`,
      `fill="${skin.shade}" opacity="0.75"`,
    ),
    path(
      'M-30,8 C-16,14 -8,20 -4,30 M30,8 C16,14 8,20 4,30',
      `fill="none" stroke="${skin.shade}" stroke-width="3.4" stroke-linecap="round" opacity="${depth > 40 ? 0.5 : 0}"`,
    ),
  ].join('');
}

const seam = (data: string, color: string, width = 3, opacity = 0.6): string =>
  path(
    data,
    `fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round" opacity="${opacity}"`,
  );

function blazer(person: Person, rise: number): string {
  const { clothes, build } = person;
  return [
    neck(person, 70),
    path(
      d`M-84,10 C-60,70 -30,96 0,104 C30,96 60,70 84,10 L120,${BOTTOM} L-120,${BOTTOM} Z`,
      'fill="url(#under)"',
    ),
    `<clipPath id="jacket"><path clip-rule="evenodd" d="${shoulders(build, rise)} M-70,-30 L0,216 L70,-30 Z"/></clipPath>`,
    group('clip-path="url(#jacket)"', path(shoulders(build, rise), 'fill="url(#cloth)"')),
    ...[-1, 1].map(
      (s) =>
        path(
          d`M${s * 66},-14 C${s * 92},14 ${s * 124},34 ${s * 134},52 L${s * 122},116 L${s * 96},110 L${s * 104},140 C${s * 70},180 ${s * 28},208 0,228 C${s * 18},150 ${s * 38},70 ${s * 66},-14 Z`,
          `fill="${s > 0 ? clothes.base : clothes.light}"`,
        ) +
        seam(
          d`M${s * 134},52 L${s * 122},116 L${s * 96},110 L${s * 104},140 C${s * 70},180 ${s * 28},208 0,228`,
          clothes.shade,
          3.4,
          0.65,
        ) +
        seam(d`M${s * 214},96 C${s * 206},150 ${s * 212},210 ${s * 222},260`, clothes.shade, 4, 0.35),
    ),
    // A fine chain.
    seam('M-48,16 C-30,58 -12,72 0,74 C12,72 30,58 48,16', '#e7c27a', 2.4, 0.9),
    ellipse([0, 78], [5, 5], 'fill="#e7c27a"'),
  ].join('');
}

function jumper(person: Person, rise: number): string {
  const { clothes, build } = person;
  const ribs = Array.from({ length: 19 }, (_, i) => {
    const share = (i - 9) / 9;
    const x = share * 80;
    const y = 40 * (1 - share * share);
    return seam(d`M${x},${y + 3} L${x * 1.08},${y + 19}`, clothes.shade, 2.4, 0.4);
  }).join('');
  return [
    neck(person, 40),
    path(shoulders(build, rise), 'fill="url(#cloth)"'),
    path('M-64,-10 C-52,34 -26,60 0,62 C26,60 52,34 64,-10 L30,-10 L-30,-10 Z', 'fill="url(#neck)"'),
    // The shirt's collar over the neckline.
    ...[-1, 1].map((s) =>
      path(
        d`M${s * 58},-26 C${s * 74},-8 ${s * 82},4 ${s * 84},16 L${s * 50},70 C${s * 34},62 ${s * 14},60 0,64 C${s * 10},46 ${s * 44},14 ${s * 58},-26 Z`,
        `fill="${s < 0 ? clothes.under : clothes.underShade}"`,
      ),
    ),
    path(
      'M-86,8 C-66,48 -32,66 0,66 C32,66 66,48 86,8 C92,14 96,20 98,26 C74,70 38,88 0,88 C-38,88 -74,70 -98,26 C-96,20 -92,14 -86,8 Z',
      `fill="${clothes.base}"`,
    ),
    group('transform="translate(0 27)"', ribs),
    seam('M-98,26 C-74,70 -38,88 0,88 C38,88 74,70 98,26', clothes.shade, 3, 0.6),
    ...[-1, 1].map((s) =>
      seam(d`M${s * 112},42 C${s * 168},90 ${s * 200},170 ${s * 206},280`, clothes.shade, 4, 0.38),
    ),
  ].join('');
}

function blouse(person: Person, rise: number): string {
  const { clothes, build } = person;
  const beads = Array.from({ length: 15 }, (_, i) => {
    const share = (i - 7) / 7;
    return ellipse(
      [share * 68, 52 - 44 * share * share],
      [6.4, 6.4],
      `fill="${i % 2 ? '#f2e6dc' : '#c5533d'}"`,
    );
  }).join('');
  return [
    path(shoulders(build, rise), 'fill="url(#cloth)"'),
    path('M-92,18 C-70,72 -34,104 0,104 C34,104 70,72 92,18 L62,-8 L-62,-8 Z', 'fill="url(#under)"'),
    neck(person, 60),
    seam('M-94,18 C-72,76 -36,108 0,108 C36,108 72,76 94,18', clothes.shade, 4.5, 0.7),
    beads,
    ...[-1, 1].flatMap((s) => [
      seam(d`M${s * 104},60 C${s * 112},120 ${s * 100},200 ${s * 106},280`, clothes.shade, 4, 0.4),
      seam(d`M${s * 150},66 C${s * 176},120 ${s * 186},190 ${s * 184},280`, clothes.shade, 4, 0.34),
      seam(d`M${s * 44},126 C${s * 52},180 ${s * 46},230 ${s * 50},290`, clothes.light, 4, 0.4),
    ]),
  ].join('');
}

function cardigan(person: Person, rise: number): string {
  const { clothes, build } = person;
  return [
    neck(person, 66),
    path(d`M-100,6 L-60,-6 L0,84 L60,-6 L100,6 L124,${BOTTOM} L-124,${BOTTOM} Z`, 'fill="url(#under)"'),
    path('M-44,12 L0,86 L44,12 C20,34 -20,34 -44,12 Z', 'fill="url(#neck)"'),
    seam(d`M0,88 L0,${BOTTOM}`, clothes.underShade, 3, 0.9),
    ellipse([7, 128], [3.6, 3.6], 'fill="#fff" opacity="0.9"'),
    ellipse([7, 178], [3.6, 3.6], 'fill="#fff" opacity="0.9"'),
    `<clipPath id="jacket"><path clip-rule="evenodd" d="${shoulders(build, rise)} M-116,-30 L-104,0 L-30,${BOTTOM} L30,${BOTTOM} L104,0 L116,-30 Z"/></clipPath>`,
    group('clip-path="url(#jacket)"', path(shoulders(build, rise), 'fill="url(#cloth)"')),
    ...[-1, 1].map((s) =>
      path(
        d`M${s * 62},-30 C${s * 80},-12 ${s * 92},2 ${s * 96},16 L${s * 46},92 L0,84 C${s * 26},56 ${s * 50},14 ${s * 62},-30 Z`,
        `fill="${s < 0 ? clothes.under : clothes.underShade}" stroke="${clothes.underShade}" stroke-width="2"`,
      ),
    ),
    ...[-1, 1].map(
      (s) =>
        seam(d`M${s * 102},26 L${s * 34},${BOTTOM}`, clothes.shade, 12, 0.6) +
        seam(d`M${s * 150},60 C${s * 190},110 ${s * 204},190 ${s * 206},290`, clothes.shade, 4, 0.38),
    ),
  ].join('');
}

const STYLES = { blazer, jumper, blouse, cardigan } satisfies Record<
  Person['clothes']['style'],
  (person: Person, rise: number) => string
>;

/** @param breath 0 breathed out .. 1 breathed in: the shoulders rise by some pixels */
export const drawBody = (person: Person, breath: number): string =>
  STYLES[person.clothes.style](person, 4 * breath);
