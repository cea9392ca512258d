import { applyDelta, BACKSTAGE_MESSAGES_MAX, type WebinarEvent, type WebinarView } from '@rostrum/contracts';
import { CAST } from '../../../testing/arbitrary-history.ts';
import type { Caller } from '../../commands.ts';
import { decide } from '../../decide.ts';
import { emptyState, type FoldedState, fold } from '../../fold.ts';
import { deltasFor, project } from '../../project.ts';
import { SnapshotReader, writeSnapshot } from '../../snapshot.ts';
import { LIMITS } from '../limits.ts';

const [host, , pia] = CAST as [Caller, Caller, Caller];
const next = (state: FoldedState, event: WebinarEvent): FoldedState =>
  fold(state, { seq: state.seq + 1, atUnixMs: 1_800_000_000_000 + state.seq, event });
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
