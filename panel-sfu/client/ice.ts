import type { types } from 'mediasoup-client';
import { type IceEffect, type IceEvent, type IceState, iceStep } from './ice-machine.ts';

export interface IceKeeper {
  /** There is another network, or one again. */
  networkChanged(): void;
  stop(): void;
}

/**
 * Mends a transport's connection as `ice-machine.ts` says. `restart` has the far side restart its ICE: its parameters,
 * or null where nobody can be asked just now; it throws where there is nothing left to restart.
 */
export function keepConnected(
  transport: Pick<types.Transport, 'closed' | 'connectionState' | 'on' | 'restartIce'>,
  restart: () => Promise<types.IceParameters | null>,
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
    const iceParameters = await restart();
    if (iceParameters === null) return { type: 'restartUnanswered' };
    if (!stopped && !transport.closed) await transport.restartIce({ iceParameters });
    return { type: 'restartDone' };
  };
  transport.on('connectionstatechange', (now) => {
    if (now === 'connecting' || now === 'connected' || now === 'disconnected' || now === 'failed') {
      happened({ type: now });
    }
  });
  return {
    networkChanged: () => happened({ type: 'networkChanged' }),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
