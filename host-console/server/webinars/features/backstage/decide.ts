/** What crew and panelists do among themselves. As `decide`; pure. */
import { type BackstageEvent, RostrumError, type WebinarState } from '@rostrum/contracts';
import type { Caller } from '../../commands.ts';
import { LIMITS } from '../limits.ts';

/** Also after the end, for as long as they are together. */
export function say(
  state: WebinarState,
  { messageId, text }: { readonly messageId: string; readonly text: string },
  { personId, name, role }: Caller,
): BackstageEvent[] {
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
