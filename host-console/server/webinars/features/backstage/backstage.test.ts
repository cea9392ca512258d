import {
  applyDelta,
  BACKSTAGE_AFTER_END_MS,
  BACKSTAGE_MESSAGES_MAX,
  type WebinarEvent,
  type WebinarView,
} from '@rostrum/contracts';
import { CAST, play } from '../../../testing/arbitrary-history.ts';
import type { Caller, Decidable } from '../../commands.ts';
import { decide } from '../../decide.ts';
import { emptyState, type FoldedState, fold } from '../../fold.ts';
import { deltasFor, project } from '../../project.ts';
import { SnapshotReader, writeSnapshot } from '../../snapshot.ts';
import { LIMITS } from '../limits.ts';
import { isBackstageOpen } from './decide.ts';

const [host, , pia] = CAST as [Caller, Caller, Caller];
const NOW = 1_800_000_000_000;
const next = (state: FoldedState, event: WebinarEvent): FoldedState =>
  fold(state, { seq: state.seq + 1, atUnixMs: NOW + state.seq, event });
const said = (i: number): WebinarEvent => ({
  ...{ type: 'backstage.said', messageId: `message-${i}`, text: `Text ${i}` },
  ...{ personId: pia.personId, name: pia.name, role: 'panelist' },
});

test('the newest messages are kept, in the state, in views that follow it, and in snapshots', () => {
  let state: FoldedState = { ...emptyState('webinar-1'), title: 'A webinar' };
  let view: WebinarView = project(state, host, null);
  for (let i = 0; i < BACKSTAGE_MESSAGES_MAX + 3; i += 1) {
    state = next(state, said(i));
    for (const delta of deltasFor(said(i), state, host, null)) view = applyDelta(view, delta);
  }
  expect(state.backstageMessages.size).toBe(BACKSTAGE_MESSAGES_MAX);
  expect(view).toEqual(project(state, host, null));
  expect(view.backstage?.messages[0]?.text).toBe('Text 3');
  const reader = new SnapshotReader('webinar-1', state.seq);
  for (const part of writeSnapshot(state)) reader.add(part);
  expect(reader.state()).toEqual(state);
});

test('so many are said and no more, since the log keeps each', () => {
  const full = { ...emptyState('webinar-1'), backstageSaid: LIMITS.backstageSaid };
  const input = { messageId: 'message-1', text: 'One more' };
  expect(() => decide(full, { name: 'backstage:say', input }, pia)).toThrow('at most');
});

describe('before the show', () => {
  const start = play([]).start;
  const then = (state: FoldedState, command: Decidable, caller: Caller, atUnixMs: number): FoldedState =>
    decide(state, command, caller).reduce(
      (now, event) => fold(now, { seq: now.seq + 1, atUnixMs, event }),
      state,
    );
  const live: Decidable = {
    name: 'webinar:goLive',
    channel: { channelId: 'channel-1', originUrl: 'http://localhost:8080' },
  };

  test('the crew orders who is to appear, each once and nobody who is unknown', () => {
    const of = (...personIds: string[]): Decidable => ({ name: 'backstage:order', input: { personIds } });
    const state = then(start, of(pia.personId, host.personId, pia.personId), host, NOW);
    expect(project(state, pia, null).backstage?.order).toEqual([pia.personId, host.personId]);
    expect(decide(state, of(pia.personId, host.personId), host)).toEqual([]);
    expect(() => decide(state, of('nobody-1'), host)).toThrow('no such person');
  });

  test('a countdown ends at the same moment for everybody, and with the going live', () => {
    const counting: Decidable = { name: 'backstage:countdown', input: { airsAtUnixMs: NOW + 60_000 } };
    const state = then(start, counting, host, NOW);
    for (const who of [host, pia]) {
      expect(project(state, who, null).backstage?.airsAtUnixMs).toBe(NOW + 60_000);
    }
    const stopped = then(
      state,
      { name: 'backstage:countdown', input: { airsAtUnixMs: null } },
      host,
      NOW + 1,
    );
    expect(stopped.airsAtUnixMs).toBeNull();
    const onAir = then(state, live, host, NOW + 2);
    expect(onAir.airsAtUnixMs).toBeNull();
    expect(() => decide(onAir, counting, host)).toThrow('on air');
  });

  test('the backstage is open until half an hour after the end, or until the host closes it', () => {
    const close: Decidable = { name: 'backstage:close', input: {} };
    expect(isBackstageOpen(start, NOW)).toBe(true);
    expect(() => decide(start, close, host)).toThrow('has not ended');
    const ended = then(then(start, live, host, NOW), { name: 'webinar:end', input: {} }, host, NOW + 10);
    expect(isBackstageOpen(ended, NOW + 10 + BACKSTAGE_AFTER_END_MS - 1)).toBe(true);
    expect(isBackstageOpen(ended, NOW + 10 + BACKSTAGE_AFTER_END_MS)).toBe(false);
    const closed = then(ended, close, host, NOW + 20);
    expect(isBackstageOpen(closed, NOW + 20)).toBe(false);
    const input = { messageId: 'message-1', text: 'Well done' };
    expect(decide(ended, { name: 'backstage:say', input }, pia)).toHaveLength(1);
    expect(() => decide(closed, { name: 'backstage:say', input }, pia)).toThrow('closed');
  });
});
