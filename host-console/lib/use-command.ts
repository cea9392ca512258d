import type { CommandInput, PersonCommand } from '@rostrum/contracts';
import type { RoomClient } from '@rostrum/room-client/room';
import { useCallback, useState } from 'react';
import { notifyProblem } from './notify.ts';
import { goLiveProblem } from './show-health.ts';

/** Going live starts a channel on a node, which takes longer than a word. */
const DEADLINE_MS: Partial<Record<PersonCommand, number>> = {
  'webinar:goLive': 30_000,
  'webinar:end': 30_000,
};

export type Send = <C extends PersonCommand>(command: C, input: CommandInput<C>) => Promise<boolean>;

/** Sends commands and words what fails. The answer is whether it was carried out. `busy` names what is under way. */
export function useCommand(room: RoomClient): { readonly send: Send; readonly busy: ReadonlySet<string> } {
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  const send = useCallback<Send>(
    async (command, input) => {
      setBusy((now) => new Set(now).add(command));
      const deadlineMs = DEADLINE_MS[command];
      const result = await room.command(command, input, deadlineMs === undefined ? {} : { deadlineMs });
      setBusy((now) => new Set([...now].filter((name) => name !== command)));
      if (!result.ok) {
        notifyProblem(command === 'webinar:goLive' ? goLiveProblem(result.error.code) : result.error.code);
      }
      return result.ok;
    },
    [room],
  );
  return { send, busy };
}
