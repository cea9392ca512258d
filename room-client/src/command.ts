import type { ErrorCode } from '@rostrum/contracts/errors';
import type { CommandInput, CommandOutput, PersonCommand } from '@rostrum/contracts/person-socket';
import type { RoomClient } from './room.ts';

/** A refused command, as an exception. */
export class CommandError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
  }
}

/** A command refused for coming too soon was not carried out: it is asked again, up to so often, after about so long. */
const TOO_SOON = { tries: 5, pauseMs: 1000 } as const;

/** Asks the coordinator. Throws `CommandError`. */
export async function ask<C extends PersonCommand>(
  room: Pick<RoomClient, 'command'>,
  name: C,
  input: CommandInput<C>,
): Promise<CommandOutput<C>> {
  for (let tries = 1; ; tries += 1) {
    const result = await room.command(name, input);
    if (result.ok) return result.value;
    const { code, message } = result.error;
    if (code !== 'rate-limited' || tries === TOO_SOON.tries) {
      throw new CommandError(code, `${name}: ${message}`);
    }
    const pauseMs = TOO_SOON.pauseMs * (0.5 + Math.random());
    await new Promise((wake) => setTimeout(wake, pauseMs));
  }
}
