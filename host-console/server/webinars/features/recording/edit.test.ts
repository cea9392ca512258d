import { CHAPTERS_MAX, MARKS_MAX, RecordingShape, type Scene, type WebinarEvent } from '@rostrum/contracts';
import type { Caller, ParsedCommand } from '../../commands.ts';
import { decide } from '../../decide.ts';
import { emptyState, type FoldedState, fold } from '../../fold.ts';
import { project } from '../../project.ts';
import { joined } from './edit.ts';
import { recordingShape } from './shape.ts';

const ZERO = 1_800_000_000_000;
const HOST: Caller = { personId: 'host-1', name: 'Hana', role: 'host' };
const SCENE: Scene = {
  title: 'T',
  layout: 'grid',
  onAir: ['Ada', 'Ben', 'Cy'].map((name) => ({ personId: `person-${name}`, name })),
  focus: null,
  screen: null,
  nameCards: true,
  lowerThird: null,
  slide: null,
};
const LIVE: WebinarEvent = { type: 'webinar.wentLive', channelId: 'w', originUrl: 'http://o.test' };

/** The state after events, each at so many seconds. */
function after(...events: readonly (readonly [number, WebinarEvent])[]): FoldedState {
  let state = emptyState('w');
  const add = (seconds: number, event: WebinarEvent): void => {
    state = fold(state, { seq: state.seq + 1, atUnixMs: ZERO + seconds * 1000, event });
  };
  add(-60, { type: 'webinar.created', title: 'Town hall', startsAtUnixMs: null, profile: 'standard' });
  for (const [seconds, event] of events) add(seconds, event);
  return state;
}
const scene = (change: Partial<Scene>): WebinarEvent => ({
  type: 'scene.changed',
  scene: { ...SCENE, ...change },
});
const asked = (questionId: string, text: string): WebinarEvent => ({
  type: 'question.asked',
  questionId,
  personId: 'person-9',
  name: 'Zoe',
  text,
});
const run = (state: FoldedState, command: ParsedCommand): FoldedState => {
  let next = state;
  for (const event of decide(state, command as never, HOST)) {
    next = fold(next, { seq: next.seq + 1, atUnixMs: ZERO + next.seq * 1000, event });
  }
  return next;
};
const code = (state: FoldedState, command: ParsedCommand): string => {
  try {
    decide(state, command as never, HOST);
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
/** Seconds, kind and title. */
const chapters = (state: FoldedState): [number, string, string][] =>
  (recordingShape(state)?.chapters ?? []).map((c) => [(c.atUnixMs - ZERO) / 1000, c.kind, c.title]);

describe('chapters', () => {
  test('are what was answered, shown and marked, and who was in front for a while; the first is at the start', () => {
    const state = after(
      [-30, scene({ focus: 'person-Ada' })],
      [-20, asked('q1', 'Why\n\nthough?')],
      [-10, asked('q2', 'In writing?')],
      [-9, asked('q3', 'Dismissed?')],
      [-8, asked('q4', 'Ticked off?')],
      [0, LIVE],
      [20, scene({ focus: 'person-Ben' })],
      [60, { type: 'question.answeringLive', questionId: 'q1' }],
      [90, scene({ focus: 'person-Ben', screen: 'person-Cy' })],
      [100, { type: 'question.answered', questionId: 'q1', answer: null }],
      [120, { type: 'recording.marked', markId: 'm1', title: 'The demo' }],
      [130, { type: 'question.answered', questionId: 'q2', answer: 'Like so.' }],
      [140, { type: 'question.answeringLive', questionId: 'q3' }],
      [145, { type: 'question.dismissed', questionId: 'q3' }],
      [160, { type: 'question.answered', questionId: 'q4', answer: null }],
      [200, scene({ slide: { kind: 'holding', title: 'Break', subtitle: '' } })],
      [300, scene({ focus: 'person-Ada' })],
      [400, { type: 'webinar.ended', recording: 'pending' }],
    );
    expect(chapters(state)).toEqual([
      [0, 'start', 'Town hall'],
      [20, 'speaker', 'Ben'],
      [60, 'question', 'Why though?'],
      [90, 'slides', 'Cy'],
      [120, 'mark', 'The demo'],
      [160, 'question', 'Ticked off?'],
      [200, 'slides', 'Break'],
      [300, 'speaker', 'Ada'],
    ]);
    expect(RecordingShape.parse(recordingShape(state))).toEqual(recordingShape(state));
  });

  test('one that gives way within moments is none, and who goes on after it goes on', () => {
    const state = after(
      [0, LIVE],
      [10, scene({ focus: 'person-Ada' })],
      [60, scene({ focus: 'person-Ben' })],
      [65, scene({ focus: 'person-Ada' })],
      [120, scene({ focus: 'person-Cy' })],
      [125, scene({ focus: 'person-Cy', slide: { kind: 'holding', title: 'Oops', subtitle: '' } })],
      [127, scene({ focus: 'person-Cy', slide: { kind: 'holding', title: 'Agenda', subtitle: '' } })],
      [130, { type: 'webinar.ended', recording: 'pending' }],
    );
    expect(chapters(state)).toEqual([
      [0, 'start', 'Town hall'],
      [10, 'speaker', 'Ada'],
      [127, 'slides', 'Agenda'],
    ]);
  });

  test('of two that are close the weightier stays, and marks all do', () => {
    const state = after(
      [-5, asked('q1', 'Why?')],
      [0, LIVE],
      [30, { type: 'question.answeringLive', questionId: 'q1' }],
      [33, { type: 'recording.marked', markId: 'm1', title: 'One' }],
      [35, { type: 'recording.marked', markId: 'm2', title: 'Two' }],
      [36, { type: 'recording.marked', markId: 'm3', title: 'Before', atUnixMs: ZERO + 2000 }],
    );
    expect(chapters(state)).toEqual([
      [0, 'start', 'Town hall'],
      [2, 'mark', 'Before'],
      [33, 'mark', 'One'],
      [35, 'mark', 'Two'],
    ]);
  });

  test('there are no more than there may be, and marks are among them', () => {
    const events: [number, WebinarEvent][] = [[0, LIVE]];
    for (let i = 1; i <= 900; i += 1) {
      events.push([i * 40, scene({ focus: i % 2 === 0 ? 'person-Ada' : 'person-Ben' })]);
    }
    events.push([40_000, { type: 'recording.marked', markId: 'm1', title: 'Late' }]);
    const all = chapters(after(...events));
    expect(all).toHaveLength(CHAPTERS_MAX);
    expect(all.at(-1)).toEqual([40_000, 'mark', 'Late']);
  });

  test('nothing from before it was live is told', () => {
    const state = after([0, { type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'fast' }]);
    expect(recordingShape(state)).toBeNull();
    expect(chapters(after([-5, scene({ focus: 'person-Ada' })], [0, LIVE]))).toEqual([
      [0, 'start', 'Town hall'],
    ]);
  });
});

describe('the revision', () => {
  test('moves with what changes the shape, and with nothing else', () => {
    let state = after([0, LIVE], [1, asked('q1', 'Why?')]);
    const moves = (seconds: number, event: WebinarEvent): boolean => {
      const before = state;
      state = fold(state, { seq: state.seq + 1, atUnixMs: ZERO + seconds * 1000, event });
      const moved = state.edit.revision === state.seq;
      expect(state.edit.revision === before.edit.revision).toBe(!moved);
      return moved;
    };
    expect(moves(2, { type: 'question.upvoted', questionId: 'q1', personId: 'person-1' })).toBe(false);
    expect(moves(3, scene({ nameCards: false }))).toBe(false);
    expect(moves(4, { type: 'question.dismissed', questionId: 'q1' })).toBe(false);
    expect(moves(5, { type: 'recording.unpublished' })).toBe(true);
    expect(moves(6, { type: 'recording.marked', markId: 'm', title: 'M' })).toBe(true);
    expect(moves(7, scene({ focus: 'person-Ada' }))).toBe(true);
    expect(moves(8, { type: 'webinar.ended', recording: 'pending' })).toBe(true);
    const refused = {
      type: 'consent.refused',
      personId: 'person-Ada',
      to: 'tracks',
      textVersion: 1,
    } as const;
    expect(moves(8, refused)).toBe(false);
    expect(moves(8, { ...refused, erase: true })).toBe(true);
    expect(
      moves(9, {
        type: 'webinar.recordingSettled',
        recorded: true,
        by: { nodeId: 'n1', originUrl: 'http://o.test', durationMs: 1 },
      }),
    ).toBe(false);
  });
});

test('who wants their tracks deleted is in what the broadcaster is told, and words from before there was that are read', () => {
  const wish: WebinarEvent = {
    type: 'consent.refused',
    personId: 'person-Ada',
    to: 'tracks',
    textVersion: 1,
    erase: true,
  };
  const again: WebinarEvent = { type: 'consent.given', personId: 'person-Ada', to: 'tracks', textVersion: 1 };
  const said = RecordingShape.parse(recordingShape(after([0, LIVE], [20, wish], [30, again])));
  expect(said.erase).toEqual([{ personId: 'person-Ada', beforeUnixMs: ZERO + 20_000 }]);
  const { erase: _, ...before } = said;
  expect(RecordingShape.parse(before)).toEqual({ ...said, erase: [] });
});

describe('commands', () => {
  const live = after([0, LIVE]);
  const ended = fold(live, {
    seq: live.seq + 1,
    atUnixMs: ZERO + 100_000,
    event: { type: 'webinar.ended', recording: 'pending' },
  });
  const mark = (markId: string, atUnixMs?: number): ParsedCommand => ({
    name: 'recording:mark',
    input: { markId, title: 'M', ...(atUnixMs === undefined ? {} : { atUnixMs }) },
  });

  test('are for what is or was live', () => {
    const planned = after();
    const never = after([0, { type: 'webinar.ended', recording: 'none' }]);
    for (const state of [planned, never]) {
      expect(code(state, mark('m1', ZERO))).toBe('conflict');
      expect(code(state, { name: 'recording:publish', input: { published: false } })).toBe('conflict');
    }
  });

  test('a mark without a moment is now, while it is live; with one it lies in the recording', () => {
    expect(code(live, mark('m1'))).toBe('ok');
    expect(code(ended, mark('m1'))).toBe('conflict');
    expect(code(ended, mark('m1', ZERO + 50_000))).toBe('ok');
    expect(code(ended, mark('m1', ZERO - 3_600_000))).toBe('bad-input');
    expect(code(ended, mark('m1', ZERO + 3_600_000))).toBe('bad-input');
  });

  test('marks are renamed and removed, a repeat changes nothing, and there is a limit', () => {
    let state = run(live, mark('m1'));
    expect(decide(state, mark('m1') as never, HOST)).toEqual([]);
    state = run(state, { name: 'recording:renameMark', input: { markId: 'm1', title: 'New' } });
    expect(state.edit.marks.map(({ title }) => title)).toEqual(['New']);
    expect(code(state, { name: 'recording:renameMark', input: { markId: 'm2', title: 'New' } })).toBe(
      'not-found',
    );
    for (let i = 2; i <= MARKS_MAX; i += 1) state = run(state, mark(`m${i}`));
    expect(code(state, mark('one-more'))).toBe('limit-reached');
    state = run(state, { name: 'recording:removeMark', input: { markId: 'm1' } });
    expect(state.edit.marks).toHaveLength(MARKS_MAX - 1);
    expect(code(state, mark('one-more'))).toBe('ok');
  });

  test('cuts are kept in order, joined where they touch, and the same ones again change nothing', () => {
    const cut = (from: number, to: number) => ({ fromUnixMs: ZERO + from, toUnixMs: ZERO + to });
    const setCuts = (...cuts: ReturnType<typeof cut>[]): ParsedCommand => ({
      name: 'recording:setCuts',
      input: { cuts },
    });
    const state = run(ended, setCuts(cut(50, 60), cut(10, 30), cut(20, 25), cut(60, 70)));
    expect(state.edit.cuts).toEqual([cut(10, 30), cut(50, 70)]);
    expect(decide(state, setCuts(cut(50, 70), cut(10, 30)) as never, HOST)).toEqual([]);
    expect(run(state, setCuts()).edit.cuts).toEqual([]);
    expect(joined([cut(0, 10), cut(2, 4)])).toEqual([cut(0, 10)]);
  });

  test('what is not published has an address for nobody, and the crew sees why', () => {
    const ready = fold(ended, {
      seq: ended.seq + 1,
      atUnixMs: ZERO + 101_000,
      event: { type: 'webinar.recordingSettled', recorded: true },
    });
    const viewers = [HOST, { personId: 'person-1', name: 'A', role: 'attendee' as const }];
    const urls = (state: FoldedState) =>
      viewers.map((viewer) => {
        const { phase, recording } = project(state, viewer, null);
        return [phase.phase === 'ended' ? phase.recordingUrl !== null : null, recording?.published ?? null];
      });
    expect(urls(ready)).toEqual([
      [true, true],
      [true, null],
    ]);
    const hidden = run(ready, { name: 'recording:publish', input: { published: false } });
    expect(urls(hidden)).toEqual([
      [false, false],
      [false, null],
    ]);
    expect(urls(run(hidden, { name: 'recording:publish', input: { published: true } }))).toEqual(urls(ready));
  });
});
