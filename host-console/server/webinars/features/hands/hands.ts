/** Raised hands: of the audience, to come to the stage; of the stage, to be heard again. */
import {
  type HandsEvent,
  type HandsState,
  type HandView,
  type handsCommands,
  Id,
  KeptName,
  RostrumError,
  type WebinarState,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { Caller } from '../../commands.ts';
import { refuseImitator } from '../../names.ts';
import { notFound, refuseAfterEnd, tooManyNear } from '../../refusals.ts';
import type { Crowd } from '../../turnout.ts';
import type { Touch } from '../all.ts';
import type { DraftState } from '../draft-state.ts';
import type { Feature } from '../feature.ts';
import { LIMITS } from '../limits.ts';
import type { Look } from '../look.ts';
import { AT_ONCE, chunks, inFrame, inParts, Place, readPart } from '../parts.ts';
import { unmute } from '../people/decide.ts';
import { moved } from '../people/people.ts';
import { mayBeOnStage } from '../people/standing.ts';
import { refuseOneMore, tookBack } from '../taken-back/taken-back.ts';
import { handOf } from './hand-of.ts';
import { condenseHands } from './moves.ts';

export interface HandsTouch {
  readonly kind: 'hands';
}

export interface HandsMemory extends HandsState {
  /** Attendees whose raised hand was declined and who did not raise it again. */
  readonly declined: ReadonlySet<string>;
}

const Declined = z.object({ kind: z.literal('declined'), declined: z.array(Place) });

const touched = ({ personId }: { readonly personId: string }): Touch[] => [
  { kind: 'hands' },
  { kind: 'self', personId },
];

export const hands = {
  empty: { hands: [], declined: new Set<string>() },
  decide: {
    'hand:raise': (state, _command, caller, crowd) => raiseHand(state, caller, crowd),
    'hand:lower': (state, _command, { personId }) => lowerHand(state, personId),
    'hand:accept': (state, { input: { personId } }, caller) => {
      refuseAfterEnd(state);
      const person = state.people.get(personId);
      // A hand of the stage asks to be heard.
      if (person && mayBeOnStage(person)) return unmute(state, personId, caller);
      if (!handOf(state, personId)) throw notFound('no such raised hand', 'personId');
      return [{ type: 'hand.accepted', personId }];
    },
    // Lowered or declined a moment ago: nothing is left to decline.
    'hand:decline': (state, { input: { personId } }) =>
      handOf(state, personId) ? [{ type: 'hand.declined', personId }] : [],
  },
  toggled: {
    'hand:raise': (_command, { personId }) => `hand ${personId}`,
    'hand:lower': (_command, { personId }) => `hand ${personId}`,
  },
  apply: {
    'hand.raised': (draft, { personId, name }, { atUnixMs }) => {
      // It was lowered and raised within one batch, of which the log has the end.
      if (handOf(draft.now, personId)) tookBack(draft, personId);
      dropHand(draft, personId);
      draft.now.hands = [...draft.now.hands, { personId, name, raisedUnixMs: atUnixMs }];
    },
    'hand.lowered': (draft, { personId }) => {
      dropHand(draft, personId);
      tookBack(draft, personId);
    },
    'hand.declined': (draft, { personId }) => {
      dropHand(draft, personId);
      tookBack(draft, personId);
      draft.now.declined = draft.ownSet(draft.now.declined).add(personId);
    },
    'hand.accepted': (draft, { personId }) => dropHand(draft, personId),
  },
  condense: condenseHands,
  touches: {
    'hand.raised': touched,
    'hand.lowered': touched,
    'hand.declined': touched,
    'hand.accepted': moved,
  },
  deltas: {
    hands: (_touch, look, deltas) => {
      if (look.viewerClass === 'crew') deltas.add('hands', { type: 'hands', hands: handsView(look) });
    },
  },
  view: (look) => ({ hands: look.viewerClass === 'crew' ? handsView(look) : [] }),
  self: (state, personId) => ({
    hand: state.people.get(personId)?.guest
      ? 'accepted'
      : handOf(state, personId)
        ? 'raised'
        : state.declined.has(personId)
          ? 'declined'
          : 'down',
  }),
  kept: {
    hands: inFrame(z.array(z.object({ personId: Id, name: KeptName, raisedUnixMs: z.number() })).readonly()),
    declined: inParts(
      {
        declined: readPart(Declined, (draft, { declined }, places) => {
          const own = draft.ownSet(draft.now.declined);
          for (const place of declined) own.add(places.idAt(place));
          draft.now.declined = own;
        }),
      },
      function* (all: HandsMemory['declined'], places): Generator<z.infer<typeof Declined>> {
        for (const some of chunks(all, AT_ONCE.voters)) {
          yield { kind: 'declined', declined: some.map((id) => places.of(id)) };
        }
      },
    ),
  },
} satisfies Feature<HandsEvent['type'], keyof typeof handsCommands, HandsMemory, HandsTouch['kind']>;

export function lowerHand(state: HandsState, personId: string): HandsEvent[] {
  return handOf(state, personId) ? [{ type: 'hand.lowered', personId }] : [];
}

function raiseHand(
  state: WebinarState,
  caller: Caller,
  { isAway, neighbours, allowed }: Crowd,
): HandsEvent[] {
  const { personId, name } = caller;
  refuseAfterEnd(state);
  if (handOf(state, personId)) return [];
  const raised = { type: 'hand.raised', personId, name } as const;
  const person = state.people.get(personId);
  if (person && mayBeOnStage(person)) {
    // The audience cannot take the stage's word by raising all the hands there may be.
    return person.mutedBy ? [raised] : [];
  }
  if (state.plan.whoMaySpeak === 'none') {
    throw new RostrumError('forbidden', 'nobody is asked to the stage out of the audience');
  }
  // Asked when it goes up, so that a hand which is up can always be lowered.
  refuseOneMore(state, personId);
  refuseImitator(state, caller);
  const near = state.hands.filter((hand) => neighbours?.has(hand.personId) && !isAway(hand.personId)).length;
  if (near >= allowed.hands) throw tooManyNear(allowed.hands, 'raised hands');
  if (state.hands.length < LIMITS.hands) return [raised];
  const gone = state.hands.find((hand) => isAway(hand.personId));
  if (!gone) throw new RostrumError('limit-reached', 'too many hands are raised');
  return [{ type: 'hand.lowered', personId: gone.personId }, raised];
}

export function dropHand(draft: DraftState, personId: string): void {
  const { now } = draft;
  if (handOf(now, personId)) now.hands = now.hands.filter((h) => h.personId !== personId);
  if (!now.declined.has(personId)) return;
  const declined = draft.ownSet(now.declined);
  declined.delete(personId);
  now.declined = declined;
}

function handsView({ state, counted }: Look): HandView[] {
  return counted.hands(state).map((hand) => ({ ...hand }));
}
