import { PEOPLE, type Person } from './cast.ts';
import { drawPerson } from './figure.ts';
import { blinksOf, CLOSED, type Mouth, type Pose, poseAt, TURN_FRAMES, type Turn } from './motion.ts';
import { drawRoom } from './room.ts';

const TURNS: readonly Turn[] = ['speak', 'listen'];
/** A mouth as one speaks: open and shut, silent at both ends. */
const mouths: Mouth[] = Array.from({ length: TURN_FRAMES }, (_, i) =>
  i < 10 || i > 185 ? CLOSED : { open: 0.5 - 0.5 * Math.cos(i), spread: Math.sin(i / 3) },
);
const saying = (turn: Turn): Mouth[] => (turn === 'speak' ? mouths : []);
const pictureOf = (person: Person, turn: Turn, frame: number): string =>
  drawPerson(person, poseAt(person, turn, frame, saying(turn)));

/** What an eye would see as a jump: everything but lids and mouth, which are quick by nature. */
const SMOOTH: readonly (keyof Pose)[] = [
  'breath',
  'sway',
  'tilt',
  'turnX',
  'turnY',
  'gazeX',
  'gazeY',
  'brows',
  'smile',
];

describe.each(PEOPLE)('$name', (person) => {
  test('is drawn alike every time', () => {
    expect(pictureOf(person, 'speak', 77)).toBe(pictureOf(person, 'speak', 77));
    expect(drawRoom(person)).toBe(drawRoom(person));
  });

  test('ends every turn in the picture with which every turn begins', () => {
    const pictures = TURNS.flatMap((turn) => [0, TURN_FRAMES].map((frame) => pictureOf(person, turn, frame)));
    expect(new Set(pictures).size).toBe(1);
  });

  test('moves smoothly through each turn and from one to the next', () => {
    for (const first of TURNS)
      for (const second of TURNS) {
        const poses = [first, second].flatMap((turn) =>
          Array.from({ length: TURN_FRAMES }, (_, frame) => poseAt(person, turn, frame, saying(turn))),
        );
        for (const [i, pose] of poses.entries()) {
          const next = poses[(i + 1) % poses.length] as Pose;
          // Pixels of 720 and degrees: less than is seen as a jump.
          for (const what of SMOOTH) {
            const step = Math.abs((next[what] as number) - (pose[what] as number));
            expect([i, what, step < 3]).toEqual([i, what, true]);
          }
        }
      }
  });

  test('blinks now and then, and not where one turn becomes the next', () => {
    for (const turn of TURNS) {
      const starts = blinksOf(person, turn);
      expect(starts.length).toBeGreaterThanOrEqual(2);
      for (const start of starts) {
        expect(start).toBeGreaterThan(5);
        expect(start).toBeLessThan(TURN_FRAMES - 10);
        expect(poseAt(person, turn, start + 1, []).lids).toBeLessThan(0.2);
      }
    }
  });

  test('opens the mouth with their words', () => {
    const shut = drawPerson(person, poseAt(person, 'speak', 100, []));
    const open = Array.from({ length: TURN_FRAMES }, () => ({ open: 0.8, spread: 0 }));
    const wide = drawPerson(person, poseAt(person, 'speak', 100, open));
    expect(shut).not.toContain('id="gap"');
    expect(wide).toContain('id="gap"');
  });

  test('is whole in every picture: no number is missing', () => {
    for (const turn of TURNS)
      for (let frame = 0; frame < TURN_FRAMES; frame += 7)
        expect(pictureOf(person, turn, frame)).not.toMatch(/NaN|undefined|Infinity|null/);
    expect(drawRoom(person)).not.toMatch(/NaN|undefined|Infinity|null/);
  });
});

test('no two people look, sound or blink alike', () => {
  const looks = PEOPLE.map(({ hair, clothes, voice }) => [hair.style, clothes.style, voice]);
  for (const i of [0, 1, 2]) expect(new Set(looks.map((look) => look[i])).size).toBe(PEOPLE.length);
  expect(new Set(PEOPLE.map((person) => String(blinksOf(person, 'listen')))).size).toBe(PEOPLE.length);
});
