/**
 * Whom a name could be taken for. The mark of a role stands in views beside the name and cannot be written; this keeps
 * attendees from calling themselves what somebody of the crew or the stage is called, or what looks like such a mark.
 *
 * It is refused and not mended with a suffix: a suffix would need a language, is the first thing that is cut where a name has
 * little room, and leaves a name that still reads as the other's. Whom the crew gives a name in a personal link may have it,
 * so namesakes, and people whose surname is Host, are let in by those who know them.
 */
import {
  type MadeLink,
  type Person,
  partsOf,
  RESERVED_WORDS,
  RostrumError,
  STAGE,
  skeletonsOf,
  type WebinarState,
} from '@rostrum/contracts';
import type { Caller } from './commands.ts';

type Named = Pick<WebinarState, 'people' | 'links'>;

const RESERVED = new Set(RESERVED_WORDS.flatMap(skeletonsOf));
/** Whoever gave no name is called this, and so may be everybody. */
const NOBODY = 'Guest';

const made = new WeakMap<Person | MadeLink, readonly string[]>();

/** Of somebody's name, kept for as long as they are: a webinar may have thousands. */
function skeletonsOfBearer(bearer: Person | MadeLink): readonly string[] {
  const known = made.get(bearer) ?? skeletonsOf(bearer.name);
  made.set(bearer, known);
  return known;
}

/** Whether somebody of the crew or the stage is called what reads the same. */
function isBorne({ people, links }: Named, name: string): boolean {
  if (name === NOBODY) return false;
  const own = skeletonsOf(name);
  const bears = (bearer: Person | MadeLink): boolean =>
    STAGE.includes(bearer.role) && skeletonsOfBearer(bearer).some((skeleton) => own.includes(skeleton));
  return (
    [...people.values()].some((person) => !person.removed && bears(person)) ||
    [...links.values()].some((link) => !link.revoked && bears(link))
  );
}

/** Whether the name, or a part of it, reads as the mark of a role. */
export const isReserved = (name: string): boolean =>
  [name, ...partsOf(name)].some((part) => skeletonsOf(part).some((skeleton) => RESERVED.has(skeleton)));

/** Throws `name-taken` for a name that an attendee may not give themself. `state` null: only the marks are known. */
export function refuseImitation(state: Named | null, name: string): void {
  if (isReserved(name) || (state && isBorne(state, name))) {
    throw new RostrumError('name-taken', 'the name looks like somebody else’s here', { field: 'name' });
  }
}

/** The same where a name is about to be shown: it may have been taken before the other one was known. */
export function refuseImitator(state: Named, { personId, name, role }: Caller): void {
  if (role !== 'attendee') return;
  try {
    refuseImitation(state, name);
  } catch (error) {
    const given = (link: MadeLink): boolean => link.personId === personId && link.name === name;
    if (![...state.links.values()].some(given)) throw error;
  }
}
