import type { ErrorCode, Failure, Result } from '@rostrum/contracts/errors';
import type { StageProducer } from '@rostrum/contracts/media';
import { mayPass } from './errors.ts';
import type { StageStatus } from './stage-types.ts';

/** Where a person's stay on the stage stands, and what follows from what happens. Pure: times and chance come with events. */
export const REJOIN = { firstDelayMs: 150, maxDelayMs: 5000, steadyAfterMs: 10_000 } as const;
/** So often a browser may fail to set up its side before that is taken for what it is: it cannot. */
const BROWSER_TRIES = 3;

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

export interface Step {
  readonly state: StageMachine;
  readonly effects: readonly StageEffect[];
}

export const INITIAL: StageMachine = { phase: { at: 'idle' }, lastTurn: 0, opening: null };

const DONE: Result<null> = { ok: true, value: null };
const LATE: Result<null> = {
  ok: false,
  error: { code: 'conflict', message: 'left, or joined again, meanwhile' },
};

export function step(state: StageMachine, event: StageEvent): Step {
  const { phase } = state;
  switch (event.type) {
    case 'joinAsked':
      if (isWanted(phase))
        return { state, effects: [{ type: 'answer', ticket: event.ticket, result: DONE }] };
      return open(state, (turn) => ({
        at: 'joining',
        turn,
        ticket: event.ticket,
        unlessElsewhere: event.unlessElsewhere,
      }));
    case 'leaveAsked':
      return end(state, { at: 'idle' }, isWanted(phase) ? [{ type: 'tellLeave' }] : []);
    case 'opened':
      return opened({ ...state, opening: null }, event);
    case 'openFailed':
      return openFailed({ ...state, opening: null }, event);
    case 'connectionLost':
      return isOf(phase, event.turn)
        ? rejoin(state, backoffAfter(phase, event.nowMs), event.random)
        : same(state);
    case 'commandFailed':
      if (!isOf(phase, event.turn)) return same(state); // a closed session's commands fail by design
      if (event.connected) return rejoin(state, backoffAfter(phase, event.nowMs), event.random);
      return same({ ...state, phase: { ...phase, broken: true } }); // its media flows on meanwhile
    case 'rejoinDue':
      if (phase.at !== 'rejoining' || phase.next.by !== 'timer') return same(state);
      if (!event.connected) return same({ ...state, phase: { ...phase, next: { by: 'sync' } } });
      return reopen(state, phase.backoff);
    case 'synced':
      return synced(state);
    case 'resumed':
      if (!isOf(phase, event.turn)) return same(state); // left, or lost, meanwhile
      return { state, effects: [{ type: 'goOn', turn: event.turn, producers: event.producers }] };
    case 'resumeRefused':
      if (!isOf(phase, event.turn)) return same(state);
      // Cut off again, the next `synced` asks again.
      return event.connected ? reopen(state, { attempts: phase.attempts, browserFailures: 0 }) : same(state);
    case 'resetByServer':
      return reset(state, event);
  }
}

export function statusOf({ phase }: StageMachine): StageStatus {
  return phase.at === 'failed' ? { failed: phase.code } : phase.at;
}

type Joined = Extract<Phase, { at: 'joined' }>;

const same = (state: StageMachine): Step => ({ state, effects: [] });
const isWanted = (phase: Phase): boolean => phase.at !== 'idle' && phase.at !== 'failed';
const isOf = (phase: Phase, turn: Turn): phase is Joined => phase.at === 'joined' && phase.turn === turn;

/** The session that should be there next, opening or waiting for an earlier one's opening to end. */
function nextTurn(phase: Phase): Turn | null {
  if (phase.at === 'joining') return phase.turn;
  return phase.at === 'rejoining' && phase.next.by === 'opening' ? phase.next.turn : null;
}

function backoffOf(phase: Phase): Backoff {
  switch (phase.at) {
    case 'rejoining':
      return phase.backoff;
    case 'joined':
      return { attempts: phase.attempts, browserFailures: 0 };
    default:
      return { attempts: 0, browserFailures: 0 };
  }
}

const backoffAfter = (phase: Joined, nowMs: number): Backoff => ({
  attempts: nowMs - phase.sinceMs > REJOIN.steadyAfterMs ? 0 : phase.attempts,
  browserFailures: 0,
});

/** What has to go when a phase is left for another. */
function leaving(phase: Phase): StageEffect[] {
  switch (phase.at) {
    case 'joined':
      return [{ type: 'close', turn: phase.turn }];
    case 'joining':
      return [{ type: 'answer', ticket: phase.ticket, result: LATE }];
    case 'rejoining':
      return phase.next.by === 'timer' ? [{ type: 'cancelRejoin' }] : [];
    default:
      return [];
  }
}

/** A new session, when no other is being opened; otherwise as soon as that is so. */
function open(state: StageMachine, phaseOf: (turn: Turn) => Phase): Step {
  const turn = state.lastTurn + 1;
  const next = { ...state, phase: phaseOf(turn), lastTurn: turn };
  const started = state.opening === null ? startWaiting(next) : same(next);
  return { state: started.state, effects: [...leaving(state.phase), ...started.effects] };
}

const reopen = (state: StageMachine, backoff: Backoff): Step =>
  open(state, (turn) => ({ at: 'rejoining', backoff, next: { by: 'opening', turn } }));

function rejoin(state: StageMachine, backoff: Backoff, random: number): Step {
  const ceilingMs = Math.min(REJOIN.maxDelayMs, REJOIN.firstDelayMs * 2 ** backoff.attempts);
  return {
    state: {
      ...state,
      phase: {
        at: 'rejoining',
        backoff: { ...backoff, attempts: backoff.attempts + 1 },
        next: { by: 'timer' },
      },
    },
    effects: [...leaving(state.phase), { type: 'scheduleRejoin', inMs: ceilingMs * random }],
  };
}

/** Whatever took the stage away for good, until the page asks again. */
function end(state: StageMachine, phase: Phase, then: readonly StageEffect[] = []): Step {
  return { state: { ...state, phase }, effects: [...leaving(state.phase), ...then] };
}

/** What waited for an opening to end, if anything did, has its turn. */
function startWaiting(state: StageMachine): Step {
  const { phase } = state;
  const turn = nextTurn(phase);
  if (turn === null) return same(state);
  const unlessElsewhere = phase.at === 'joining' && phase.unlessElsewhere;
  return { state: { ...state, opening: turn }, effects: [{ type: 'open', turn, unlessElsewhere }] };
}

function opened(state: StageMachine, { turn, nowMs }: Extract<StageEvent, { type: 'opened' }>): Step {
  const { phase } = state;
  if (nextTurn(phase) !== turn) {
    const after = startWaiting(state);
    return { state: after.state, effects: [{ type: 'close', turn }, ...after.effects] };
  }
  const { attempts } = backoffOf(phase);
  return {
    state: { ...state, phase: { at: 'joined', turn, sinceMs: nowMs, attempts, broken: false } },
    effects: [
      { type: 'adopt', turn },
      ...(phase.at === 'joining' ? [{ type: 'answer', ticket: phase.ticket, result: DONE } as const] : []),
    ],
  };
}

function openFailed(state: StageMachine, event: Extract<StageEvent, { type: 'openFailed' }>): Step {
  const { phase } = state;
  const { turn, error, byBrowser, random } = event;
  if (nextTurn(phase) !== turn) return startWaiting(state);
  const answers: StageEffect[] =
    phase.at === 'joining' ? [{ type: 'answer', ticket: phase.ticket, result: { ok: false, error } }] : [];
  const before = backoffOf(phase);
  const backoff = { ...before, browserFailures: before.browserFailures + (byBrowser ? 1 : 0) };
  const over = { ...state, phase: { at: 'failed', code: error.code } as const };
  const isElsewhere = phase.at === 'joining' && phase.unlessElsewhere && error.code === 'conflict';
  const isFinal = isElsewhere || !mayPass(error.code);
  if (isFinal && !(byBrowser && backoff.browserFailures < BROWSER_TRIES)) {
    return { state: over, effects: answers };
  }
  const after = rejoin(over, backoff, random);
  return { state: after.state, effects: [...after.effects, ...answers] };
}

/** After a new connection: goes on with the media that stands, or joins anew. */
function synced(state: StageMachine): Step {
  const { phase } = state;
  switch (phase.at) {
    case 'idle':
    case 'failed':
    case 'joining':
      return same(state);
    case 'joined':
      if (!phase.broken) return { state, effects: [{ type: 'askResume', turn: phase.turn }] };
      return reopen(state, backoffOf(phase));
    case 'rejoining':
      return reopen(state, phase.backoff);
  }
}

function reset(
  state: StageMachine,
  { reason, random }: Extract<StageEvent, { type: 'resetByServer' }>,
): Step {
  const { phase } = state;
  if (!isWanted(phase)) return same(state);
  switch (reason) {
    case 'node-lost':
      // Told when there is another to go to, or when this one is gone for certain: no reason to wait longer than at first.
      return rejoin(state, { ...backoffOf(phase), attempts: 0 }, random);
    case 'replaced':
      // Our own newer connection replaces the older one while we rejoin; another tab's replaces one that stands.
      return phase.at === 'joined' ? end(state, { at: 'failed', code: 'conflict' }) : same(state);
    case 'removed':
      return end(state, { at: 'failed', code: 'forbidden' });
    case 'returned':
    case 'ended':
      return end(state, { at: 'idle' });
  }
}
