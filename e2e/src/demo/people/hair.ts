import type { Person } from './cast.ts';
import type { Pose } from './motion.ts';
import { d, ellipse, linear, n, path, scatter } from './svg.ts';

/** Hair in the head's own coordinates: what lies behind neck and face, and what lies over the face. */
export interface DrawnHair {
  readonly back: string;
  readonly front: string;
  /** The front's outline as path data, for the shadow it throws. */
  readonly hairline: string;
}

export function hairGradients(person: Person, lightX: number): string {
  const { hair } = person;
  return (
    linear(
      'hair',
      [120 * lightX, -180, -120 * lightX, 120],
      [
        { at: 0, color: hair.light },
        { at: 0.35, color: hair.base },
        { at: 1, color: hair.shade },
      ],
    ) +
    linear(
      'hairBack',
      [0, -150, 0, 210],
      [
        { at: 0, color: hair.base },
        { at: 1, color: hair.shade },
      ],
    ) +
    linear(
      'beard',
      [90 * lightX, 20, -90 * lightX, 150],
      [
        { at: 0, color: hair.light },
        { at: 0.5, color: hair.base },
        { at: 1, color: hair.shade },
      ],
    )
  );
}

const strand = (data: string, color: string, width: number, opacity: number): string =>
  path(
    data,
    `fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round" opacity="${opacity}"`,
  );

function bob({ hair }: Person, pose: Pose): DrawnHair {
  const s = pose.sway * 0.5;
  const back = d`M-4,-182 C-96,-186 -146,-124 -142,-34 C-140,38 -160,88 ${-152 + s},150 C${-150 + s},204 -104,226 -58,214 L58,214 C104,226 ${150 + s},204 ${152 + s},150 C160,88 140,38 142,-34 C146,-124 96,-186 -4,-182 Z`;
  const right = d`M-40,-168 C22,-200 126,-170 134,-66 C140,-8 132,48 ${150 + s},128 C118,100 109,40 104,-14 C100,-58 66,-82 24,-100 C-6,-113 -32,-134 -40,-168 Z`;
  const left = d`M-38,-168 C-96,-172 -140,-122 -134,-44 C-132,14 -132,66 ${-150 + s},130 C-116,100 -110,34 -105,-12 C-100,-62 -66,-98 -36,-128 C-32,-140 -34,-152 -38,-168 Z`;
  return {
    back: path(back, 'fill="url(#hairBack)"'),
    front:
      path(right, 'fill="url(#hair)"') +
      path(left, 'fill="url(#hair)"') +
      strand(d`M-22,-162 C40,-176 108,-140 118,-58 C122,-6 122,46 ${134 + s},94`, hair.light, 3.4, 0.5) +
      strand(d`M-26,-150 C20,-146 90,-118 108,-46`, hair.light, 2.6, 0.38) +
      strand(d`M-30,-140 C10,-118 76,-98 102,-34`, hair.shade, 2.6, 0.45) +
      strand(
        d`M-46,-158 C-100,-148 -124,-100 -122,-38 C-120,16 -122,58 ${-134 + s},96`,
        hair.light,
        3,
        0.34,
      ) +
      strand(d`M-42,-144 C-84,-122 -112,-82 -112,-20`, hair.shade, 2.6, 0.4),
    hairline: `${right} ${left}`,
  };
}

function short({ hair }: Person): DrawnHair {
  const cap =
    'M-111,-14 C-126,-104 -104,-172 -30,-186 C14,-202 96,-186 116,-118 C122,-84 116,-46 110,-12 C106,-36 102,-58 94,-74 C88,-92 70,-104 48,-102 C10,-98 -22,-104 -52,-114 C-70,-106 -90,-84 -97,-62 C-103,-46 -107,-32 -111,-14 Z';
  return {
    back: path(
      'M0,-176 C-80,-176 -118,-130 -116,-40 C-115,0 -108,40 -92,60 L92,60 C108,40 115,0 116,-40 C118,-130 80,-176 0,-176 Z',
      `fill="${hair.shade}"`,
    ),
    front:
      path(cap, 'fill="url(#hair)"') +
      strand('M-60,-120 C-40,-152 0,-172 44,-170', hair.light, 4, 0.55) +
      strand('M-30,-112 C-8,-140 34,-154 76,-146', hair.light, 3.4, 0.45) +
      strand('M6,-106 C26,-124 60,-132 94,-112', hair.shade, 3, 0.4) +
      strand('M-88,-82 C-98,-112 -82,-146 -50,-160', hair.shade, 3, 0.35) +
      strand('M-46,-116 C-30,-138 -6,-150 14,-152', hair.shade, 2.6, 0.3),
    hairline: cap,
  };
}

/** Curls: circles set along an outline, so that the edge is soft. */
function curls(
  seed: number,
  [cx, cy]: readonly [number, number],
  [rx, ry]: readonly [number, number],
  count: number,
  [from, to]: readonly [number, number],
  fill: string,
): string {
  const random = scatter(seed);
  return Array.from({ length: count }, (_, i) => {
    const angle = from + ((to - from) * i) / (count - 1);
    const r = 24 + 12 * random();
    return ellipse([cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)], [r, r], fill);
  }).join('');
}

function afro({ hair, seed }: Person): DrawnHair {
  const random = scatter(seed * 5);
  const fill = 'fill="url(#hairBack)"';
  // Small curved lines all over say "curls" without a texture that a coder would have to carry.
  const texture = Array.from({ length: 46 }, () => {
    const angle = Math.PI * (1 + random());
    const far = 0.56 + 0.42 * random();
    const x = 162 * far * Math.cos(angle);
    const y = -52 + 142 * far * Math.sin(angle);
    const r = 7 + 6 * random();
    return strand(
      d`M${x - r},${y} C${x - r},${y - r * 1.3} ${x + r},${y - r * 1.3} ${x + r},${y}`,
      hair.light,
      3,
      0.5,
    );
  }).join('');
  const band =
    'M-107,-58 C-96,-112 -52,-140 0,-140 C52,-140 96,-112 107,-58 C98,-84 60,-112 0,-112 C-60,-112 -98,-84 -107,-58 Z';
  return {
    back:
      ellipse([0, -50], [168, 148], fill) +
      curls(seed, [0, -50], [158, 138], 26, [Math.PI * 0.86, Math.PI * 2.14], fill) +
      texture,
    front:
      path(
        'M-108,-20 C-116,-96 -72,-158 0,-160 C72,-158 116,-96 108,-20 C104,-58 84,-92 54,-106 C20,-118 -20,-118 -54,-106 C-84,-92 -104,-58 -108,-20 Z',
        `fill="${hair.base}"`,
      ) +
      curls(
        seed + 1,
        [0, -62],
        [92, 58],
        13,
        [Math.PI * 1.02, Math.PI * 1.98],
        `fill="${hair.base}"`,
      ).replaceAll(/r[xy]="[\d.]+"/g, (radius) => radius.replace(/[\d.]+/, (r) => n(Number(r) * 0.5))),
    hairline: band,
  };
}

function receding({ hair }: Person): DrawnHair {
  const sides = (s: number): string =>
    d`M${s * 110},26 C${s * 126},-24 ${s * 122},-84 ${s * 97},-116 C${s * 90},-125 ${s * 80},-131 ${s * 70},-133 C${s * 77},-125 ${s * 81},-114 ${s * 84},-102 C${s * 88},-88 ${s * 93},-60 ${s * 97},-36 C${s * 102},-14 ${s * 104},6 ${s * 110},26 Z`;
  return {
    back: path(
      'M-84,-118 C-112,-104 -120,-66 -119,-32 C-118,4 -112,34 -98,54 L98,54 C112,34 118,4 119,-32 C120,-66 112,-104 84,-118 Z',
      `fill="${hair.shade}"`,
    ),
    front:
      path(sides(-1), 'fill="url(#hair)"') +
      path(sides(1), 'fill="url(#hair)"') +
      strand('M-108,-16 C-113,-56 -106,-92 -90,-112', hair.light, 3, 0.6) +
      strand('M108,-16 C113,-56 106,-92 90,-112', hair.light, 3, 0.6),
    hairline: `${sides(-1)} ${sides(1)}`,
  };
}

const STYLES = { bob, short, afro, receding } satisfies Record<
  Person['hair']['style'],
  (person: Person, pose: Pose) => DrawnHair
>;

export const drawHair = (person: Person, pose: Pose): DrawnHair => STYLES[person.hair.style](person, pose);
