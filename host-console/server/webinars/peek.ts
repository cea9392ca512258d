import type { Logger } from 'pino';
import { type Clock, randomIds } from '../ports.ts';
import type { WebinarLog } from '../store/index.ts';
import { Draft, emptyState, type FoldedState } from './fold.ts';
import { SNAPSHOT_POLICY, Snapshots } from './snapshots.ts';

const PAGE_EVENTS = 2000;

/** A webinar's state as its log has it, for who only looks: whoever writes it goes on. null: there is no such webinar. */
export async function peekState(options: {
  readonly webinarId: string;
  readonly store: WebinarLog;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<FoldedState | null> {
  const { webinarId, store } = options;
  const snapshots = new Snapshots({ ...options, ids: randomIds, policy: SNAPSHOT_POLICY, spareEvents: 0 });
  const base = await snapshots.newest(Number.POSITIVE_INFINITY);
  const draft = new Draft(base ?? emptyState(webinarId));
  for (;;) {
    const page = await store.events.read(webinarId, draft.state.seq, PAGE_EVENTS);
    for (const logged of page) draft.apply(logged);
    if (page.length < PAGE_EVENTS) return draft.state.seq === 0 ? null : draft.state;
  }
}
