import { RostrumError, SENT_OUT_MS, type WebinarEvent } from '@rostrum/contracts';
import fc from 'fast-check';
import { arbitrarySteps, CAST, decided, play, type Step } from '../../../testing/arbitrary-history.ts';
import type { Caller, Decidable } from '../../commands.ts';
import { decide } from '../../decide.ts';
import { type FoldedState, fold } from '../../fold.ts';
import { project } from '../../project.ts';
import { isSentOut, mayBeHeard } from './standing.ts';

const [host, moderator, pia] = CAST as [Caller, Caller, Caller];
const ada: Caller = { personId: 'attendee-1', name: 'Ada', role: 'attendee' };
const ben: Caller = { personId: 'attendee-2', name: 'Ben', role: 'attendee' };

const after = (...steps: [Caller, Decidable][]): FoldedState => {
  const { start, history } = play(steps.map(([caller, command]): Step => ({ caller, command })));
  return history.at(-1)?.state ?? start;
};
const then = (state: FoldedState, events: readonly WebinarEvent[]): FoldedState =>
  events.reduce((now, event) => fold(now, { seq: now.seq + 1, atUnixMs: 1_800_000_000_000, event }), state);
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'ok';
  } catch (error) {
    return error instanceof RostrumError ? error.code : String(error);
  }
};

const agree: Decidable = {
  name: 'consent:answer',
  input: { to: 'recording', given: true, textVersion: 1, erase: false },
};
const mute = (personId: string): Decidable => ({ name: 'person:mute', input: { personId } });
const unmute = (personId: string): Decidable => ({ name: 'person:unmute', input: { personId } });
const unmuteSelf: Decidable = { name: 'person:unmuteSelf', input: {} };
const mayUnmute = (may: boolean): Decidable => ({ name: 'unmuting:set', input: { mayUnmute: may } });
const raise: Decidable = { name: 'hand:raise', input: {} };
const accept = (personId: string): Decidable => ({ name: 'hand:accept', input: { personId } });
const ask = (questionId: string): Decidable => ({
  name: 'question:ask',
  input: { questionId, text: 'Why?' },
});
const dismiss = (questionId: string): Decidable => ({ name: 'question:dismiss', input: { questionId } });
const sendOut = (personId: string): Decidable => ({ name: 'person:sendOut', input: { personId } });
const remove = (personId: string): Decidable => ({ name: 'person:remove', input: { personId } });

describe('who was muted by the crew', () => {
  test('is not heard until that is lifted, and sees by whom', () => {
    const muted = after([host, mute(pia.personId)]);
    expect(mayBeHeard(muted, pia.personId)).toBe(false);
    expect(mayBeHeard(muted, host.personId)).toBe(true);
    expect(project(muted, pia, null).self.muted).toEqual({ byName: 'Hana', asked: false });
    expect(project(muted, moderator, null).people.find((p) => p.personId === pia.personId)?.muted).toBe(true);
    const lifted = then(muted, decide(muted, unmute(pia.personId), moderator));
    expect(mayBeHeard(lifted, pia.personId)).toBe(true);
    expect(project(lifted, pia, null).self.muted).toBeNull();
  });

  test('may lift it where the webinar lets them, and the crew always may', () => {
    const free = after([host, mute(pia.personId)]);
    expect(decide(free, unmuteSelf, pia)).toMatchObject([
      { type: 'person.unmuted', personId: pia.personId, byPersonId: pia.personId, byName: 'Pia' },
    ]);
    const strict = after(
      [host, mayUnmute(false)],
      [host, mute(pia.personId)],
      [host, mute(moderator.personId)],
    );
    expect(codeOf(() => decide(strict, unmuteSelf, pia))).toBe('muted');
    expect(decide(strict, unmuteSelf, moderator)).toHaveLength(1);
    expect(project(strict, pia, null).rules.mayUnmute).toBe(false);
  });

  test('asks by raising a hand, which the crew accepts by lifting it; it makes nobody a guest', () => {
    const asked = after([host, mayUnmute(false)], [host, mute(pia.personId)], [pia, raise]);
    expect(project(asked, pia, null).self.muted).toEqual({ byName: 'Hana', asked: true });
    expect(project(asked, host, null).hands.map((h) => h.personId)).toEqual([pia.personId]);
    const heard = then(asked, decide(asked, accept(pia.personId), host));
    expect(project(heard, pia, null).self).toMatchObject({ guest: false, hand: 'down', muted: null });
    expect(heard.hands).toEqual([]);
    expect(decide(heard, raise, pia)).toEqual([]);
  });

  test('a guest does so too, and goes back to the audience without that hand', () => {
    const asked = after(
      [ada, raise],
      [host, accept(ada.personId)],
      [host, mute(ada.personId)],
      [ada, raise],
      [ada, { name: 'guest:leave', input: {} }],
    );
    expect(asked.hands).toEqual([]);
    expect(project(asked, ada, null).self).toMatchObject({ guest: false, hand: 'down', muted: null });
  });

  test('is heard after no other command than those that lift it', () => {
    fc.assert(
      fc.property(arbitrarySteps, (script) => {
        let { start: state } = play([]);
        for (const { caller, command } of script) {
          const before = state;
          for (const event of decided(state, command, caller)) {
            state = fold(state, { seq: state.seq + 1, atUnixMs: 1, event });
          }
          for (const { personId } of before.people.values()) {
            if (mayBeHeard(before, personId) || !mayBeHeard(state, personId)) continue;
            // A guest who went back is on no stage, and comes again when the crew takes them.
            const left = !state.people.get(personId);
            const lifts = ['person:unmute', 'person:unmuteSelf', 'hand:accept'].includes(command.name);
            expect([command.name, left || lifts]).toEqual([command.name, true]);
            if (command.name === 'person:unmuteSelf') {
              expect(before.mayUnmute || caller.role !== 'panelist').toBe(true);
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('who is sent out', () => {
  test('is out for a while, with hand and place on the stage, and their questions stay', () => {
    const state = after([ada, ask('question-1')], [ada, raise], [moderator, sendOut(ada.personId)]);
    const person = state.people.get(ada.personId);
    expect(person?.sentOutUnixMs).not.toBeNull();
    const sinceUnixMs = person?.sentOutUnixMs ?? 0;
    expect(isSentOut(person, sinceUnixMs + SENT_OUT_MS - 1)).toBe(true);
    expect(isSentOut(person, sinceUnixMs + SENT_OUT_MS)).toBe(false);
    expect(state.hands).toEqual([]);
    expect(state.questions.get('question-1')?.status).toBe('new');
    const back = then(state, [{ type: 'person.cameBack', personId: ada.personId }]);
    expect(decide(back, sendOut(ada.personId), host)).toHaveLength(1);
  });

  test('leaves the air; nobody sends out themselves, nor a moderator a host', () => {
    const state = after(
      [ada, raise],
      [host, accept(ada.personId)],
      [ada, agree],
      [host, { name: 'air:set', input: { personId: ada.personId, onAir: true } }],
      [host, sendOut(ada.personId)],
    );
    expect(state.scene.onAir).toEqual([]);
    expect(state.people.get(ada.personId)).toMatchObject({ guest: false, removed: false });
    expect(codeOf(() => decide(state, sendOut(host.personId), moderator))).toBe('forbidden');
    expect(codeOf(() => decide(state, sendOut(host.personId), host))).toBe('conflict');
    expect(codeOf(() => decide(state, sendOut('nobody-here'), host))).toBe('not-found');
  });
});

test('who is removed takes their open questions and their hand with them; what was answered stays', () => {
  const state = after(
    [ada, ask('question-1')],
    [ada, ask('question-2')],
    [host, { name: 'question:answer', input: { questionId: 'question-2', answer: 'So.' } }],
    [ben, ask('question-3')],
    [ada, raise],
    [moderator, remove(ada.personId)],
  );
  expect(Object.fromEntries([...state.questions].map(([id, q]) => [id, q.status]))).toEqual({
    'question-1': 'dismissed',
    'question-2': 'answered',
    'question-3': 'new',
  });
  expect(state.hands).toEqual([]);
  expect(state.people.get(ada.personId)).toMatchObject({ name: 'Ada', role: 'attendee', removed: true });
});

test('somebody who was made a link and never came is removed as what the link says', () => {
  const made = then(after(), [
    {
      type: 'link.made',
      linkId: 'link-1',
      personId: 'panelist-9',
      name: 'Pat',
      role: 'panelist',
      expiresUnixMs: 1,
    },
  ]);
  expect(then(made, decide(made, remove('panelist-9'), host)).people.get('panelist-9')).toMatchObject({
    name: 'Pat',
    role: 'panelist',
    removed: true,
  });
});

describe('in a moderated webinar', () => {
  const moderated: [Caller, Decidable] = [
    host,
    { name: 'moderation:set', input: { moderation: 'moderated' } },
  ];
  const approve = (questionId: string): Decidable => ({ name: 'question:approve', input: { questionId } });
  const seen = (state: FoldedState, viewer: Caller) =>
    project(state, viewer, null).questions.map((q) => [q.questionId, q.status]);

  test('a question is seen by its author and the crew alone until it is approved', () => {
    const held = after(
      [ada, ask('question-1')],
      moderated,
      [ada, ask('question-2')],
      [pia, ask('question-3')],
    );
    const open = [
      ['question-1', 'new'],
      ['question-3', 'new'],
    ];
    const all = [open[0], ['question-2', 'held'], open[1]];
    expect([ada, host, moderator].map((viewer) => seen(held, viewer))).toEqual([all, all, all]);
    expect([ben, pia].map((viewer) => seen(held, viewer))).toEqual([open, open]);
    expect(project(held, host, null).rules.moderation).toBe('moderated');
    const approved = then(held, decide(held, approve('question-2'), moderator));
    expect(seen(approved, ben)).toHaveLength(3);
    expect(decide(approved, approve('question-2'), host)).toEqual([]);
  });

  test('nobody votes for one that waits, nor is told that it is there; answering it is approving it', () => {
    const held = after(moderated, [ada, ask('question-1')]);
    const vote: Decidable = { name: 'question:vote', input: { questionId: 'question-1', vote: true } };
    expect(codeOf(() => decide(held, vote, ben))).toBe('not-found');
    expect(codeOf(() => decide(held, vote, ada))).toBe('conflict');
    expect(codeOf(() => decide(held, vote, host))).toBe('conflict');
    const live = then(
      held,
      decide(held, { name: 'question:answerLive', input: { questionId: 'question-1' } }, host),
    );
    expect(seen(live, ben)).toEqual([['question-1', 'answering']]);
    expect(then(live, [{ type: 'question.approved', questionId: 'question-1' }]).questions).toEqual(
      live.questions,
    );
  });

  test('one that is dismissed was never seen, and opening the webinar shows none that waits', () => {
    const state = after(
      moderated,
      [ada, ask('question-1')],
      [ada, ask('question-2')],
      [host, dismiss('question-1')],
      [host, { name: 'moderation:set', input: { moderation: 'open' } }],
      [ada, ask('question-3')],
    );
    expect(seen(state, ben)).toEqual([['question-3', 'new']]);
    expect(codeOf(() => decide(state, approve('question-1'), host))).toBe('conflict');
    expect(seen(state, host).map(([, status]) => status)).toEqual(['dismissed', 'held', 'new']);
  });

  test('nobody but the crew and its author is ever told of a question that waits', () => {
    fc.assert(
      fc.property(arbitrarySteps, (script) => {
        for (const { state } of play([{ caller: moderated[0], command: moderated[1] }, ...script]).history) {
          for (const viewer of CAST.filter(({ role }) => role === 'panelist' || role === 'attendee')) {
            for (const q of project(state, viewer, null).questions) {
              if (q.status === 'held') expect(q.mine).toBe(true);
              expect(q.personId).toBeNull();
            }
          }
        }
      }),
      { numRuns: 80 },
    );
  });
});

test('a question carries the role of who asked it, which no name gives', () => {
  const state = after([host, ask('question-1')], [ada, ask('question-2')], [pia, ask('question-3')]);
  expect(project(state, ben, null).questions.map((q) => q.role)).toEqual(['host', 'attendee', 'panelist']);
  expect(project(state, host, null).questions.map((q) => q.personId)).toEqual([
    host.personId,
    ada.personId,
    pia.personId,
  ]);
});
