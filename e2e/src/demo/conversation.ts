import type { Clip } from '../panelist/clip.ts';
import { PEOPLE } from './people/cast.ts';
import { take } from './people/shelf.ts';
import { conversation, TURN_MS, type Turns } from './people/turns.ts';

export interface Talker {
  readonly clip: Clip;
  /** By how much their clip is ahead of the first talker's: each speaks in their own turn. */
  readonly offsetMs: number;
}

/** Somebody who is alone listens to the audience for as long as they speak. */
const FEWEST_TURNS = 2;

/** People who talk in turns, in this order. */
export function inTurns(people: readonly { readonly name: string; readonly turns: Turns }[]): Talker[] {
  const count = Math.max(FEWEST_TURNS, people.length);
  return people.map(({ name, turns }, i) => ({
    clip: conversation(name, turns, count),
    offsetMs: ((count - i) % count) * TURN_MS,
  }));
}

/** The first `count` people of the cast, in turns. @throws NotDrawnError */
export async function talkers(count: number): Promise<Talker[]> {
  const people = PEOPLE.slice(0, count).map(async (person) => ({
    name: person.name,
    turns: await take(person),
  }));
  return inTurns(await Promise.all(people));
}
