import type { Clip } from '../panelist/clip.ts';
import { PEOPLE } from './people/cast.ts';
import { take } from './people/shelf.ts';
import { conversation, TURN_MS } from './people/turns.ts';

export interface Talker {
  readonly clip: Clip;
  /** By how much their clip is ahead of the first talker's: each speaks in their own turn. */
  readonly offsetMs: number;
}

/** Somebody who is alone listens to the audience for as long as they speak. */
const FEWEST_TURNS = 2;

/** The first `count` people of the cast, talking in turns. @throws NotDrawnError */
export async function talkers(count: number): Promise<Talker[]> {
  const turns = Math.max(FEWEST_TURNS, count);
  return Promise.all(
    PEOPLE.slice(0, count).map(async (person, i) => ({
      clip: conversation(person.name, await take(person), turns),
      offsetMs: ((turns - i) % turns) * TURN_MS,
    })),
  );
}
