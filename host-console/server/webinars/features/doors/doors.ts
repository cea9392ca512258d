/** How people come in before the show: when the doors open, what is seen and heard until it begins. */
import {
  DoorRules,
  type DoorsEvent,
  type DoorsState,
  type doorsCommands,
  KeptUnixMs,
  NO_DOOR_RULES,
} from '@rostrum/contracts';
import { definedOnly } from '../../defined-only.ts';
import { conflict } from '../../refusals.ts';
import { decidedOf, repeats } from '../condensing.ts';
import type { Feature } from '../feature.ts';
import { inFrame } from '../parts.ts';

export interface DoorsTouch {
  readonly kind: 'doors';
}

export const doors = {
  empty: { doorRules: NO_DOOR_RULES, doorsOpenedFor: null },
  decide: {
    'doors:rule': ({ phase: { phase }, doorRules }, { input }) => {
      if (phase === 'ended') throw conflict('the webinar has ended');
      const rules = { ...doorRules, ...definedOnly(input) };
      return isSame(rules, doorRules) ? [] : [{ type: 'doors.ruled', rules }];
    },
  },
  toggled: { 'doors:rule': () => 'doors' },
  apply: {
    'doors.ruled': ({ now }, { rules }) => {
      now.doorRules = rules;
    },
  },
  condense: (before, events) => ({
    leave: repeats(decidedOf(events, 'doors.ruled'), (last) => isSame(last.rules, before.doorRules)),
    instead: [],
  }),
  touches: { 'doors.ruled': () => [{ kind: 'doors' }] },
  deltas: {
    doors: (_touch, { state }, deltas) => deltas.add('doors', { type: 'doors', doors: state.doorRules }),
  },
  view: ({ state }) => ({ doors: state.doorRules }),
  kept: {
    /** Absent in those from before there were doors. */
    doorRules: inFrame(DoorRules.default(NO_DOOR_RULES)),
    doorsOpenedFor: inFrame(KeptUnixMs.default(null)),
  },
} satisfies Feature<DoorsEvent['type'], keyof typeof doorsCommands, DoorsState, DoorsTouch['kind']>;

const isSame = (one: DoorRules, other: DoorRules): boolean =>
  Object.entries(one).every(([key, value]) => other[key as keyof DoorRules] === value);
