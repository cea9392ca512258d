import { EMPTY_PLAN } from '@rostrum/contracts';
import { pino } from 'pino';
import type { WebinarRow } from '../store/index.ts';
import { emptyState, type FoldedState } from '../webinars/fold.ts';
import { Doorkeeper, doorsDue } from './doorkeeper.ts';

const START = 1_800_000_000_000;
const MINUTE = 60_000;
const planned = (change: Partial<FoldedState> = {}): FoldedState => ({
  ...emptyState('webinar-1'),
  startsAtUnixMs: START,
  ...change,
});
const open = (sinceUnixMs: number): Partial<FoldedState> => ({
  phase: { phase: 'scheduled', doors: { channelId: 'webinar-1', originUrl: 'http://o', sinceUnixMs } },
});
const due = (state: FoldedState, nowUnixMs: number, { openMinutes = 10, crew = false } = {}) =>
  doorsDue(state, { nowUnixMs, openMinutes, crew });

test('doors open as long before the start as the installation has it, or the webinar', () => {
  expect(due(planned(), START - 10 * MINUTE - 1)).toBeNull();
  expect(due(planned(), START - 10 * MINUTE)).toBe('open');
  const own = (openMinutes: number) => planned({ doorRules: { bed: false, untilUnixMs: null, openMinutes } });
  expect(due(own(20), START - 20 * MINUTE)).toBe('open');
  expect(due(own(0), START)).toBeNull();
  expect(due(planned(), START, { openMinutes: 0 })).toBeNull();
});

test('they open once for a start: who closed them meant it, and who moves the start means it too', () => {
  expect(due(planned({ doorsOpenedFor: START }), START)).toBeNull();
  expect(due(planned({ doorsOpenedFor: START - MINUTE }), START)).toBe('open');
});

test('nothing opens without a start, long after it, or when it is live', () => {
  expect(due(planned({ startsAtUnixMs: null }), START)).toBeNull();
  expect(due(planned(), START + 30 * MINUTE)).toBeNull();
  const channel = { channelId: 'webinar-1', originUrl: 'http://o', sinceUnixMs: START };
  expect(due(planned({ phase: { phase: 'live', channel } }), START)).toBeNull();
});

test('the doors of a draft do not open by themselves', () => {
  expect(due(planned({ plan: { ...EMPTY_PLAN, visibility: 'draft' } }), START)).toBeNull();
});

test('doors that nobody of the crew came to are closed two hours after the start, or after they opened', () => {
  const state = planned(open(START - 10 * MINUTE));
  expect(due(state, START + 120 * MINUTE - 1)).toBeNull();
  expect(due(state, START + 120 * MINUTE)).toBe('close');
  expect(due(state, START + 120 * MINUTE, { crew: true })).toBeNull();
  expect(due(planned(open(START + 60 * MINUTE)), START + 120 * MINUTE)).toBeNull();
});

test('what fails is tried again at the next look, and one that is slow keeps no other waiting', async () => {
  const row = (webinarId: string, startsAtUnixMs: number | null): WebinarRow => ({
    webinarId,
    title: 'T',
    startsAtUnixMs,
    profile: 'standard',
    plan: EMPTY_PLAN,
    phase: 'scheduled',
    doorsOpen: false,
    recording: 'none',
    createdUnixMs: 0,
    linkGeneration: 0,
  });
  const read: string[] = [];
  const asked: string[] = [];
  let fails = true;
  const keeper = new Doorkeeper({
    webinars: { planned: async () => [row('slow', START), row('fails', START), row('far', START * 2)] },
    stateOf: async (webinarId) => {
      read.push(webinarId);
      return planned();
    },
    open: async (webinarId) => {
      asked.push(webinarId);
      if (webinarId === 'slow') return new Promise(() => undefined);
      if (fails) throw new Error('no broadcaster');
    },
    close: async () => undefined,
    hasCrew: () => false,
    openMinutes: 10,
    clock: { nowUnixMs: () => START },
    logger: pino({ level: 'silent' }),
  });
  await keeper.look();
  expect(asked).toEqual(['slow', 'fails']);
  await new Promise(setImmediate);
  fails = false;
  await keeper.look();
  expect(asked).toEqual(['slow', 'fails', 'fails']);
  expect(read).not.toContain('far');
});
