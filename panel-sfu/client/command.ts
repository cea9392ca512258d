import type { ErrorCode } from '@rostrum/contracts/errors';
import type { CommandInput, CommandOutput } from '@rostrum/contracts/person-socket';
import type { RoomClient } from './room.ts';

export type MediaCommand = Extract<Parameters<RoomClient['command']>[0], `media:${string}`>;

/** A refused command, as an exception for the code between the stage's loops. */
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
export async function ask<C extends MediaCommand>(
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

/** The code of anything thrown; what the browser's WebRTC throws is this machine's lack of support. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof CommandError ? error.code : 'media-unsupported';
}

/** Failures of the session as a whole: the media is gone, or the coordinator cannot be asked. Join again. */
const SESSION_GONE: readonly ErrorCode[] = [
  'not-on-stage',
  'node-lost',
  'node-timeout',
  'no-sfu',
  'unavailable',
  'internal',
  'rate-limited',
];
export const endsSession = (error: unknown): boolean =>
  error instanceof CommandError && SESSION_GONE.includes(error.code);

/** Refusals of a join that stay. All else passes: a node that went, a room that was just closed under us. */
const FINAL: readonly ErrorCode[] = [
  'forbidden',
  'unauthenticated',
  'bad-input',
  'too-large',
  'media-unsupported',
];
export const mayPass = (code: ErrorCode): boolean => !FINAL.includes(code);
