/**
 * Mends a transport's connection by ICE restarts, as many as it takes while the network is away, and says when that is
 * no use. Pure: one timer, whose end comes as an event.
 */
export const ICE = {
  /** How long a wobbling connection is given to come back by itself. */
  graceMs: 300,
  /** Browsers give up on ICE by themselves, but wait for ever for a DTLS handshake that got lost on the way. */
  connectMs: 15_000,
  /** How long each restart is given to stand, from its answer on; after the last one the connection is lost. */
  triesMs: [2000, 2000, 3000, 4000, 6000],
  /** Between a restart that could not be asked for and the next. */
  againMs: 200,
} as const;

export type IceState =
  | { readonly at: 'new' }
  | { readonly at: 'connecting' }
  | { readonly at: 'standing' }
  | { readonly at: 'wobbling' }
  /** Restart number `tries` is being asked for. */
  | { readonly at: 'asking'; readonly tries: number }
  /** It was carried out, and has until the timer's end to stand. */
  | { readonly at: 'restarted'; readonly tries: number }
  | { readonly at: 'lost' };

export type IceEvent =
  | { readonly type: 'connecting' | 'connected' | 'disconnected' | 'failed' }
  /** There is another network, or one again: what stood cannot be trusted. */
  | { readonly type: 'networkChanged' }
  /** What is sent is answered by nothing, not even reports. Browsers take five seconds to say so. */
  | { readonly type: 'silent' }
  /** What was waited for; `connected` as the transport says it is now. */
  | { readonly type: 'timeUp'; readonly connected: boolean }
  | { readonly type: 'restartDone' }
  /** Not asked, or not answered: the socket is away too. */
  | { readonly type: 'restartUnanswered' }
  /** The far side has no such transport any more. */
  | { readonly type: 'restartRefused' };

export type IceEffect =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'stopWaiting' }
  | { readonly type: 'restart' }
  | { readonly type: 'lost' };

export interface IceStep {
  readonly state: IceState;
  readonly effects: readonly IceEffect[];
}

const same = (state: IceState): IceStep => ({ state, effects: [] });
const LOST: IceStep = { state: { at: 'lost' }, effects: [{ type: 'stopWaiting' }, { type: 'lost' }] };

export function iceStep(state: IceState, event: IceEvent): IceStep {
  if (state.at === 'lost') return same(state);
  switch (event.type) {
    case 'connected':
      return { state: { at: 'standing' }, effects: [{ type: 'stopWaiting' }] };
    case 'connecting':
      if (state.at !== 'new') return same(state);
      return { state: { at: 'connecting' }, effects: [{ type: 'wait', ms: ICE.connectMs }] };
    case 'disconnected':
      if (state.at !== 'standing' && state.at !== 'connecting') return same(state);
      return { state: { at: 'wobbling' }, effects: [{ type: 'wait', ms: ICE.graceMs }] };
    case 'failed':
      if (state.at === 'asking') return same(state);
      return restart(triesOf(state) + 1);
    case 'networkChanged':
      // What is on its way over the old network is left to itself: the asking ends by its deadline.
      if (state.at === 'new' || state.at === 'asking') return same(state);
      return restart(1);
    case 'silent':
      return state.at === 'standing' || state.at === 'wobbling' ? restart(1) : same(state);
    case 'timeUp':
      if (state.at === 'new' || state.at === 'standing') return same(state);
      // It never stopped standing: the network only seemed to be another one.
      if (state.at === 'restarted' && event.connected) return same({ at: 'standing' });
      return restart(triesOf(state) + (state.at === 'asking' ? 0 : 1));
    case 'restartDone':
      if (state.at !== 'asking') return same(state);
      return {
        state: { at: 'restarted', tries: state.tries },
        effects: [{ type: 'wait', ms: ICE.triesMs[state.tries - 1] ?? 0 }],
      };
    case 'restartUnanswered':
      // It was no try: without a socket there is nothing to give up on.
      return state.at === 'asking' ? { state, effects: [{ type: 'wait', ms: ICE.againMs }] } : same(state);
    case 'restartRefused':
      return state.at === 'asking' ? LOST : same(state);
  }
}

const triesOf = (state: IceState): number =>
  state.at === 'asking' || state.at === 'restarted' ? state.tries : 0;

function restart(tries: number): IceStep {
  if (tries > ICE.triesMs.length) return LOST;
  return { state: { at: 'asking', tries }, effects: [{ type: 'stopWaiting' }, { type: 'restart' }] };
}
