import type { Stay } from '../store/index.ts';
import { AWAY_MS, participantOf, sessionsOf, turnoutOf } from './sessions.ts';

const T0 = 1_800_000_000_000;
const MIN = 60_000;
const stay = (from: number, to: number | null, more: Partial<Stay> = {}): Stay => ({
  ...{ personId: 'bo-1', device: 'desktop', browser: 'firefox', region: null, node: null },
  joinedUnixMs: T0 + from,
  leftUnixMs: to === null ? null : T0 + to,
  ...more,
});
const times = (stays: Stay[]) =>
  sessionsOf(stays).map(({ joinedUnixMs, leftUnixMs }) => [
    joinedUnixMs - T0,
    leftUnixMs === null ? null : leftUnixMs - T0,
  ]);
const NO_AIR = { liveUnixMs: null, endedUnixMs: null, recordedMs: null };
const BO = { personId: 'bo-1', name: 'Bo', role: 'attendee', joinedUnixMs: T0 } as const;

test('short absences are none; a longer one ends a session', () => {
  const back = 10 + AWAY_MS;
  expect(times([stay(0, 10), stay(back, back + 5)])).toEqual([[0, back + 5]]);
  expect(times([stay(0, 10), stay(back + 1, back + 5)])).toEqual([
    [0, 10],
    [back + 1, back + 5],
  ]);
});

test('stays beside each other, on two devices or at two processes, are one session, until the last ends', () => {
  expect(times([stay(0, 100), stay(10, 20)])).toEqual([[0, 100]]);
  expect(times([stay(0, null), stay(10, 20)])).toEqual([[0, null]]);
  expect(times([stay(0, 10), stay(5, null)])).toEqual([[0, null]]);
});

test('a session has what it began on, and the node that carried any of it', () => {
  const [session] = sessionsOf([stay(0, 10), stay(20, 30, { device: 'phone', node: 'sfu-1' })]);
  expect(session).toMatchObject({ device: 'desktop', node: 'sfu-1' });
});

test('a participant was present in their sessions, and live while the webinar was on the air', () => {
  const air = { liveUnixMs: T0 + 10 * MIN, endedUnixMs: T0 + 40 * MIN, recordedMs: null };
  const stays = [stay(0, 20 * MIN), stay(30 * MIN, 50 * MIN)];
  expect(participantOf(BO, stays, air, T0 + 90 * MIN)).toMatchObject({
    leftUnixMs: T0 + 50 * MIN,
    presentMs: 40 * MIN,
    presentLiveMs: 20 * MIN,
  });
  const here = participantOf(BO, [stay(0, null)], { ...air, endedUnixMs: null }, T0 + 15 * MIN);
  expect(here).toMatchObject({ leftUnixMs: null, presentMs: 15 * MIN, presentLiveMs: 5 * MIN });
  expect(participantOf(BO, stays, NO_AIR, T0 + 90 * MIN).presentLiveMs).toBe(0);
});

test('of a turnout: each counts once, at most so many were there together, for so long on average', () => {
  const stays = [
    stay(0, 10 * MIN),
    stay(5 * MIN, 10 * MIN, { personId: 'ann-1' }),
    // Comes as the others leave: not there with them.
    stay(10 * MIN, 16 * MIN, { personId: 'cy-1' }),
    stay(20 * MIN, 23 * MIN),
  ];
  const air = { liveUnixMs: T0 + 8 * MIN, endedUnixMs: T0 + 12 * MIN, recordedMs: null };
  expect(turnoutOf(stays, air, T0 + 90 * MIN)).toEqual({
    attendees: 3,
    peak: { attendees: 2, atUnixMs: T0 + 5 * MIN },
    averageMs: 8 * MIN,
    averageLiveMs: 2 * MIN,
  });
  expect(turnoutOf([], air, T0)).toEqual({ attendees: 0, peak: null, averageMs: 0, averageLiveMs: 0 });
});
