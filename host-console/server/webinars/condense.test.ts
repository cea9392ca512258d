import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyDelta, type WebinarEvent } from '@rostrum/contracts';
import fc from 'fast-check';
import { pino } from 'pino';
import { systemClock } from '../ports.ts';
import { openStore, type Store } from '../store/index.ts';
import { arbitrarySteps, CAST, decided, play, type Step } from '../testing/arbitrary-history.ts';
import { WebinarActor } from './actor.ts';
import type { Caller } from './commands.ts';
import { condense, type Decided } from './condense.ts';
import { decide } from './decide.ts';
import { LIMITS } from './features/limits.ts';
import { type FoldedState, foldAll } from './fold.ts';
import { deltasOf, mergeTouches, project } from './project.ts';
import { TOGGLE_PAUSE_MS, Toggles } from './toggles.ts';

const numbered = (before: FoldedState, events: readonly Decided[]) =>
  events.map((event, i) => ({ seq: before.seq + 1 + i, ...event }));

/** What the steps decide one after the other, and the state that leads to. */
function decideAll(before: FoldedState, steps: readonly Step[]) {
  let state = before;
  const raw: Decided[] = [];
  for (const { caller, command } of steps) {
    for (const event of decided(state, command, caller)) {
      const atUnixMs = 1_900_000_000_000 + raw.length;
      raw.push({ atUnixMs, event });
      state = foldAll(state, [{ seq: state.seq + 1, atUnixMs, event }]);
    }
  }
  return { raw, state };
}

/** All but how often things were taken back, which only what is appended counts. */
/** Of what a commit left out the story of the recording knows nothing, and numbers are others. */
const essence = ({ seq: _, takenBack: __, edit, ...state }: FoldedState) => ({
  ...state,
  edit: { ...edit, revision: 0, story: [] },
});

describe('what is appended of events decided together', () => {
  test('leads to the same state and the same views, and is never more', () => {
    fc.assert(
      fc.property(arbitrarySteps, arbitrarySteps, (earlier, steps) => {
        const { start, history } = play(earlier);
        const before = history.at(-1)?.state ?? start;
        const { raw, state } = decideAll(before, steps);
        const condensed = condense(before, raw);
        expect(condensed.length).toBeLessThanOrEqual(raw.length);
        const after = foldAll(before, numbered(before, condensed));
        expect(essence(after)).toEqual(essence(state));
        const touches = mergeTouches(condensed.map(({ event }) => event));
        // Whoever changes sides is told everything up to there first, as in `room.ts`.
        const moved = touches.some(({ kind }) => kind === 'class');
        for (const viewer of moved ? [] : CAST) {
          const view = deltasOf(touches, after, viewer, null).reduce(
            applyDelta,
            project(before, viewer, null),
          );
          expect(view).toEqual(project(state, viewer, null));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('keeps votes on a question that gave way before it, and off the one that was asked anew under its id', () => {
    const [questionId, personId] = ['question-1', 'attendee-1'];
    const vote = { type: 'question.upvoted', questionId, personId } as const;
    const ask = {
      type: 'question.asked',
      questionId,
      personId: 'attendee-2',
      name: 'Ben',
      text: 'Q',
    } as const;
    const events: WebinarEvent[] = [
      ask,
      vote,
      { ...vote, personId: 'attendee-3' },
      { type: 'question.gaveWay', questionId },
      { ...ask, personId: 'attendee-3' },
    ];
    const raw = events.map((event) => ({ atUnixMs: 0, event }));
    const before = play([]).start;
    const after = foldAll(before, numbered(before, condense(before, raw)));
    expect(essence(after)).toEqual(essence(foldAll(before, numbered(before, raw))));
    expect(after.questions.get(questionId)?.voters.size).toBe(0);
  });

  test('is nothing where the end is as the beginning was, and one event for the votes of many', () => {
    const ask: Step = {
      caller: { personId: 'attendee-1', name: 'Ada', role: 'attendee' },
      command: { name: 'question:ask', input: { questionId: 'question-1', text: 'Why?' } },
    };
    const before = play([ask]).history.at(-1)?.state as FoldedState;
    const vote = (personId: string, up: boolean): Step => ({
      caller: { personId, name: 'N', role: 'attendee' },
      command: { name: 'question:vote', input: { questionId: 'question-1', vote: up } },
    });
    const back = [
      vote('person-1', true),
      vote('person-1', false),
      vote('person-1', true),
      vote('person-1', false),
    ];
    expect(condense(before, decideAll(before, back).raw)).toEqual([]);
    const many = [...back, vote('person-2', true), vote('person-3', true), vote('person-1', true)];
    expect(condense(before, decideAll(before, many).raw).map(({ event }) => event)).toEqual([
      {
        type: 'votes.counted',
        questions: [
          { questionId: 'question-1', upvoted: ['person-1', 'person-2', 'person-3'], withdrawn: [] },
        ],
      },
    ]);
  });
});

describe('things moved back and forth', () => {
  test('go through at once the first time, and together when a second has passed since', () => {
    const toggles = new Toggles<string>();
    expect(toggles.move('a', 'a1', 0)).toEqual(['a1']);
    expect(toggles.move('a', 'a2', 10)).toEqual([]);
    expect(toggles.move('b', 'b1', 20)).toEqual(['b1']);
    expect(toggles.move('a', 'a3', 900)).toEqual([]);
    expect(toggles.due(TOGGLE_PAUSE_MS - 1)).toEqual([]);
    // The one that comes after the pause does not overtake those that waited for it.
    expect(toggles.move('a', 'a4', TOGGLE_PAUSE_MS)).toEqual(['a2', 'a3']);
    expect(toggles.holding).toBe(true);
    expect(toggles.due(2 * TOGGLE_PAUSE_MS)).toEqual(['a4']);
    expect(toggles.move('b', 'b2', 2 * TOGGLE_PAUSE_MS)).toEqual(['b2']);
    expect(toggles.holding).toBe(false);
  });
});

describe('somebody who votes and withdraws for ever', () => {
  let dataDir: string;
  let store: Store;
  let actor: WebinarActor;
  let nowMs = 0;
  const logger = pino({ level: 'silent' });
  const ada: Caller = { personId: 'attendee-1', name: 'Ada', role: 'attendee' };
  const load = async (): Promise<WebinarActor> => {
    const loaded = await WebinarActor.load({
      webinarId: 'webinar-1',
      store,
      clock: { ...systemClock, nowMs: () => nowMs },
      logger,
      events: { committed: () => undefined, fenced: () => undefined },
    });
    if (!loaded) throw new Error('no webinar');
    return loaded;
  };

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'rostrum-toggle-'));
    store = await openStore({ dataDir, databaseUrl: null }, logger);
    const created = {
      type: 'webinar.created',
      title: 'T',
      startsAtUnixMs: null,
      profile: 'standard',
    } as const;
    await store.events.create('webinar-1', { atUnixMs: 1, event: created });
    actor = await load();
    await actor.submit(() => [
      { type: 'question.asked', questionId: 'question-1', personId: 'person-1', name: 'P', text: 'Why?' },
    ]);
  });
  afterEach(async () => {
    await actor.settled();
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const vote = (up: boolean) =>
    actor.submit(
      (state): readonly WebinarEvent[] =>
        decide(state, { name: 'question:vote', input: { questionId: 'question-1', vote: up } }, ada),
      'vote question-1 attendee-1',
    );

  test('makes the log no longer within a second, however often, and what was acknowledged last is what is kept', async () => {
    await vote(true);
    const { seq } = actor.state;
    const answers = Array.from({ length: 101 }, (_, i) => vote(i % 2 === 1));
    expect(actor.idle).toBe(false);
    await actor.settled();
    for (const state of await Promise.all(answers)) {
      expect(state.questions.get('question-1')?.voters.has('attendee-1')).toBe(false);
    }
    expect(actor.state.seq).toBe(seq + 1);
    actor = await load();
    expect(actor.state.questions.get('question-1')?.voters.size).toBe(0);
  });

  test('is refused after some hundred times, and a hand likewise', async () => {
    let refused = 0;
    for (let i = 0; i < 3 * LIMITS.takenBack; i += 1) {
      nowMs += 2 * TOGGLE_PAUSE_MS;
      await vote(i % 2 === 0).catch(() => {
        refused += 1;
      });
    }
    expect(refused).toBeGreaterThan(0);
    expect(actor.state.seq).toBeLessThanOrEqual(2 + 2 * LIMITS.takenBack + 1);
    const before = actor.state;
    expect(() => decide(before, { name: 'hand:raise', input: {} }, ada)).toThrow(/taken back/);
    const other = { ...ada, personId: 'attendee-2' };
    let state = before;
    const move = (name: 'hand:raise' | 'hand:lower') => {
      for (const event of decide(state, { name, input: {} }, other)) {
        state = foldAll(state, [{ seq: state.seq + 1, atUnixMs: 1, event }]);
      }
    };
    expect(() => {
      for (let i = 0; i <= LIMITS.takenBack; i += 1) {
        move('hand:raise');
        move('hand:lower');
      }
    }).toThrow(/taken back/);
    expect(state.hands).toEqual([]);
  });

  test('a hand that goes down and up within each batch is counted too', () => {
    const { start } = play([]);
    let state = foldAll(start, [
      {
        seq: start.seq + 1,
        atUnixMs: 1,
        event: { type: 'hand.raised', personId: 'attendee-1', name: 'Ada' },
      },
    ]);
    const steps = (['hand:lower', 'hand:raise'] as const).map(
      (name): Step => ({ caller: ada, command: { name, input: {} } }),
    );
    let appended = 0;
    for (let i = 0; i < 2 * LIMITS.takenBack; i += 1) {
      const events = numbered(state, condense(state, decideAll(state, steps).raw));
      appended += events.length;
      state = foldAll(state, events);
    }
    expect(appended).toBeLessThanOrEqual(LIMITS.takenBack + 2);
  });
});
