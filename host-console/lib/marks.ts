import type { WebinarView } from '@rostrum/contracts';
import { notifyDone } from './notify.ts';
import type { Send } from './use-command.ts';

/** Ids of marks are made here, so that a mark whose acknowledgement was lost is not made twice. */
export const newMarkId = (): string => crypto.randomUUID();

/** Marks this moment of a live webinar, to be named later. */
export async function markNow({ phase, recording }: WebinarView, send: Send): Promise<void> {
  if (phase.phase !== 'live') return;
  const title = `Mark ${(recording?.marks.length ?? 0) + 1}`;
  if (await send('recording:mark', { markId: newMarkId(), title }))
    notifyDone(`${title} is in the recording`);
}
