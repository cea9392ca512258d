import { FEATURES } from './features/all.ts';
import type { Decided } from './features/condensing.ts';
import type { FoldedState } from './features/state.ts';

export type { Decided };

/**
 * What has to be appended of events that were decided together: they lead to the same state, but for how often something
 * was taken back. Each feature says what of it can be left out. Pure. Answers `events` itself when nothing can.
 */
export function condense(before: FoldedState, events: readonly Decided[]): readonly Decided[] {
  if (events.length < 2) return events;
  const keep = new Set(events);
  const instead: Decided[] = [];
  for (const feature of FEATURES) {
    if (!('condense' in feature)) continue;
    const condensed = feature.condense(before, events);
    for (const event of condensed.leave) keep.delete(event);
    instead.push(...condensed.instead);
  }
  return keep.size === events.length ? events : [...keep, ...instead];
}
