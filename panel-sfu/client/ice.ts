import type { types } from 'mediasoup-client';
import { type IceEffect, type IceEvent, type IceState, iceStep } from './ice-machine.ts';

export interface IceKeeper {
  /** There is another network, or one again. */
  networkChanged(): void;
  /** What is sent is answered by nothing. */
  silent(): void;
  /** It stands, or is not needed yet, and nothing is being done about it. */
  steady(): boolean;
  stop(): void;
}

/** What ICE is restarted with. A TURN server takes the credentials of the join for some hours only, so there are new ones. */
export interface IceRestart {
  readonly iceParameters: types.IceParameters;
  readonly iceServers: RTCIceServer[];
}

/**
 * Mends a transport's connection as `ice-machine.ts` says. `restart` has the far side restart its ICE: what to go on with,
 * or null where nobody can be asked just now; it throws where there is nothing left to restart.
 */
export function keepConnected(
  transport: Pick<types.Transport, 'closed' | 'connectionState' | 'on' | 'restartIce' | 'updateIceServers'>,
  restart: () => Promise<IceRestart | null>,
  onLost: () => void,
): IceKeeper {
  let state: IceState = { at: 'new' };
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const happened = (event: IceEvent): void => {
    if (stopped || transport.closed) return;
    const step = iceStep(state, event);
    state = step.state;
    for (const effect of step.effects) carryOut(effect);
  };
  const carryOut = (effect: IceEffect): void => {
    switch (effect.type) {
      case 'wait':
        clearTimeout(timer);
        timer = setTimeout(
          () => happened({ type: 'timeUp', connected: transport.connectionState === 'connected' }),
          effect.ms,
        );
        return;
      case 'stopWaiting':
        clearTimeout(timer);
        return;
      case 'restart':
        void restartOnce().then(happened, () => happened({ type: 'restartRefused' }));
        return;
      case 'lost':
        onLost();
        return;
    }
  };
  const restartOnce = async (): Promise<IceEvent> => {
    const told = await restart();
    if (told === null) return { type: 'restartUnanswered' };
    if (!stopped && !transport.closed) {
      await transport.updateIceServers({ iceServers: told.iceServers });
      await transport.restartIce({ iceParameters: told.iceParameters });
    }
    return { type: 'restartDone' };
  };
  const changed = (now: types.ConnectionState): void => {
    if (now === 'connecting' || now === 'connected' || now === 'disconnected' || now === 'failed') {
      happened({ type: now });
    }
  };
  transport.on('connectionstatechange', changed);
  // One that was prepared may stand already.
  changed(transport.connectionState);
  return {
    networkChanged: () => happened({ type: 'networkChanged' }),
    silent: () => happened({ type: 'silent' }),
    steady: () => state.at === 'standing' || state.at === 'new',
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
