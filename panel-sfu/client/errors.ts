import type { ErrorCode } from '@rostrum/contracts/errors';
import { CommandError } from '@rostrum/room-client/command';

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
