import { applyDelta } from './apply-delta.ts';
import { layerForHeight } from './camera-layers.ts';
import { badInput } from './errors.ts';
import { OpaqueObject } from './media.ts';
import { personCommands } from './person-socket.ts';
import { EMPTY_PLAN, publicPlan } from './plan.ts';
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE, FRAME_RATE, PROFILES } from './profile.ts';
import type { QuestionView, WebinarView } from './view.ts';

describe('latency profiles', () => {
  test('[LL1] the hold-back is at least three part targets', () => {
    for (const p of Object.values(PROFILES)) expect(p.partHoldBackMs).toBeGreaterThanOrEqual(3 * p.partMs);
  });

  test('[LL3] segments are whole parts and whole frames, and round to no more than the target duration', () => {
    for (const p of Object.values(PROFILES)) {
      expect(p.segmentMs % p.partMs).toBe(0);
      expect((p.partMs * FRAME_RATE) % 1000).toBe(0);
      expect(Math.round(p.segmentMs / 1000)).toBeLessThanOrEqual(p.targetDurationS);
    }
  });

  test('a part of the standard profile is exactly fifteen AAC frames', () => {
    expect((PROFILES.standard.partMs / 1000) * AUDIO_SAMPLE_RATE).toBe(15 * AAC_FRAME_SAMPLES);
  });
});

describe('simulcast layers', () => {
  test('a tile gets the lowest layer that fills it', () => {
    expect([90, 180, 198, 300, 360, 400, 720, 2000].map(layerForHeight)).toEqual([0, 0, 0, 1, 1, 1, 2, 2]);
  });
});

describe('commands', () => {
  test('an attendee may do nothing that directs the show', () => {
    const allowed = Object.entries(personCommands)
      .filter(([, command]) => (command.roles as readonly string[]).includes('attendee'))
      .map(([name]) => name);
    expect(allowed.toSorted()).toEqual([
      'consent:answer',
      'guest:leave',
      'hand:lower',
      'hand:raise',
      'person:unmuteSelf',
      'question:ask',
      'question:vote',
    ]);
  });

  test('a malformed input names the field', () => {
    const parsed = personCommands['question:ask'].input.safeParse({ questionId: 'question1', text: '' });
    expect(parsed.success).toBe(false);
    if (!parsed.success)
      expect(badInput(parsed.error).toFailure()).toMatchObject({ code: 'bad-input', field: 'text' });
  });

  test('an object for mediasoup may not be huge', () => {
    expect(OpaqueObject.safeParse({ a: 'x'.repeat(40_000) }).success).toBe(false);
    expect(OpaqueObject.safeParse({ codecs: [] }).success).toBe(true);
  });
});

describe('applyDelta', () => {
  const question: QuestionView = {
    questionId: 'question1',
    name: 'Ada',
    role: 'attendee',
    personId: null,
    text: 'Why?',
    askedUnixMs: 1,
    status: 'new',
    answer: null,
    votes: 0,
    mine: false,
    voted: false,
  };
  const view: WebinarView = {
    webinarId: 'webinar1',
    title: 'T',
    startsAtUnixMs: null,
    profile: 'standard',
    plan: publicPlan(EMPTY_PLAN),
    phase: { phase: 'scheduled' },
    doors: { bed: false, openMinutes: null, untilUnixMs: null },
    self: {
      personId: 'person1',
      name: 'Bob',
      role: 'attendee',
      guest: false,
      hand: 'down',
      muted: null,
      consent: { recording: 'open', tracks: 'open' },
    },
    rules: { moderation: 'open', mayUnmute: true, tracks: false },
    questions: [question],
    people: [],
    hands: [],
    scene: null,
    direction: null,
    recording: null,
    backstage: null,
  };

  test('applying a delta twice is applying it once', () => {
    const deltas = [
      { type: 'question', question: { ...question, questionId: 'question2' } },
      { type: 'votes', questionId: 'question1', votes: 4 },
      { type: 'voted', questionId: 'question1', voted: true },
      { type: 'questionGone', questionId: 'question1' },
      {
        type: 'person',
        person: {
          personId: 'person2',
          name: 'C',
          role: 'panelist',
          guest: false,
          muted: false,
          consent: null,
        },
      },
      { type: 'personGone', personId: 'person2' },
      {
        type: 'self',
        guest: true,
        hand: 'accepted',
        muted: { byName: 'Hana', asked: false },
        consent: { recording: 'given', tracks: 'refused' },
      },
      { type: 'rules', rules: { moderation: 'moderated', mayUnmute: false, tracks: true } },
      { type: 'recording', recording: null },
    ] as const;
    for (const delta of deltas) {
      const once = applyDelta(view, delta);
      expect(applyDelta(once, delta)).toEqual(once);
    }
  });

  test('a change of votes leaves what the viewer voted alone', () => {
    const voted = applyDelta(view, { type: 'voted', questionId: 'question1', voted: true });
    expect(
      applyDelta(voted, { type: 'votes', questionId: 'question1', votes: 9 }).questions[0],
    ).toMatchObject({
      votes: 9,
      voted: true,
    });
  });
});
