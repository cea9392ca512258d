import type { ErrorCode, Failure, Result } from '@rostrum/contracts/errors';
import type { StageProducer } from '@rostrum/contracts/media';

/** Where a person's stay on the stage stands, what happens to it, and what is to be done, as data. */

/** Numbers a session from its opening on, so that an answer to an earlier one is recognised as late. */
export type Turn = number;
/** Names a call of `join` until it is answered. */
export type Ticket = number;

export interface Backoff {
  /** Rejoins scheduled since the last steady session. */
  readonly attempts: number;
  /** Sessions in a row that the browser itself could not set up. */
  readonly browserFailures: number;
}

/** What a rejoin waits for. Without a connection that is the room's next `sync`. */
export type Next =
  | { readonly by: 'opening'; readonly turn: Turn }
  | { readonly by: 'timer' }
  | { readonly by: 'sync' };

export type Phase =
  | { readonly at: 'idle' }
  | { readonly at: 'failed'; readonly code: ErrorCode }
  | {
      readonly at: 'joining';
      readonly turn: Turn;
      readonly ticket: Ticket;
      /** Refused while this person stands on the stage somewhere else, so that they can be asked. */
      readonly unlessElsewhere: boolean;
    }
  | { readonly at: 'rejoining'; readonly backoff: Backoff; readonly next: Next }
  | {
      readonly at: 'joined';
      readonly turn: Turn;
      readonly sinceMs: number;
      readonly attempts: number;
      /** A command was cut off with the connection: what the server made of it is unknown, so the session cannot resume. */
      readonly broken: boolean;
    };

export interface StageMachine {
  readonly phase: Phase;
  readonly lastTurn: Turn;
  /**
   * The session that is being opened, wanted or not. One at a time: an earlier one still asking would take the
   * transports a later one is entitled to, so the later one waits for it.
   */
  readonly opening: Turn | null;
}

/** `random` is from 0 to 1 and spreads a rejoin; `nowMs` is of a clock that never goes back. */
export type StageEvent =
  | { readonly type: 'joinAsked'; readonly ticket: Ticket; readonly unlessElsewhere: boolean }
  | { readonly type: 'leaveAsked' }
  | { readonly type: 'opened'; readonly turn: Turn; readonly nowMs: number }
  | {
      readonly type: 'openFailed';
      readonly turn: Turn;
      readonly error: Failure;
      /** The browser's side failed, not a command. */
      readonly byBrowser: boolean;
      readonly random: number;
    }
  /** The session's network is beyond mending. */
  | { readonly type: 'connectionLost'; readonly turn: Turn; readonly nowMs: number; readonly random: number }
  /** What is sent or received could not be brought to what is wanted. */
  | {
      readonly type: 'commandFailed';
      readonly turn: Turn;
      readonly connected: boolean;
      readonly nowMs: number;
      readonly random: number;
    }
  | { readonly type: 'rejoinDue'; readonly connected: boolean }
  /** The room is connected anew, and its view is up to date. */
  | { readonly type: 'synced' }
  | { readonly type: 'resumed'; readonly turn: Turn; readonly producers: readonly StageProducer[] }
  | { readonly type: 'resumeRefused'; readonly turn: Turn; readonly connected: boolean }
  | { readonly type: 'resetByServer'; readonly reason: ResetReason; readonly random: number };

export type ResetReason = 'node-lost' | 'removed' | 'returned' | 'ended' | 'replaced';

export type StageEffect =
  | { readonly type: 'open'; readonly turn: Turn; readonly unlessElsewhere: boolean }
  /** The session that was opened is the one to use from now on. */
  | { readonly type: 'adopt'; readonly turn: Turn }
  | { readonly type: 'close'; readonly turn: Turn }
  /** In the place of what was scheduled before. */
  | { readonly type: 'scheduleRejoin'; readonly inMs: number }
  | { readonly type: 'cancelRejoin' }
  | { readonly type: 'askResume'; readonly turn: Turn }
  | { readonly type: 'goOn'; readonly turn: Turn; readonly producers: readonly StageProducer[] }
  | { readonly type: 'tellLeave' }
  | { readonly type: 'answer'; readonly ticket: Ticket; readonly result: Result<null> };

export const INITIAL: StageMachine = { phase: { at: 'idle' }, lastTurn: 0, opening: null };
