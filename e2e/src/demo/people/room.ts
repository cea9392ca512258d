import type { Person } from './cast.ts';
import { HEIGHT, lightSide, WIDTH } from './figure.ts';
import { d, ellipse, glow, group, linear, n, path, scatter } from './svg.ts';

/** The room behind a person, out of focus as a camera shows it. Drawn once a person: blurring is dear. */

const rect = (x: number, y: number, w: number, h: number, attributes: string): string =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" ${attributes}/>`;

function books(person: Person, x: number, y: number, width: number, seed: number): string {
  const { accents } = person.room;
  const random = scatter(seed);
  let at = x;
  let drawn = '';
  while (at < x + width) {
    const w = 13 + 15 * random();
    const h = 66 + 34 * random();
    const color = accents[Math.floor(random() * accents.length)] ?? '#888';
    drawn += rect(at, y - h, w, h, `rx="2" fill="${color}"`);
    drawn += rect(at, y - h + 10, w, 7, 'fill="#fff" opacity="0.22"');
    drawn += rect(at + w - 4, y - h, 4, h, 'fill="#000" opacity="0.13"');
    at += w + 1.5;
  }
  return drawn;
}

function plant(person: Person, x: number, y: number, size: number): string {
  const { leaf, leafShade } = person.room;
  const leaves = [-74, -50, -28, -8, 14, 36, 60, 80].map((angle, i) =>
    group(
      `transform="translate(${n(x)} ${n(y)}) rotate(${angle}) scale(${n(size * (0.82 + 0.05 * (i % 4)))})"`,
      path('M0,0 C-26,-46 -24,-112 0,-156 C24,-112 26,-46 0,0 Z', `fill="${i % 2 ? leaf : leafShade}"`),
      path('M0,0 L0,-146', `stroke="${i % 2 ? leafShade : leaf}" stroke-width="3" opacity="0.5"`),
    ),
  );
  return leaves.join('');
}

const pot = (x: number, y: number, size: number, color: string): string =>
  path(
    d`M${x - 42 * size},${y} L${x + 42 * size},${y} L${x + 32 * size},${y + 78 * size} L${x - 32 * size},${y + 78 * size} Z`,
    `fill="${color}"`,
  ) + rect(x - 46 * size, y - 8 * size, 92 * size, 18 * size, `rx="4" fill="${color}"`);

/** A bookcase, drawn for the left side. */
function bookcase(person: Person): string {
  const { room } = person;
  const [x, width] = [-20, 368];
  const boards = [150, 300, 452, 606];
  const color = (i: number): string => room.accents[i % room.accents.length] ?? '#888';
  return [
    rect(x, -20, width, 760, `fill="${room.woodShade}"`),
    rect(x, -20, width, 760, 'fill="#000" opacity="0.12"'),
    books(person, x + 24, 150, 150, room.seed + 1),
    pot(262, 92, 0.74, color(3)),
    plant(person, 262, 90, 0.6),
    books(person, x + 168, 300, 160, room.seed + 2),
    ellipse([84, 258], [36, 42], `fill="${color(1)}"`),
    rect(68, 196, 32, 34, `rx="6" fill="${color(1)}"`),
    ellipse([74, 250], [12, 22], 'fill="#fff" opacity="0.18"'),
    books(person, x + 24, 452, 180, room.seed + 3),
    rect(232, 362, 76, 90, `fill="${color(5)}"`),
    rect(242, 372, 56, 70, `fill="${color(3)}"`),
    ellipse([270, 412], [16, 18], `fill="${color(0)}"`),
    books(person, x + 120, 606, 208, room.seed + 4),
    rect(24, 556, 76, 50, `rx="6" fill="${color(2)}"`),
    ...boards.map(
      (y) =>
        rect(x, y, width, 16, `fill="${room.wood}"`) +
        rect(x, y + 16, width, 18, 'fill="#000" opacity="0.16"'),
    ),
    rect(x + width - 20, -20, 20, 760, `fill="${room.wood}"`),
    rect(x + width, -20, 46, 760, 'fill="url(#caseShade)"'),
  ].join('');
}

/** A window with a curtain, drawn for the right side. */
function windowView(person: Person): string {
  const { room } = person;
  return [
    rect(946, 40, 300, 424, 'fill="url(#sky)"'),
    '<clipPath id="pane"><rect x="946" y="40" width="300" height="424"/></clipPath>',
    group(
      'clip-path="url(#pane)"',
      ellipse([1000, 470], [110, 110], `fill="${room.leaf}" opacity="0.8"`),
      ellipse([1166, 478], [150, 136], `fill="${room.leafShade}" opacity="0.75"`),
      ellipse([1084, 436], [60, 74], `fill="${room.leaf}" opacity="0.7"`),
    ),
    ...[946, 1088, 1230].map((x) => rect(x, 34, 16, 436, 'fill="#fbf8f2"')),
    ...[34, 228, 456].map((y) => rect(940, y, 310, 16, 'fill="#fbf8f2"')),
    rect(924, 468, 342, 22, 'fill="#f3ede2"'),
    rect(924, 490, 342, 16, 'fill="#000" opacity="0.1"'),
    path(
      'M1196,0 L1300,0 L1300,740 L1218,740 C1240,560 1200,420 1216,260 C1222,170 1206,90 1196,0 Z',
      'fill="#fff8ec" opacity="0.92"',
    ),
    path(
      'M1236,0 C1250,220 1236,480 1262,740',
      'fill="none" stroke="#cdbfa8" stroke-width="12" opacity="0.45"',
    ),
    pot(1000, 404, 0.8, room.accents[0] ?? '#a66'),
    plant(person, 1000, 402, 0.7),
  ].join('');
}

/** Framed prints and a lamp on a sideboard, drawn for the right side. */
function pictures(person: Person): string {
  const { room } = person;
  const color = (i: number): string => room.accents[i % room.accents.length] ?? '#888';
  return [
    rect(906, 84, 150, 196, `fill="${room.woodShade}"`),
    rect(916, 94, 130, 176, 'fill="#f7f2e8"'),
    ellipse([981, 168], [38, 38], `fill="${color(0)}"`),
    path('M926,260 C950,206 986,214 1036,186 L1036,260 Z', `fill="${color(1)}"`),
    rect(1090, 56, 128, 128, `fill="${room.wood}"`),
    rect(1100, 66, 108, 108, 'fill="#f7f2e8"'),
    path('M1112,164 L1154,90 L1196,164 Z', `fill="${color(4)}"`),
    rect(1090, 212, 128, 92, `fill="${room.wood}"`),
    rect(1100, 222, 108, 72, `fill="${color(6)}"`),
    rect(1100, 262, 108, 32, `fill="${color(5)}"`),
    rect(880, 560, 420, 180, `fill="${room.wood}"`),
    rect(880, 548, 420, 20, `fill="${room.woodShade}"`),
    rect(1086, 590, 6, 150, `fill="${room.woodShade}"`),
    ellipse([1150, 400], [230, 210], 'fill="url(#lamp)"'),
    rect(1144, 452, 14, 96, `fill="${room.woodShade}"`),
    ellipse([1151, 546], [44, 10], `fill="${room.woodShade}"`),
    path('M1104,350 L1198,350 L1222,458 L1080,458 Z', `fill="${room.light}"`),
    path('M1104,350 L1198,350 L1206,386 L1096,386 Z', 'fill="#fff" opacity="0.28"'),
    pot(952, 482, 0.82, color(3)),
    plant(person, 952, 480, 0.86),
  ].join('');
}

export function drawRoom(person: Person): string {
  const { room } = person;
  const light = lightSide(person);
  // Both halves are drawn for one side and mirrored where they stand the other way round.
  const mirror = room.shelf === 'right' ? `transform="translate(${WIDTH} 0) scale(-1 1)"` : '';
  const lightX = light > 0 ? WIDTH : 0;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"><defs>`,
    linear(
      'wall',
      [lightX, 100, WIDTH - lightX, 620],
      [
        { at: 0, color: room.wall },
        { at: 1, color: room.wallShade },
      ],
    ),
    linear(
      'sky',
      [0, 40, 0, 464],
      [
        { at: 0, color: '#bfdcf0' },
        { at: 1, color: '#fdf3df' },
      ],
    ),
    linear(
      'caseShade',
      [348, 0, 394, 0],
      [
        { at: 0, color: '#000', opacity: 0.2 },
        { at: 1, color: '#000', opacity: 0 },
      ],
    ),
    glow('lamp', room.light, 0.9),
    glow('day', room.light, 0.75),
    glow('behind', '#fff', 0.35),
    '<filter id="far" x="-5%" y="-5%" width="110%" height="110%"><feGaussianBlur stdDeviation="5.5"/></filter>',
    '</defs>',
    rect(0, 0, WIDTH, HEIGHT, 'fill="url(#wall)"'),
    group(
      `id="things" ${mirror}`,
      bookcase(person),
      room.view === 'window' ? windowView(person) : pictures(person),
    ),
    // Over the sharp ones, because a blurred picture is transparent along its edge.
    group('filter="url(#far)"', rect(0, 0, WIDTH, HEIGHT, 'fill="url(#wall)"'), '<use href="#things"/>'),
    ellipse([light > 0 ? 1120 : 160, 220], [520, 460], 'fill="url(#day)"'),
    ellipse([WIDTH / 2, 300], [420, 380], 'fill="url(#behind)"'),
    `<radialGradient id="edge" cx="0.5" cy="0.45" r="0.75"><stop offset="0.6" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity="0.34"/></radialGradient>`,
    rect(0, 0, WIDTH, HEIGHT, 'fill="url(#edge)"'),
    '</svg>',
  ].join('');
}
