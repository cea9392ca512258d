import {
  LayoutName,
  type LoggedEvent,
  personCommands,
  type Role,
  RostrumError,
  type WebinarEvent,
} from '@rostrum/contracts';
import fc from 'fast-check';
import type { Caller, Decidable } from '../webinars/commands.ts';
import { decide } from '../webinars/decide.ts';
import { emptyState, type FoldedState, fold } from '../webinars/fold.ts';

/** A small cast, so that random commands meet each other. */
export const CAST: readonly Caller[] = [
  { personId: 'host-1', name: 'Hana', role: 'host' },
  { personId: 'moderator-1', name: 'Mo', role: 'moderator' },
  { personId: 'panelist-1', name: 'Pia', role: 'panelist' },
  { personId: 'panelist-2', name: 'Pete', role: 'panelist' },
  { personId: 'attendee-1', name: 'Ada', role: 'attendee' },
  { personId: 'attendee-2', name: 'Ben', role: 'attendee' },
  { personId: 'attendee-3', name: 'Cy', role: 'attendee' },
];

const person = fc.constantFrom(...CAST.map((c) => c.personId));
const attendee = fc.constantFrom(...CAST.filter((c) => c.role === 'attendee').map((c) => c.personId));
const questionId = fc.constantFrom('question-1', 'question-2', 'question-3', 'question-4');
const markId = fc.constantFrom('mark-1', 'mark-2', 'mark-3');
const messageId = fc.constantFrom('message-1', 'message-2', 'message-3');
const nobody = fc.constant({});

const inputs = {
  'webinar:end': nobody,
  'doors:close': nobody,
  'doors:rule': fc.record(
    {
      bed: fc.boolean(),
      openMinutes: fc.constantFrom(null, 0, 10),
      untilUnixMs: fc.constantFrom(null, 1_800_000_000_000),
    },
    { requiredKeys: [] },
  ),
  'air:set': fc.record({ personId: person, onAir: fc.boolean() }),
  'scene:update': fc.record(
    {
      layout: fc.constantFrom(...LayoutName.options),
      focus: fc.option(person),
      screen: fc.option(person),
      nameCards: fc.boolean(),
      lowerThird: fc.option(fc.record({ title: fc.constantFrom('A', 'B'), subtitle: fc.constant('') })),
      slide: fc.option(
        fc.record({
          kind: fc.constant('holding' as const),
          title: fc.constant('S'),
          subtitle: fc.constant(''),
        }),
      ),
    },
    { requiredKeys: [] },
  ),
  'direction:set': fc.record({ direction: fc.constantFrom('automatic' as const, 'manual' as const) }),
  'person:mute': fc.record({ personId: person }),
  'person:unmute': fc.record({ personId: person }),
  'person:unmuteSelf': nobody,
  'unmuting:set': fc.record({ mayUnmute: fc.boolean() }),
  'tracks:set': fc.record({ record: fc.boolean() }),
  'consent:answer': fc.record({
    to: fc.constantFrom('recording' as const, 'tracks' as const),
    given: fc.boolean(),
    textVersion: fc.constantFrom(1, 2),
    erase: fc.boolean(),
  }),
  'person:sendOut': fc.record({ personId: person }),
  'person:remove': fc.record({ personId: person }),
  'question:ask': fc.record({ questionId, text: fc.constantFrom('Why?', 'How?') }),
  'question:vote': fc.record({ questionId, vote: fc.boolean() }),
  'question:answerLive': fc.record({ questionId }),
  'question:answer': fc.record({ questionId, answer: fc.constantFrom(null, 'So.', '') }),
  'moderation:set': fc.record({ moderation: fc.constantFrom('open' as const, 'moderated' as const) }),
  'question:approve': fc.record({ questionId }),
  'question:dismiss': fc.record({ questionId }),
  'hand:raise': nobody,
  'hand:lower': nobody,
  'hand:accept': fc.record({ personId: attendee }),
  'hand:decline': fc.record({ personId: attendee }),
  'guest:return': fc.record({ personId: attendee }),
  'guest:leave': nobody,
  'recording:mark': fc.record({ markId, title: fc.constantFrom('M', 'N') }),
  'recording:renameMark': fc.record({ markId, title: fc.constantFrom('M', 'N') }),
  'recording:removeMark': fc.record({ markId }),
  'recording:setCuts': fc.record({
    cuts: fc.array(
      fc.record({
        fromUnixMs: fc.constantFrom(1_800_000_000_000, 1_800_000_100_000),
        toUnixMs: fc.constantFrom(1_800_000_200_000, 1_800_000_300_000),
      }),
      { maxLength: 3 },
    ),
  }),
  'recording:publish': fc.record({ published: fc.boolean() }),
  'recording:wantDownloads': fc.record({ renditions: fc.uniqueArray(fc.constantFrom('hi', 'lo')) }),
  'backstage:say': fc.record({ messageId, text: fc.constantFrom('Ready?', 'Yes.') }),
  'backstage:order': fc.record({ personIds: fc.array(person, { maxLength: 3 }) }),
  'backstage:countdown': fc.record({ airsAtUnixMs: fc.constantFrom(null, 1_800_000_060_000) }),
  'backstage:close': nobody,
  'backstage:unsay': fc.record({ messageId }),
};

/** Between two events: long enough for some of what happens to last. */
const STEP_MS = 7000;

export interface Step {
  readonly caller: Caller;
  readonly command: Decidable;
}

const steps = [
  ...Object.entries(inputs).map(([name, input]) => {
    const { roles } = personCommands[name as keyof typeof inputs];
    const callers = CAST.filter((c) => (roles as readonly Role[]).includes(c.role));
    return {
      // The end comes rarely, since little happens after it.
      weight:
        name === 'webinar:end' || name === 'person:remove' || name === 'person:sendOut'
          ? 1
          : name.startsWith('question')
            ? 8
            : 5,
      arbitrary: fc.record({
        caller: fc.constantFrom(...callers),
        command: input.map((value: unknown) => ({ name, input: value }) as Decidable),
      }),
    };
  }),
  ...(['webinar:goLive', 'doors:open'] as const).map((name) => ({
    weight: 2,
    arbitrary: fc.constant<Step>({
      caller: { personId: 'host-1', name: 'Hana', role: 'host' },
      command: { name, channel: { channelId: 'channel-1', originUrl: 'http://localhost:8080' } },
    }),
  })),
];

/** Commands by people who may give them. */
export const arbitrarySteps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(...steps), {
  maxLength: 60,
  size: 'max',
});

/** Runs commands from a webinar whose stage is admitted; answers every event with the state it led to. */
export function play(script: readonly Step[]): {
  readonly start: FoldedState;
  readonly history: readonly { readonly logged: LoggedEvent; readonly state: FoldedState }[];
} {
  let state = emptyState('webinar-1');
  const history: { logged: LoggedEvent; state: FoldedState }[] = [];
  const append = (event: WebinarEvent): void => {
    const logged = { seq: state.seq + 1, atUnixMs: 1_800_000_000_000 + state.seq * STEP_MS, event };
    state = fold(state, logged);
    history.push({ logged, state });
  };
  append({ type: 'webinar.created', title: 'A webinar', startsAtUnixMs: null, profile: 'standard' });
  for (const { personId, name, role } of CAST) {
    if (role !== 'attendee') append({ type: 'person.admitted', personId, name, role });
  }
  const start = state;
  history.length = 0;
  for (const { caller, command } of script) {
    for (const event of decided(state, command, caller)) append(event);
  }
  return { start, history };
}

/** The events of a command; none when it is refused. */
export function decided(state: FoldedState, command: Decidable, caller: Caller): readonly WebinarEvent[] {
  try {
    return decide(state, command, caller);
  } catch (error) {
    if (error instanceof RostrumError) return [];
    throw error;
  }
}
