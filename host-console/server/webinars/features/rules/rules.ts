/** What the crew settles for everybody. */
import {
  Moderation,
  type RulesEvent,
  type RulesState,
  type RulesView,
  type rulesCommands,
} from '@rostrum/contracts';
import { z } from 'zod';
import { refuseAfterEnd } from '../../refusals.ts';
import type { Feature } from '../feature.ts';
import { inFrame } from '../parts.ts';
import type { FoldedState } from '../state.ts';

export interface RulesTouch {
  readonly kind: 'rules';
}

const touched = (): RulesTouch[] => [{ kind: 'rules' }];

export const rules = {
  empty: { moderation: 'open', mayUnmute: true, keepsTracks: false },
  decide: {
    'moderation:set': (state, { input: { moderation } }) => {
      refuseAfterEnd(state);
      return moderation === state.moderation ? [] : [{ type: 'moderation.changed', moderation }];
    },
    'unmuting:set': (state, { input: { mayUnmute } }) => {
      refuseAfterEnd(state);
      return mayUnmute === state.mayUnmute ? [] : [{ type: 'unmuting.changed', mayUnmute }];
    },
    'tracks:set': (state, { input: { record } }) => {
      refuseAfterEnd(state);
      return record === state.keepsTracks ? [] : [{ type: 'tracks.changed', record }];
    },
  },
  apply: {
    'moderation.changed': ({ now }, { moderation }) => {
      now.moderation = moderation;
    },
    'unmuting.changed': ({ now }, { mayUnmute }) => {
      now.mayUnmute = mayUnmute;
    },
    'tracks.changed': ({ now }, { record }) => {
      now.keepsTracks = record;
    },
  },
  touches: { 'moderation.changed': touched, 'unmuting.changed': touched, 'tracks.changed': touched },
  deltas: {
    rules: (_touch, { state }, deltas) => deltas.add('rules', { type: 'rules', rules: rulesView(state) }),
  },
  view: ({ state }) => ({ rules: rulesView(state) }),
  kept: {
    moderation: inFrame(Moderation),
    mayUnmute: inFrame(z.boolean()),
    /** Absent in those from before it could be said. */
    keepsTracks: inFrame(z.boolean().default(false)),
  },
} satisfies Feature<RulesEvent['type'], keyof typeof rulesCommands, RulesState, RulesTouch['kind']>;

function rulesView({ moderation, mayUnmute, keepsTracks }: FoldedState): RulesView {
  return { moderation, mayUnmute, tracks: keepsTracks };
}
