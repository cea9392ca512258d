/** What crew and panelists have among themselves. Guests from the audience see none of it: it may be about them. */
import {
  BACKSTAGE_MESSAGES_MAX,
  type BackstageEvent,
  BackstageMessage,
  type BackstageState,
  type BackstageView,
  type backstageCommands,
  Id,
  KeptBackstageText,
  KeptName,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { DraftState } from '../draft-state.ts';
import type { Feature } from '../feature.ts';
import type { Look } from '../look.ts';
import { AT_ONCE, chunks, inFrame, inParts, readPart } from '../parts.ts';
import type { FoldedState } from '../state.ts';
import { close, countDown, order, say, unsay } from './decide.ts';

export type BackstageTouch =
  | { readonly kind: 'backstageMessage'; readonly messageId: string }
  /** All but the messages. */
  | { readonly kind: 'backstage' };

const MessagePart = BackstageMessage.extend({
  name: KeptName,
  text: KeptBackstageText,
  saidUnixMs: z.number(),
});
const Messages = z.object({ kind: z.literal('backstageMessages'), messages: z.array(MessagePart) });

const touched = ({ messageId }: { readonly messageId: string }): BackstageTouch[] => [
  { kind: 'backstageMessage', messageId },
];

const planned = (): BackstageTouch[] => [{ kind: 'backstage' }];

export const backstage = {
  empty: {
    backstageMessages: new Map<string, BackstageMessage>(),
    backstageUnsaid: [],
    backstageSaid: 0,
    runningOrder: [],
    airsAtUnixMs: null,
    backstageClosed: false,
  },
  decide: {
    'backstage:say': (state, { input }, caller) => say(state, input, caller),
    'backstage:unsay': (state, { input }) => unsay(state, input.messageId),
    'backstage:order': (state, { input }) => order(state, input.personIds),
    'backstage:countdown': (state, { input }) => countDown(state, input.airsAtUnixMs),
    'backstage:close': (state) => close(state),
  },
  toggled: {
    'backstage:order': () => 'running order',
    'backstage:countdown': () => 'countdown',
  },
  apply: {
    'backstage.said': (draft, { type: _, ...message }, { atUnixMs }) => {
      addMessage(draft, { ...message, saidUnixMs: atUnixMs });
      draft.now.backstageSaid += 1;
    },
    'backstage.unsaid': (draft, { messageId }) => {
      const messages = draft.ownMap(draft.now.backstageMessages);
      messages.delete(messageId);
      draft.now.backstageMessages = messages;
      draft.now.backstageUnsaid = [...draft.now.backstageUnsaid, messageId].slice(-BACKSTAGE_MESSAGES_MAX);
    },
    'backstage.ordered': ({ now }, { personIds }) => {
      now.runningOrder = personIds;
    },
    'backstage.countdownSet': ({ now }, { airsAtUnixMs }) => {
      now.airsAtUnixMs = airsAtUnixMs;
    },
    'backstage.closed': ({ now }) => {
      now.backstageClosed = true;
    },
  },
  touches: {
    'backstage.said': touched,
    'backstage.unsaid': touched,
    'backstage.ordered': planned,
    'backstage.countdownSet': planned,
    'backstage.closed': planned,
  },
  deltas: {
    backstage: (_touch, look, deltas) => {
      if (isBackstage(look)) deltas.add('backstage', { type: 'backstage', ...planView(look.state) });
    },
    backstageMessage: ({ messageId }, look, deltas) => {
      if (!isBackstage(look)) return;
      const message = look.state.backstageMessages.get(messageId);
      deltas.add(
        `backstageMessage ${messageId}`,
        message ? { type: 'backstageMessage', message } : { type: 'backstageMessageGone', messageId },
      );
    },
  },
  // Guests are of the stage's class, and are told less.
  concerns: {
    backstageMessage: (_touch, state) => guestsOf(state),
    backstage: (_touch, state) => guestsOf(state),
  },
  view: (look) => ({ backstage: isBackstage(look) ? backstageView(look.state) : null }),
  kept: {
    backstageMessages: inParts(
      {
        backstageMessages: readPart(Messages, (draft, part) => {
          for (const message of part.messages) addMessage(draft, message);
        }),
      },
      function* (all: BackstageState['backstageMessages']): Generator<z.infer<typeof Messages>> {
        for (const messages of chunks(all.values(), AT_ONCE.backstageMessages)) {
          yield { kind: 'backstageMessages', messages };
        }
      },
    ),
    /** Absent in snapshots from before there was a backstage. */
    backstageUnsaid: inFrame(z.array(Id).default([])),
    backstageSaid: inFrame(z.int().nonnegative().default(0)),
    runningOrder: inFrame(z.array(Id).default([])),
    airsAtUnixMs: inFrame(z.number().nullable().default(null)),
    backstageClosed: inFrame(z.boolean().default(false)),
  },
} satisfies Feature<
  BackstageEvent['type'],
  keyof typeof backstageCommands,
  BackstageState,
  BackstageTouch['kind']
>;

/** Whether who looks is of the crew or a panelist. A class alone: whoever of it is nobody's guest. */
function isBackstage({ viewerClass, personId, state }: Look): boolean {
  if (viewerClass === 'audience') return false;
  return personId === null || !state.people.get(personId)?.guest;
}

function* guestsOf({ people }: FoldedState): Generator<string> {
  for (const { personId, guest } of people.values()) if (guest) yield personId;
}

function addMessage(draft: DraftState, message: BackstageMessage): void {
  const messages = draft.ownMap(draft.now.backstageMessages).set(message.messageId, message);
  const [oldest] = messages.keys();
  if (messages.size > BACKSTAGE_MESSAGES_MAX && oldest !== undefined) messages.delete(oldest);
  draft.now.backstageMessages = messages;
}

const backstageView = (state: FoldedState): BackstageView => ({
  messages: [...state.backstageMessages.values()],
  ...planView(state),
});

const planView = ({
  runningOrder,
  airsAtUnixMs,
  backstageClosed,
  phase,
}: FoldedState): Omit<BackstageView, 'messages'> => ({
  order: [...runningOrder],
  airsAtUnixMs,
  // Of what was given up nothing goes on.
  closed: backstageClosed || (phase.phase === 'ended' && phase.cancelled),
});

/** It is on air, or never will be. */
export function endCountdown({ now }: DraftState): void {
  now.airsAtUnixMs = null;
}
