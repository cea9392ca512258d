import type { Person } from './cast.ts';
import { clamp, scatter, smoothstep } from './svg.ts';

/**
 * How a person moves, as pure functions of the frame. A turn is `TURN_FRAMES` long, in which somebody either speaks or
 * listens; every turn begins and ends in the same pose and motion, so that turns follow one another in any order.
 */
export const FRAME_RATE = 25;
export const TURN_S = 8;
export const TURN_FRAMES = TURN_S * FRAME_RATE;

export type Turn = 'speak' | 'listen';

/** How a mouth is shaped. */
export interface Mouth {
  /** 0 closed .. 1 wide open. */
  readonly open: number;
  /** -1 rounded ("oh") .. 1 spread ("ee"). */
  readonly spread: number;
}

export const CLOSED: Mouth = { open: 0, spread: 0 };

/** Where everything is in one picture. Lengths are pixels of a 1280x720 picture, angles degrees. */
export interface Pose {
  /** 0 breathed out .. 1 breathed in. */
  readonly breath: number;
  readonly sway: number;
  readonly tilt: number;
  /** How far the face is turned: features move by it, the outline less. */
  readonly turnX: number;
  readonly turnY: number;
  readonly gazeX: number;
  readonly gazeY: number;
  /** 0 shut .. 1 open. */
  readonly lids: number;
  readonly brows: number;
  readonly smile: number;
  readonly mouth: Mouth;
}

/** Waves that close after a turn: whole numbers of swings. -1..1. */
function wander(seed: number, share: number): number {
  const random = scatter(seed);
  let sum = 0;
  for (const [swings, weight] of [
    [1, 0.55],
    [2, 0.3],
    [3, 0.15],
  ] as const)
    sum += weight * Math.sin(2 * Math.PI * (swings * share + random()));
  return sum;
}

/** 0 at both ends of a turn, 1 in between: what belongs to this turn alone fades in and out with it. */
const within = (share: number): number => smoothstep(0.02, 0.12, share) * (1 - smoothstep(0.88, 0.98, share));

const BLINK_FRAMES = 6;

/** The frames at which a person begins to blink: never while one turn becomes the next. */
export function blinksOf(person: Person, turn: Turn): number[] {
  const random = scatter(person.seed * 31 + (turn === 'speak' ? 5 : 17));
  const count = 3;
  return Array.from({ length: count }, (_, i) =>
    Math.round(((i + 0.25 + 0.5 * random()) / count) * (TURN_FRAMES - 4 * BLINK_FRAMES) + 2 * BLINK_FRAMES),
  );
}

function lidsAt(person: Person, turn: Turn, frame: number): number {
  // Down fast, up slower.
  const course = [0.55, 0.08, 0.05, 0.4, 0.75, 0.94];
  for (const start of blinksOf(person, turn)) {
    const at = frame - start;
    if (at >= 0 && at < BLINK_FRAMES) return course[at] ?? 1;
  }
  return 1;
}

/** Glances to the side, each a smooth step out and back: -1..1. */
function glance(person: Person, turn: Turn, share: number): number {
  const random = scatter(person.seed * 7 + (turn === 'speak' ? 2 : 3));
  let sum = 0;
  for (const from of [0.18, 0.56]) {
    const at = from + 0.12 * random();
    const side = random() < 0.5 ? -1 : 1;
    sum += side * smoothstep(at, at + 0.02, share) * (1 - smoothstep(at + 0.14, at + 0.16, share));
  }
  return sum;
}

/** Slow loudness: what makes a head nod along with its own words. */
function emphasis(mouths: readonly Mouth[], frame: number): number {
  let sum = 0;
  for (let at = frame - 6; at <= frame + 6; at += 1)
    sum += (mouths[at]?.open ?? 0) * (1 - Math.abs(at - frame) / 7);
  return sum / 7;
}

/**
 * @param frame 0 .. TURN_FRAMES; the last is the first of the turn that follows
 * @param mouths what the person says, by frame of the turn; empty for who listens
 */
export function poseAt(person: Person, turn: Turn, frame: number, mouths: readonly Mouth[]): Pose {
  const share = (frame % TURN_FRAMES) / TURN_FRAMES;
  const inside = within(share);
  const speaking = turn === 'speak' ? inside : 0;
  const listening = turn === 'listen' ? inside : 0;
  const seed = person.seed * 101;
  const stress = emphasis(mouths, frame) * speaking;
  const look = glance(person, turn, share) * inside;
  // Who listens nods twice or so: "yes, go on".
  const yes = listening * Math.max(0, Math.sin(2 * Math.PI * 2 * share + person.seed)) ** 6;
  return {
    breath: 0.5 - 0.5 * Math.cos(2 * Math.PI * 2 * share),
    sway: 5 * wander(seed + 1, share),
    tilt: 1.3 * wander(seed + 2, share) + 1.6 * speaking * wander(seed + 3, 3 * share),
    turnX: 5 * wander(seed + 4, share) + 4.5 * speaking * wander(seed + 5, 2 * share) + 3 * look,
    turnY:
      2.5 * wander(seed + 6, share) +
      6 * stress -
      2 * speaking +
      7 * yes * Math.sin(2 * Math.PI * 10 * share),
    gazeX: 3.4 * look + 0.5 * wander(seed + 7, share),
    gazeY: 0.5 * wander(seed + 8, share) - 1.2 * Math.abs(look) * speaking,
    lids: lidsAt(person, turn, frame % TURN_FRAMES),
    brows: clamp(0.9 * stress + 0.35 * speaking * wander(seed + 9, 2 * share), -0.3, 1),
    smile: 0.72 + 0.28 * listening * (0.5 + 0.5 * wander(seed + 10, share)) - 0.22 * speaking,
    mouth: mouths[frame % TURN_FRAMES] ?? CLOSED,
  };
}
