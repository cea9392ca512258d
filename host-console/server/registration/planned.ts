/** What a webinar's registration rests on, and how far it has come. Pure. */

import type { PlannedRow } from '../store/index.ts';
import { takesRegistrations } from './rules.ts';

export type Planned = PlannedRow;

/**
 * What a stranger finds at a webinar's page. `none`: no such page. `walk-in`: nobody registers, whoever has the address comes.
 * `taking`: they may register. `over`: it has ended. `cancelled`: it was given up.
 */
export type PageState = 'none' | 'walk-in' | 'taking' | 'over' | 'cancelled';

export function pageState(planned: Planned | null, isPrivate: boolean): PageState {
  if (!planned || planned.plan.visibility === 'draft') return 'none';
  const registered = takesRegistrations(planned.plan.join);
  // Of a private one nobody is told that it is there, but who may register for it.
  if (isPrivate && !registered) return 'none';
  if (planned.cancelled) return 'cancelled';
  if (planned.phase === 'ended') return 'over';
  return registered ? 'taking' : 'walk-in';
}

/** Whether the crew brings people, whoever else may come: they get a link of their own, and are reminded. */
export const isOpenToCrew = (planned: Planned): boolean => !planned.cancelled && planned.phase !== 'ended';
