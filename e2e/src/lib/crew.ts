import type {
  CommandInput,
  CommandOutput,
  PersonCommand,
  PersonQuality,
  Result,
  WebinarView,
} from '@rostrum/contracts';
import { createRoomClient } from '@rostrum/room-client/room';

/** A host or moderator without a page: the same socket, commands and view the console has. */
export interface CrewMember {
  command<C extends PersonCommand>(
    name: C,
    input: CommandInput<C>,
    deadlineMs?: number,
  ): Promise<CommandOutput<C>>;
  view(): WebinarView;
  /** Resolves with the first view that satisfies `condition`; rejects after `deadlineMs`. */
  until(what: string, condition: (view: WebinarView) => boolean, deadlineMs?: number): Promise<WebinarView>;
  onStage(): readonly string[];
  /** How somebody's network fares, as the crew is told; null: it is not. */
  qualityOf(personId: string): PersonQuality | null;
  close(): void;
}

export async function joinAsCrew(coordinatorUrl: string, token: string): Promise<CrewMember> {
  const room = createRoomClient({ coordinatorUrl, token });
  const member: CrewMember = {
    async command(name, input, deadlineMs) {
      const options = deadlineMs === undefined ? {} : { deadlineMs };
      const result: Result<CommandOutput<typeof name>> = await room.command(name, input, options);
      if (!result.ok) throw new Error(`${name} was refused: ${result.error.code}: ${result.error.message}`);
      return result.value;
    },
    view() {
      const { view, connection } = room.getState();
      if (!view) throw new Error(`not in the webinar: ${JSON.stringify(connection)}`);
      return view;
    },
    until(what, condition, deadlineMs = 10_000) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          off();
          reject(
            new Error(
              `waited ${deadlineMs} ms in vain for: ${what}; ${JSON.stringify(room.getState().view)}`,
            ),
          );
        }, deadlineMs);
        const look = (): void => {
          const { view } = room.getState();
          if (!view || !condition(view)) return;
          clearTimeout(timer);
          queueMicrotask(() => off());
          resolve(view);
        };
        const off = room.subscribe(look);
        look();
      });
    },
    qualityOf: (personId) => room.getState().quality[personId] ?? null,
    onStage: () => room.getState().presence?.onStage ?? [],
    close: () => room.close(),
  };
  try {
    await member.until('the first view', () => true);
  } catch (error) {
    room.close();
    throw error;
  }
  return member;
}
