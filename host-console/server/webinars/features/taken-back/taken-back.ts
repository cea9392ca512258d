/** How often each person took something back: the log keeps each, and nobody may make it grow for ever. */
import { RostrumError, type WebinarState } from '@rostrum/contracts';
import { z } from 'zod';
import type { DraftState } from '../draft-state.ts';
import type { Feature } from '../feature.ts';
import { LIMITS } from '../limits.ts';
import { AT_ONCE, chunks, inParts, Place, readPart } from '../parts.ts';

type State = Pick<WebinarState, 'takenBack'>;

export function refuseOneMore(state: State, personId: string): void {
  if ((state.takenBack.get(personId) ?? 0) >= LIMITS.takenBack) {
    throw new RostrumError(
      'limit-reached',
      `at most ${LIMITS.takenBack} votes, hands and consents are taken back`,
    );
  }
}

export function tookBack(draft: DraftState, personId: string): void {
  const map = draft.ownMap(draft.now.takenBack);
  draft.now.takenBack = map.set(personId, (map.get(personId) ?? 0) + 1);
}

const Times = z.object({ kind: z.literal('takenBack'), takenBack: z.array(z.tuple([Place, z.int()])) });

export const takenBack = {
  empty: { takenBack: new Map<string, number>() },
  decide: {},
  apply: {},
  touches: {},
  deltas: {},
  kept: {
    takenBack: inParts(
      {
        takenBack: readPart(Times, (draft, { takenBack: some }, places) => {
          const map = draft.ownMap(draft.now.takenBack);
          for (const [place, times] of some) map.set(places.idAt(place), times);
          draft.now.takenBack = map;
        }),
      },
      function* (all: State['takenBack'], places): Generator<z.infer<typeof Times>> {
        for (const some of chunks(all, AT_ONCE.voters)) {
          yield { kind: 'takenBack', takenBack: some.map(([id, times]) => [places.of(id), times]) };
        }
      },
    ),
  },
} satisfies Feature<never, never, State, never>;
