import {
  applyDelta,
  type LoggedEvent,
  RostrumError,
  type ViewDelta,
  WebinarEvent,
  WebinarView,
} from '@rostrum/contracts';
import fc from 'fast-check';
import { arbitrarySteps, CAST, decided, play, type Step } from '../testing/arbitrary-history.ts';
import type { Caller, Decidable } from './commands.ts';
import { decide } from './decide.ts';
import { LIMITS } from './features/limits.ts';
import { Draft, emptyState, type FoldedState, fold, foldAll } from './fold.ts';
import {
  classOf,
  concernedBy,
  deltasFor,
  deltasOf,
  mergeTouches,
  phaseView,
  project,
  VIEWER_CLASSES,
} from './project.ts';
import { SnapshotReader, writeSnapshot } from './snapshot.ts';

const ORIGIN = 'http://localhost:8080';
/**
 * Views order people and questions as they came; a reconnected client, or one who saw a question when it was approved, may
 * have them in another order, which pages sort anyway.
 */
const sorted = (view: WebinarView): WebinarView => ({
  ...view,
  questions: view.questions.toSorted((a, b) => a.questionId.localeCompare(b.questionId)),
  people: view.people.toSorted((a, b) => a.personId.localeCompare(b.personId)),
});
const applyAll = (view: WebinarView, deltas: readonly ViewDelta[]): WebinarView =>
  deltas.reduce(applyDelta, view);

const host: Caller = { personId: 'host-1', name: 'Hana', role: 'host' };
const ada: Caller = { personId: 'attendee-1', name: 'Ada', role: 'attendee' };
const ben: Caller = { personId: 'attendee-2', name: 'Ben', role: 'attendee' };
const after = (...steps: [Caller, Decidable][]): FoldedState => {
  const { start, history } = play(steps.map(([caller, command]): Step => ({ caller, command })));
  return history.at(-1)?.state ?? start;
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof RostrumError) return error.code;
    throw error;
  }
  return 'no error';
};

describe('views', () => {
  test('folding the deltas of every event gives what projecting the last state gives, for everyone', () => {
    fc.assert(
      fc.property(arbitrarySteps, (script) => {
        const { start, history } = play(script);
        for (const viewer of CAST) {
          let view = project(start, viewer, null);
          for (const { logged, state } of history) {
            view = applyAll(view, deltasFor(logged.event, state, viewer, null));
            expect(sorted(view)).toEqual(sorted(project(state, viewer, null)));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('the same holds for deltas of many events at once, as after a lost connection', () => {
    fc.assert(
      fc.property(
        arbitrarySteps,
        fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 20 }),
        (script, cuts) => {
          const { start, history } = play(script);
          for (const viewer of CAST) {
            let view = project(start, viewer, ORIGIN);
            let at = 0;
            for (const size of [...cuts, history.length]) {
              const window = history.slice(at, at + size);
              const last = window.at(-1);
              if (!last) break;
              at += window.length;
              const touches = mergeTouches(window.map((h) => h.logged.event));
              const deltas = deltasOf(touches, last.state, viewer, ORIGIN);
              view = applyAll(view, deltas);
              expect(sorted(view)).toEqual(sorted(project(last.state, viewer, ORIGIN)));
              // What reaches a client twice, once in its snapshot and once as deltas, does no harm.
              expect(sorted(applyAll(view, deltas))).toEqual(sorted(view));
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('whoever is not concerned gets exactly what the class gets', () => {
    fc.assert(
      fc.property(arbitrarySteps, (script) => {
        for (const { logged, state } of play(script).history) {
          const touches = mergeTouches([logged.event]);
          const concerned = concernedBy(touches, state);
          for (const viewer of CAST.filter((c) => !concerned.has(c.personId))) {
            expect(deltasOf(touches, state, viewer, null)).toEqual(
              deltasOf(touches, state, classOf(state, viewer), null),
            );
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('every view and every delta is of the shape the contract gives', () => {
    fc.assert(
      fc.property(arbitrarySteps, (script) => {
        for (const { state } of play(script).history.slice(-3)) {
          for (const viewer of CAST) WebinarView.parse(project(state, viewer, ORIGIN));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('the audience sees neither dismissed questions, nor hands, nor people, nor the scene', () => {
    const ask = (questionId: string): Decidable => ({
      name: 'question:ask',
      input: { questionId, text: 'Why?' },
    });
    const state = after(
      [ada, ask('question-1')],
      [ada, ask('question-2')],
      [ben, { name: 'hand:raise', input: {} }],
      [host, { name: 'question:dismiss', input: { questionId: 'question-1' } }],
    );
    const view = project(state, ben, null);
    expect(view.questions.map((q) => q.questionId)).toEqual(['question-2']);
    expect([view.people, view.hands, view.scene, view.direction]).toEqual([[], [], null, null]);
    expect(view.self.hand).toBe('raised');
    expect(project(state, ada, null).questions).toMatchObject([
      { questionId: 'question-1', status: 'dismissed', mine: true },
      { questionId: 'question-2', status: 'new', mine: true },
    ]);
    expect(project(state, host, null).hands).toMatchObject([{ personId: 'attendee-2', name: 'Ben' }]);
  });

  test('a guest sees the stage for as long as they are one', () => {
    const accepted = after(
      [ada, { name: 'hand:raise', input: {} }],
      [host, { name: 'hand:accept', input: { personId: ada.personId } }],
    );
    expect(project(accepted, ada, null)).toMatchObject({
      self: { guest: true, hand: 'accepted' },
      scene: accepted.scene,
    });
    expect(project(accepted, ada, null).people.map((p) => p.personId)).toContain(ada.personId);
    const returned = foldAll(accepted, [
      { seq: accepted.seq + 1, atUnixMs: 1, event: { type: 'guest.returned', personId: ada.personId } },
    ]);
    expect(project(returned, ada, null)).toMatchObject({
      self: { guest: false, hand: 'down' },
      people: [],
      scene: null,
    });
  });

  test('addresses come from the origin that is connected, and from the log while none is', () => {
    const state = after([
      host,
      {
        name: 'webinar:goLive',
        channel: { channelId: 'channel-1', originUrl: 'https://old.example/base/' },
      },
    ]);
    expect(project(state, ada, null).phase).toMatchObject({
      playlistUrl: 'https://old.example/base/live/channel-1/multivariant.m3u8',
    });
    expect(project(state, ada, 'https://new.example').phase).toMatchObject({
      playlistUrl: 'https://new.example/live/channel-1/multivariant.m3u8',
    });
  });
});

describe('folding', () => {
  test('one by one and all at once lead to the same state, and leave the earlier ones as they were', () => {
    fc.assert(
      fc.property(arbitrarySteps, (script) => {
        const { start, history } = play(script);
        const log = history.map((h) => h.logged);
        let state = start;
        for (const logged of log) {
          const copy = structuredClone(state);
          const next = fold(state, logged);
          expect(state).toEqual(copy);
          state = next;
        }
        const copy = structuredClone(start);
        expect(foldAll(start, log)).toEqual(state);
        expect(start).toEqual(copy);
      }),
      { numRuns: 100 },
    );
  });

  test('events are of the shape of the contract, and survive their JSON', () => {
    fc.assert(
      fc.property(arbitrarySteps, (script) => {
        for (const { logged } of play(script).history) {
          expect(WebinarEvent.parse(JSON.parse(JSON.stringify(logged.event)))).toEqual(logged.event);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a hole in the log is an error, not a state', () => {
    const hole: LoggedEvent = { seq: 3, atUnixMs: 1, event: { type: 'webinar.ended' } };
    expect(() => fold(emptyState('webinar-1'), hole)).toThrow(
      'event 3 of webinar webinar-1 does not follow 0',
    );
  });

  test('ten thousand votes are folded without copying the voters for each', () => {
    const draft = new Draft(
      after([ada, { name: 'question:ask', input: { questionId: 'question-1', text: 'Why?' } }]),
    );
    const base = draft.state.seq;
    const voters = new Set<unknown>();
    for (let i = 0; i < 10_000; i += 1) {
      draft.apply({
        seq: base + 1 + i,
        atUnixMs: 1,
        event: { type: 'question.upvoted', questionId: 'question-1', personId: `person-${i}` },
      });
      voters.add(draft.state.questions.get('question-1')?.voters);
    }
    expect(voters.size).toBe(1);
    expect(draft.state.questions.get('question-1')?.voters.size).toBe(10_000);
  });
});

describe('decisions', () => {
  test('repeating a command changes nothing', () => {
    fc.assert(
      fc.property(arbitrarySteps, (script) => {
        let { start: state } = play([]);
        for (const { caller, command } of script) {
          const append = (events: readonly WebinarEvent[]) => {
            for (const event of events) state = fold(state, { seq: state.seq + 1, atUnixMs: 1, event });
          };
          append(decided(state, command, caller));
          expect(decided(state, command, caller)).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('nobody is on air twice, or is on air, large or shared without being on the stage', () => {
    fc.assert(
      fc.property(arbitrarySteps, (script) => {
        for (const { state } of play(script).history) {
          const ids = state.scene.onAir.map((p) => p.personId);
          expect(new Set(ids).size).toBe(ids.length);
          if (state.phase.phase !== 'ended') {
            for (const id of ids) expect(state.people.get(id)?.removed).toBe(false);
          }
          for (const id of [state.scene.focus, state.scene.screen]) if (id) expect(ids).toContain(id);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a webinar that ended does not go live again, and takes no questions, votes or hands', () => {
    const ended = after(
      [ada, { name: 'question:ask', input: { questionId: 'question-1', text: 'Why?' } }],
      [host, { name: 'webinar:end', input: {} }],
    );
    const channel = { channelId: 'channel-1', originUrl: ORIGIN };
    expect(codeOf(() => decide(ended, { name: 'webinar:goLive', channel }, host))).toBe('conflict');
    expect(
      codeOf(() =>
        decide(ended, { name: 'question:vote', input: { questionId: 'question-1', vote: true } }, ben),
      ),
    ).toBe('conflict');
    expect(codeOf(() => decide(ended, { name: 'hand:raise', input: {} }, ada))).toBe('conflict');
    expect(
      decide(ended, { name: 'question:answer', input: { questionId: 'question-1', answer: 'So.' } }, host),
    ).toHaveLength(1);
  });

  test('an end says whether there will be word of a recording, and the word is kept', () => {
    const channel = { channelId: 'channel-1', originUrl: ORIGIN };
    const live = after([host, { name: 'webinar:goLive', channel }]);
    const end: Decidable = { name: 'webinar:end', input: {} };
    expect(decide(after(), end, host)).toEqual([{ type: 'webinar.ended', recording: 'none' }]);
    expect(decide(live, end, host)).toEqual([{ type: 'webinar.ended', recording: 'pending' }]);
    const next = (state: FoldedState, event: WebinarEvent): FoldedState =>
      fold(state, { seq: state.seq + 1, atUnixMs: 1_800_000_000_000, event });
    const ended = next(live, { type: 'webinar.ended', recording: 'pending' });
    const told = (state: FoldedState) => {
      const view = phaseView(state, null);
      return view.phase === 'ended' ? [view.recording, view.recordingUrl !== null] : null;
    };
    expect(told(ended)).toEqual(['pending', false]);
    expect(told(next(ended, { type: 'webinar.recordingSettled', recorded: true }))).toEqual(['ready', true]);
    expect(told(next(ended, { type: 'webinar.recordingSettled', recorded: false }))).toEqual(['none', false]);
    // A log from before there was such word.
    expect(told(next(live, { type: 'webinar.ended' }))).toEqual(['ready', true]);
    expect(told(next(after(), { type: 'webinar.ended' }))).toEqual(['none', false]);
  });

  test('a longer part of the recording takes the place of who was named before, also in a state that was kept', () => {
    const channel = { channelId: 'channel-1', originUrl: ORIGIN };
    let state = after([host, { name: 'webinar:goLive', channel }]);
    const by = (nodeId: string, durationMs: number) => ({ nodeId, originUrl: ORIGIN, durationMs });
    for (const event of [
      { type: 'webinar.ended', recording: 'pending' },
      { type: 'webinar.recordingSettled', recorded: true, by: by('caster-1', 1000) },
      { type: 'webinar.recordingSettled', recorded: true, by: by('caster-2', 2000) },
    ] satisfies WebinarEvent[]) {
      state = fold(state, { seq: state.seq + 1, atUnixMs: 1_800_000_000_000, event });
    }
    const reader = new SnapshotReader(state.webinarId, state.seq);
    for (const part of writeSnapshot(state)) reader.add(part);
    for (const { phase } of [state, reader.state()]) {
      expect(phase).toMatchObject({ recording: 'ready', recordedBy: by('caster-2', 2000) });
    }
  });

  test('the id of somebody else’s question is refused, one’s own is the same question', () => {
    const ask: Decidable = { name: 'question:ask', input: { questionId: 'question-1', text: 'Why?' } };
    const state = after([ada, ask]);
    expect(decide(state, ask, ada)).toEqual([]);
    expect(codeOf(() => decide(state, ask, ben))).toBe('conflict');
  });

  test('one person asks no more than their share', () => {
    const script = Array.from({ length: LIMITS.questionsPerPerson }, (_, i): [Caller, Decidable] => [
      ada,
      { name: 'question:ask', input: { questionId: `question-${i}`, text: 'Why?' } },
    ]);
    const more: Decidable = { name: 'question:ask', input: { questionId: 'one-more', text: 'Why?' } };
    expect(codeOf(() => decide(after(...script), more, ada))).toBe('limit-reached');
    expect(decide(after(...script), more, ben)).toHaveLength(1);
  });

  test('a thirteenth person is not taken on air', () => {
    let state = after();
    const admit = (event: WebinarEvent) => {
      state = fold(state, { seq: state.seq + 1, atUnixMs: 1, event });
    };
    for (let i = 0; i < 13; i += 1) {
      const personId = `speaker-${i}`;
      admit({ type: 'person.admitted', personId, name: `S${i}`, role: 'panelist' });
      admit({ type: 'consent.given', personId, to: 'recording', textVersion: 1 });
    }
    const air = (i: number): Decidable => ({
      name: 'air:set',
      input: { personId: `speaker-${i}`, onAir: true },
    });
    for (let i = 0; i < 12; i += 1) for (const event of decide(state, air(i), host)) admit(event);
    expect(codeOf(() => decide(state, air(12), host))).toBe('limit-reached');
  });

  test('a removed guest leaves the air with the large picture and the shared screen', () => {
    const state = after(
      [ada, { name: 'hand:raise', input: {} }],
      [host, { name: 'hand:accept', input: { personId: ada.personId } }],
      [
        ada,
        { name: 'consent:answer', input: { to: 'recording', given: true, textVersion: 1, erase: false } },
      ],
      [host, { name: 'air:set', input: { personId: ada.personId, onAir: true } }],
      [host, { name: 'scene:update', input: { focus: ada.personId, screen: ada.personId } }],
      [host, { name: 'person:remove', input: { personId: ada.personId } }],
    );
    expect(state.scene).toMatchObject({ onAir: [], focus: null, screen: null });
    expect(state.people.get(ada.personId)).toMatchObject({ removed: true, guest: false });
  });

  test('a moderator removes no host, and nobody removes themselves', () => {
    const state = after();
    const moderator: Caller = { personId: 'moderator-1', name: 'Mo', role: 'moderator' };
    const remove = (personId: string): Decidable => ({ name: 'person:remove', input: { personId } });
    expect(codeOf(() => decide(state, remove('host-1'), moderator))).toBe('forbidden');
    expect(codeOf(() => decide(state, remove('host-1'), host))).toBe('conflict');
    expect(codeOf(() => decide(state, remove('nobody-here'), host))).toBe('not-found');
  });
});

test('the three classes of viewers are those the views are made for', () => {
  expect(new Set(CAST.map((c) => classOf(play([]).start, c)))).toEqual(new Set(VIEWER_CLASSES));
});
