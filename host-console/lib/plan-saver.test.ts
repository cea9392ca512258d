import { jest } from '@jest/globals';
import {
  type ChangePlan,
  EMPTY_PLAN,
  type PlannedWebinar,
  type Result,
  withFields,
} from '@rostrum/contracts';
import type { Edits } from './plan-fields.ts';
import { PlanSaver } from './plan-saver.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const PLANNED: PlannedWebinar = {
  webinarId: 'webinar-1',
  title: 'Title',
  profile: 'standard',
  moderation: 'open',
  tracks: false,
  plan: EMPTY_PLAN,
  startsAtUnixMs: null,
  phase: 'scheduled',
  revision: 1,
};

/** A server with a plan that others change too. */
function open(kept: Edits | null = null) {
  let planned = PLANNED;
  const sent: ChangePlan[] = [];
  const answers: (Result<PlannedWebinar> | null)[] = [];
  let left: Edits | null = kept;
  const changed = ({
    title = planned.title,
    fields,
  }: Pick<ChangePlan, 'fields'> & { title?: string | undefined }) => {
    planned = { ...planned, title, plan: withFields(planned.plan, fields), revision: planned.revision + 1 };
    return planned;
  };
  const saver = new PlanSaver({
    planned,
    kept,
    async send(change) {
      sent.push(change);
      return answers.shift() ?? { ok: true, value: changed(change) };
    },
    load: async () => ({ ok: true, value: planned }),
    keep: (edits) => {
      left = edits;
    },
  });
  return { saver, sent, answers, changed, left: () => left };
}
const refusal = (code: 'conflict' | 'bad-input' | 'unavailable', field?: string): Result<never> => ({
  ok: false,
  error: { code, message: '', ...(field === undefined ? {} : { field }) },
});

test('what is typed is sent once one pauses, with nothing that was not', async () => {
  const { saver, sent, left } = open();
  saver.edit({ title: 'T' });
  saver.edit({ title: 'Ti', text: 'Hello' });
  saver.edit({ 'branding.accent': '#aa0000' });
  expect(saver.current()).toMatchObject({ state: 'saving', fields: { title: 'Ti', text: 'Hello' } });
  expect(left()).toEqual({ title: 'Ti', text: 'Hello', 'branding.accent': '#aa0000' });
  await jest.advanceTimersByTimeAsync(700);
  expect(sent).toEqual([
    { revision: 1, title: 'Ti', fields: { text: 'Hello', branding: { accent: '#aa0000' } } },
  ]);
  expect(saver.current()).toMatchObject({ state: 'saved', fields: { title: 'Ti' } });
  expect(left()).toBeNull();
});

test('without an answer nothing is lost: it is tried again by itself, with what was typed meanwhile', async () => {
  const { saver, sent, answers } = open();
  answers.push(refusal('unavailable'));
  saver.edit({ title: 'One' });
  await jest.advanceTimersByTimeAsync(700);
  expect(saver.current().state).toBe('failing');
  saver.edit({ text: 'Two' });
  await jest.advanceTimersByTimeAsync(2000);
  expect(sent.at(-1)).toEqual({ revision: 1, title: 'One', fields: { text: 'Two' } });
  expect(saver.current()).toMatchObject({ state: 'saved', fields: { title: 'One', text: 'Two' } });
});

test('what another page left unsaved is there and is saved', async () => {
  const { saver, sent } = open({ text: 'From before' });
  expect(saver.current().fields.text).toBe('From before');
  await jest.advanceTimersByTimeAsync(700);
  expect(sent).toHaveLength(1);
});

test('a field that somebody else changed waits for a decision, and the others are saved', async () => {
  const { saver, sent, answers, changed } = open();
  changed({ fields: { text: 'Theirs' } });
  answers.push(refusal('conflict', 'text'));
  saver.edit({ text: 'Mine', lengthMinutes: 90 });
  await jest.advanceTimersByTimeAsync(1500);
  expect(sent.at(-1)).toMatchObject({ fields: { lengthMinutes: 90 } });
  expect(saver.current()).toMatchObject({ state: 'held', fields: { text: 'Mine' } });
  expect(saver.current().planned.plan.text).toBe('Theirs');
  expect([...saver.current().conflicts]).toEqual(['text']);
  saver.settle('text', 'mine');
  await jest.advanceTimersByTimeAsync(10);
  expect(sent.at(-1)).toEqual({ revision: 3, fields: { text: 'Mine' } });
  expect(saver.current()).toMatchObject({ state: 'saved', fields: { text: 'Mine' } });
  saver.edit({ text: 'Mine again' });
  answers.push(refusal('conflict', 'text'));
  changed({ fields: { text: 'Theirs again' } });
  await jest.advanceTimersByTimeAsync(700);
  saver.settle('text', 'theirs');
  expect(saver.current()).toMatchObject({ state: 'saved', fields: { text: 'Theirs again' } });
});

test('what the server would not have is marked, and sent again once it is edited', async () => {
  const { saver, sent, answers } = open();
  answers.push(refusal('bad-input', 'fields.start.local'));
  saver.edit({ start: { local: '2027-02-29T10:00', zone: 'UTC' }, title: 'Fine' });
  await jest.advanceTimersByTimeAsync(1500);
  expect(sent.at(-1)).toEqual({ revision: 1, title: 'Fine', fields: {} });
  expect([saver.current().state, [...saver.current().refused]]).toEqual(['held', ['start']]);
  saver.edit({ start: { local: '2027-03-01T10:00', zone: 'UTC' } });
  await jest.advanceTimersByTimeAsync(700);
  expect(saver.current().state).toBe('saved');
});
