import type { Result } from '@rostrum/contracts/errors';
import { mayPass } from './errors.ts';
import type { Backoff, Phase, StageEffect, StageEvent, StageMachine, Turn } from './stage-phase.ts';
import type { StageStatus } from './stage-types.ts';

/** What follows for a person's stay on the stage from what happens. Pure: times and chance come with events. */
export const REJOIN = { firstDelayMs: 150, maxDelayMs: 5000, steadyAfterMs: 10_000 } as const;
/** So often a browser may fail to set up its side before that is taken for what it is: it cannot. */
const BROWSER_TRIES = 3;

export interface Step {
  readonly state: StageMachine;
  readonly effects: readonly StageEffect[];
}

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
