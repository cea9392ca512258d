import type { Person } from './cast.ts';
import type { Pose } from './motion.ts';
import { d, ellipse, group, lerp, linear, n, path } from './svg.ts';

/** The head without its hair. Origin between the eyes and the nose; the face is some 212 wide and 304 high. */

/** The outline of the face. The jaw goes down with the mouth. */
export function faceOutline(person: Person, pose: Pose): string {
  const jaw = 76 * person.jaw;
  const chin = 150 + 7 * pose.mouth.open;
  return d`M0,-152 C62,-152 105,-110 106,-38 C107,14 ${jaw + 24},64 ${jaw},${chin - 50} C${jaw - 22},${chin - 12} ${30 * person.jaw},${chin} 0,${chin} C${-30 * person.jaw},${chin} ${-jaw + 22},${chin - 12} ${-jaw},${chin - 50} C${-jaw - 24},64 -107,14 -106,-38 C-105,-110 -62,-152 0,-152 Z`;
}

export function faceGradients(person: Person, lightX: number): string {
  const { skin } = person;
  return (
    linear(
      'face',
      [110 * lightX, -90, -110 * lightX, 110],
      [
        { at: 0, color: skin.light },
        { at: 0.42, color: skin.base },
        { at: 0.78, color: skin.base },
        { at: 1, color: skin.shade },
      ],
    ) +
    linear(
      'dusk',
      [-lightX * 112, 40, -lightX * 8, 0],
      [
        { at: 0, color: skin.shade, opacity: 0.75 },
        { at: 0.5, color: skin.shade, opacity: 0.3 },
        { at: 1, color: skin.shade, opacity: 0 },
      ],
    )
  );
}

function ear(person: Person, side: number, pose: Pose): string {
  const { skin } = person;
  const x = side * 104 - pose.turnX * 0.45;
  return group(
    `transform="translate(${n(x)} ${n(8 - pose.turnY * 0.4)}) scale(${side} 1)"`,
    path('M-6,-30 C12,-44 26,-30 23,-6 C21,14 14,30 2,32 C-6,33 -8,22 -8,12 Z', `fill="${skin.base}"`),
    path(
      'M2,-22 C12,-28 17,-18 14,-4 C12,8 8,16 3,20',
      `fill="none" stroke="${skin.shade}" stroke-width="4" stroke-linecap="round" opacity="0.7"`,
    ),
    person.earrings
      ? ellipse([4, 46], [11, 15], `fill="none" stroke="${person.earrings}" stroke-width="3.6"`)
      : '',
  );
}

function eye(person: Person, side: number, pose: Pose): string {
  const { skin } = person;
  const at = (x: number): number => x * side;
  const upper = lerp(9, -16, pose.lids);
  const lower = lerp(9.5, 9, pose.lids);
  const almond = d`M${at(-21)},3 C${at(-13)},${upper + 1} ${at(9)},${upper} ${at(21.5)},-1.5 C${at(14)},${lower} ${at(-9)},${lower + 1.5} ${at(-21)},3 Z`;
  const lid = d`M${at(-21.5)},3.2 C${at(-13)},${upper} ${at(9)},${upper - 1} ${at(22)},-2`;
  const crease = d`M${at(-17)},${upper * 0.5 - 7} C${at(-9)},${upper - 6} ${at(10)},${upper - 6.5} ${at(22)},-9`;
  const clip = side < 0 ? 'eyeL' : 'eyeR';
  const iris = `${n(pose.gazeX)} ${n(pose.gazeY)}`;
  const open = pose.lids > 0.12;
  return group(
    `transform="translate(${n(side * 44)} -4)"`,
    ellipse([0, -2], [36, 26], `fill="url(#socket)"`),
    open
      ? `<clipPath id="${clip}"><path d="${almond}"/></clipPath>` +
          path(almond, 'fill="#f7f3ee"') +
          group(
            `clip-path="url(#${clip})"`,
            group(
              `transform="translate(${iris})"`,
              ellipse([0, -1.5], [11.6, 11.6], 'fill="#241a16" opacity="0.75"'),
              ellipse([0, -1.5], [10.6, 10.6], `fill="${person.eyes}"`),
              ellipse([0, 1.4], [7.4, 6.6], 'fill="#fff" opacity="0.16"'),
              ellipse([0, -1.5], [5, 5], 'fill="#130d0b"'),
              ellipse([3.4, -5.4], [2.6, 2.6], 'fill="#fff" opacity="0.95"'),
              ellipse([-3.6, 2.4], [1.3, 1.3], 'fill="#fff" opacity="0.5"'),
            ),
            // The lid's shadow on the eye.
            path(lid, 'fill="none" stroke="#3b2a22" stroke-width="7" opacity="0.22"'),
          )
      : '',
    path(
      lid,
      `fill="none" stroke="#2b1c17" stroke-width="${person.lashes === 'full' ? 4.2 : 3}" stroke-linecap="round"`,
    ),
    person.lashes === 'full'
      ? path(
          d`M${at(16)},${upper * 0.42 - 1} C${at(20)},${upper * 0.3 - 2} ${at(24)},-5 ${at(28)},-8 C${at(25)},-3 ${at(23)},-1 ${at(20.5)},0 Z`,
          'fill="#2b1c17"',
        )
      : '',
    path(
      crease,
      `fill="none" stroke="${skin.shade}" stroke-width="2.2" stroke-linecap="round" opacity="0.75"`,
    ),
    path(
      d`M${at(-15)},16 C${at(-6)},20 ${at(8)},19 ${at(17)},13`,
      `fill="none" stroke="${skin.shade}" stroke-width="2" stroke-linecap="round" opacity="0.32"`,
    ),
  );
}

function brow(person: Person, side: number, pose: Pose): string {
  const at = (x: number): number => x * side;
  const lift = -7 * pose.brows;
  const thick = person.lashes === 'full' ? 7 : 9;
  const data = d`M${at(20)},${-40 + lift * 0.8} C${at(36)},${-51 + lift} ${at(58)},${-52 + lift * 1.1} ${at(76)},${-36 + lift * 0.7} C${at(60)},${-46 + lift * 1.1 + thick * 0.3} ${at(40)},${-47 + lift + thick * 0.7} ${at(21)},${-40 + lift * 0.8 + thick} C${at(18)},${-35 + lift * 0.8} ${at(17)},${-38 + lift * 0.8} ${at(20)},${-40 + lift * 0.8} Z`;
  return path(data, `fill="${person.hair.brow}" opacity="0.92"`);
}

function nose(person: Person, lightX: number): string {
  const { skin } = person;
  const s = -lightX;
  return [
    path(
      d`M${s * 9},-26 C${s * 13},0 ${s * 12},24 ${s * 23},46 C${s * 24},55 ${s * 14},58 0,59 C${s * 6},52 ${s * 7},20 ${s * 9},-26 Z`,
      `fill="${skin.shade}" opacity="0.36"`,
    ),
    path(
      'M-21,47 C-25,55 -17,59 -11,56 C-6,60 6,60 11,56 C17,59 25,55 21,47',
      `fill="none" stroke="${skin.shade}" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" opacity="0.85"`,
    ),
    ellipse([-9.5, 56], [4.4, 2.3], `fill="${skin.lipDark}" opacity="0.5"`),
    ellipse([9.5, 56], [4.4, 2.3], `fill="${skin.lipDark}" opacity="0.5"`),
    ellipse([lightX * 5, 42], [6, 8], `fill="${skin.light}" opacity="0.55"`),
    ellipse([lightX * 3, 8], [4, 22], `fill="${skin.light}" opacity="0.4"`),
  ].join('');
}

function mouth(person: Person, pose: Pose): string {
  const { skin } = person;
  const { open, spread } = pose.mouth;
  const corner = 30 + 5 * spread + 6 * pose.smile - 6 * open * (spread < 0 ? 1 : 0.4);
  const cornerY = -7 * pose.smile + 1;
  const upper = -1.5 - 4 * open;
  const lower = 3 + 27 * open;
  const full = person.lashes === 'full' ? 0.98 : 0.74;
  // The gap between the lips.
  const gap = d`M${-corner},${cornerY} C${-corner * 0.5},${upper} ${-8},${upper + 0.5} 0,${upper + 1.5} C8,${upper + 0.5} ${corner * 0.5},${upper} ${corner},${cornerY} C${corner * 0.55},${lower} ${corner * 0.25},${lower + 1} 0,${lower + 1} C${-corner * 0.25},${lower + 1} ${-corner * 0.55},${lower} ${-corner},${cornerY} Z`;
  const upperLip = d`M${-corner - 2},${cornerY} C${-corner * 0.55},${upper - 7 * full} ${-13},${upper - 12 * full} ${-5},${upper - 10 * full} C-2,${upper - 8.5 * full} 2,${upper - 8.5 * full} 5,${upper - 10 * full} C13,${upper - 12 * full} ${corner * 0.55},${upper - 7 * full} ${corner + 2},${cornerY} C${corner * 0.5},${upper + 1.5} 8,${upper + 2} 0,${upper + 3} C-8,${upper + 2} ${-corner * 0.5},${upper + 1.5} ${-corner - 2},${cornerY} Z`;
  const lowerLip = d`M${-corner - 1},${cornerY} C${-corner * 0.55},${lower - 1.5} ${-corner * 0.25},${lower - 1} 0,${lower - 1} C${corner * 0.25},${lower - 1} ${corner * 0.55},${lower - 1.5} ${corner + 1},${cornerY} C${corner * 0.72},${lower + 13 * full} ${corner * 0.3},${lower + 15 * full} 0,${lower + 15 * full} C${-corner * 0.3},${lower + 15 * full} ${-corner * 0.72},${lower + 13 * full} ${-corner - 1},${cornerY} Z`;
  return group(
    'transform="translate(0 88)"',
    person.beard === 'none'
      ? ellipse([0, lower + 20 * full], [20, 5], `fill="${skin.shade}" opacity="0.36"`)
      : '',
    path(upperLip, `fill="${skin.lip}"`),
    path(lowerLip, `fill="${skin.lip}"`),
    ellipse([0, lower + 7 * full], [13, 2.6], `fill="${skin.light}" opacity="0.35"`),
    open > 0.06
      ? `<clipPath id="gap"><path d="${gap}"/></clipPath>` +
          path(gap, 'fill="#4a1b1f"') +
          group(
            'clip-path="url(#gap)"',
            ellipse([0, lower + 3], [17, 6 + 7 * open], 'fill="#b9565a"'),
            path(
              d`M${-corner * 0.86},${upper - 6} L${corner * 0.86},${upper - 6} C${corner * 0.84},${upper + 4} ${corner * 0.5},${upper + 8.5} 0,${upper + 8.5} C${-corner * 0.5},${upper + 8.5} ${-corner * 0.84},${upper + 4} ${-corner * 0.86},${upper - 6} Z`,
              'fill="#fbf7f1"',
            ),
          )
      : path(
          d`M${-corner},${cornerY} C${-corner * 0.5},${(upper + lower) / 2 + 1} -8,${(upper + lower) / 2} 0,${(upper + lower) / 2 + 1} C8,${(upper + lower) / 2} ${corner * 0.5},${(upper + lower) / 2 + 1} ${corner},${cornerY}`,
          `fill="none" stroke="${skin.lipDark}" stroke-width="3.2" stroke-linecap="round"`,
        ),
    // Where cheeks meet the mouth.
    ...[-1, 1].map((side) =>
      path(
        d`M${side * (corner + 6)},${cornerY - 6} C${side * (corner + 9)},${cornerY - 2} ${side * (corner + 9)},${cornerY + 3} ${side * (corner + 6)},${cornerY + 7}`,
        `fill="none" stroke="${skin.shade}" stroke-width="2.6" stroke-linecap="round" opacity="${n(0.3 + 0.4 * pose.smile)}"`,
      ),
    ),
  );
}

function beard(person: Person, pose: Pose): string {
  if (person.beard === 'none') return '';
  const y = 7 * pose.mouth.open;
  const outer = d`M-112,-8 C-104,30 -97,44 -82,50 C-62,58 -44,60 -28,68 C-14,64 14,64 28,68 C44,60 62,58 82,50 C97,44 104,30 112,-8 L118,80 L90,${150 + y} L0,${176 + y} L-90,${150 + y} L-118,80 Z`;
  const around = d`M-37,85 C-24,77 24,77 37,85 C40,${100 + y} 24,${113 + 1.6 * y} 0,${114 + 1.6 * y} C-24,${113 + 1.6 * y} -40,${100 + y} -37,85 Z`;
  const opacity = person.beard === 'full' ? 0.96 : 0.38;
  return path(
    `${outer} ${around}`,
    `fill="${person.beard === 'full' ? 'url(#beard)' : person.hair.shade}" fill-rule="evenodd" opacity="${opacity}"`,
  );
}

function glasses(person: Person): string {
  const frame = person.glasses;
  if (!frame) return '';
  const lens = (side: number): string =>
    `<rect x="${n(side * 46 - 33)}" y="-32" width="66" height="56" rx="25" fill="#fff" fill-opacity="0.08" stroke="${frame}" stroke-width="5.2"/>` +
    path(
      d`M${side * 46 - 18},-20 C${side * 46 - 10},-26 ${side * 46},-27 ${side * 46 + 8},-26`,
      'fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" opacity="0.5"',
    );
  return [
    lens(-1),
    lens(1),
    path('M-13,-8 C-7,-15 7,-15 13,-8', `fill="none" stroke="${frame}" stroke-width="5.2"`),
    path('M-79,-12 L-106,-8 M79,-12 L106,-8', `fill="none" stroke="${frame}" stroke-width="5.2"`),
  ].join('');
}

/** Ears, face and features; what the hair throws on the forehead is `hairline`, drawn as a shadow. */
export function drawFace(person: Person, pose: Pose, lightX: number, hairline: string): string {
  const { skin } = person;
  const outline = faceOutline(person, pose);
  const shift = (share: number): string =>
    `transform="translate(${n(pose.turnX * share)} ${n(pose.turnY * share)})"`;
  return [
    ear(person, -1, pose),
    ear(person, 1, pose),
    `<clipPath id="head"><path d="${outline}"/></clipPath>`,
    path(outline, 'fill="url(#face)"'),
    group(
      'clip-path="url(#head)"',
      path(outline, 'fill="url(#dusk)"'),
      group(
        shift(0.8),
        ellipse([-62, 48], [44, 34], 'fill="url(#cheek)"'),
        ellipse([62, 48], [44, 34], 'fill="url(#cheek)"'),
        ellipse([lightX * 34, -92], [52, 34], 'fill="url(#sheen)"'),
        ellipse([lightX * 58, 26], [26, 15], 'fill="url(#sheen)"'),
        person.beard === 'none'
          ? ellipse([0, 130 + 6 * pose.mouth.open], [20, 11], 'fill="url(#sheen)"')
          : '',
      ),
      group(shift(0.55), beard(person, pose)),
      group(
        `transform="translate(${n(pose.turnX * 0.5)} ${n(9 + pose.turnY * 0.4)})"`,
        path(hairline, `fill="${skin.shade}" opacity="0.5"`),
      ),
    ),
    group(
      shift(1),
      nose(person, lightX),
      mouth(person, pose),
      eye(person, -1, pose),
      eye(person, 1, pose),
      brow(person, -1, pose),
      brow(person, 1, pose),
      glasses(person),
    ),
  ].join('');
}
