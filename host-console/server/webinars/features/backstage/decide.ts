/** What crew and panelists do among themselves. As `decide`; pure. */
import {
  BACKSTAGE_AFTER_END_MS,
  type BackstageEvent,
  RostrumError,
  type WebinarState,
} from '@rostrum/contracts';
import type { Caller } from '../../commands.ts';
import { conflict, notFound, refuseAfterEnd } from '../../refusals.ts';
import { LIMITS } from '../limits.ts';

/** Also after the end, for as long as they are together. */
export function say(
  state: WebinarState,
  { messageId, text }: { readonly messageId: string; readonly text: string },
  { personId, name, role }: Caller,
): BackstageEvent[] {
  if (state.backstageClosed) throw conflict('the backstage is closed');
  const known = state.backstageMessages.get(messageId);
  if (known) {
    if (known.personId === personId) return [];
    throw new RostrumError('conflict', 'that id is taken', { field: 'messageId' });
  }
  if (state.backstageUnsaid.includes(messageId)) return [];
  if (state.backstageSaid >= LIMITS.backstageSaid) {
    throw new RostrumError('limit-reached', `at most ${LIMITS.backstageSaid} messages backstage`);
  }
  return [{ type: 'backstage.said', messageId, personId, name, role, text }];
}

/** One that is not there any more is gone already. */
export const unsay = (state: WebinarState, messageId: string): BackstageEvent[] =>
  state.backstageMessages.has(messageId) ? [{ type: 'backstage.unsaid', messageId }] : [];

/** Of people who are known here; each once. */
export function order(state: WebinarState, wanted: readonly string[]): BackstageEvent[] {
  refuseAfterEnd(state);
  const personIds = [...new Set(wanted)];
  for (const personId of personIds) {
    // Who was removed meanwhile may still stand in the order of whoever moves another.
    if (!state.people.has(personId)) throw notFound('no such person', 'personIds');
  }
  const same =
    personIds.length === state.runningOrder.length &&
    personIds.every((id, i) => id === state.runningOrder[i]);
  return same ? [] : [{ type: 'backstage.ordered', personIds }];
}

export function countDown(state: WebinarState, airsAtUnixMs: number | null): BackstageEvent[] {
  if (state.phase.phase === 'live') throw conflict('it is on air');
  refuseAfterEnd(state);
  return airsAtUnixMs === state.airsAtUnixMs ? [] : [{ type: 'backstage.countdownSet', airsAtUnixMs }];
}

export function close({ phase, backstageClosed }: WebinarState): BackstageEvent[] {
  if (phase.phase !== 'ended') throw conflict('the webinar has not ended');
  return backstageClosed ? [] : [{ type: 'backstage.closed' }];
}

/** Whether crew and panelists may be together: before the show, in it, and for a while after it. */
export function isBackstageOpen(
  { phase, backstageClosed }: Pick<WebinarState, 'phase' | 'backstageClosed'>,
  nowUnixMs: number,
): boolean {
  if (phase.phase !== 'ended') return true;
  return !phase.cancelled && !backstageClosed && nowUnixMs < phase.endedUnixMs + BACKSTAGE_AFTER_END_MS;
}
