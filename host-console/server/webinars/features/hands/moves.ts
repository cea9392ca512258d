/** Of a hand that went up and down among what was decided together the last move stays. */
import { type Condensed, type Decided, decidedOf, repeats } from '../condensing.ts';
import type { Events } from '../feature.ts';
import type { FoldedState } from '../state.ts';
import { handOf } from './hand-of.ts';

type Move = Decided<Events['hand.raised' | 'hand.lowered']>;

export function condenseHands(before: FoldedState, events: readonly Decided[]): Condensed {
  // Where somebody else moved it too, every move counts.
  const moved = new Set(
    decidedOf(events, 'hand.accepted', 'hand.declined', 'person.removed').map(({ event }) => event.personId),
  );
  const byPerson = new Map<string, Move[]>();
  for (const move of decidedOf(events, 'hand.raised', 'hand.lowered')) {
    const { personId } = move.event;
    if (!moved.has(personId)) byPerson.set(personId, [...(byPerson.get(personId) ?? []), move]);
  }
  const changesNothing = ({ type, personId }: Move['event']): boolean =>
    type === 'hand.lowered' && !before.declined.has(personId) && !handOf(before, personId);
  return {
    leave: [...byPerson.values()].flatMap((moves) => [...repeats(moves, changesNothing)]),
    instead: [],
  };
}
