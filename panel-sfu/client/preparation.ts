import { ask } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import { connectNow, makeTransports, type Transports } from './transports.ts';

/** What is done before somebody joins, so that a join need not: the device is loaded, both transports stand. */
export interface Preparation {
  /** Begins, where nothing stands or is on its way. Never throws: what cannot be prepared is done by the join. */
  start(): void;
  /** Hands over what stands, once what is on its way is there; null: nothing does. */
  take(): Promise<Transports | null>;
  /** Closes what was not taken, at both ends. Idempotent. */
  close(): void;
}

type State =
  | { readonly is: 'nothing' }
  | { readonly is: 'making'; readonly made: Promise<Transports | null> }
  | { readonly is: 'standing'; readonly transports: Transports };

/**
 * What was lost, or refused, is not tried again sooner, and by itself only so often in a row: a page that was reloaded finds
 * its own place on the stage taken, for some seconds.
 */
const AGAIN = { afterMs: 2500, times: 3 } as const;

/** Connected, or on the way there. */
const stands = ({ send, recv }: Transports): boolean =>
  [send, recv].every(({ connectionState }) => ['new', 'connecting', 'connected'].includes(connectionState));

export function createPreparation(room: RoomClient): Preparation {
  let state: State = { is: 'nothing' };
  let failedMs = Number.NEGATIVE_INFINITY;
  /** Left of those by itself; none once it was taken, or given up. */
  let tries = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const make = async (): Promise<Transports | null> => {
    try {
      const transports = await makeTransports(room, await ask(room, 'media:prepare', {}));
      for (const transport of [transports.send, transports.recv]) {
        transport.on('connectionstatechange', () => {
          if (!stands(transports)) lost(transports);
        });
      }
      connectNow(transports).catch(() => lost(transports));
      return transports;
    } catch {
      failedMs = performance.now();
      if (tries > 0) timer = setTimeout(start, AGAIN.afterMs);
      return null;
    }
  };

  /** It went by itself: with the media server, the network, or when the server had waited for long enough. */
  const lost = (transports: Transports): void => {
    if (state.is !== 'standing' || state.transports !== transports) return;
    failedMs = performance.now();
    close();
  };
  const close = (): void => {
    tries = 0;
    clearTimeout(timer);
    const before = state;
    state = { is: 'nothing' };
    if (before.is === 'standing') before.transports.close();
    else if (before.is === 'making') void before.made.then((transports) => transports?.close());
  };

  const start = (): void => {
    clearTimeout(timer);
    if (state.is !== 'nothing' || room.getState().connection !== 'connected') return;
    tries -= 1;
    const made = make();
    const making: State = { is: 'making', made };
    state = making;
    void made.then((transports) => {
      if (state === making) state = transports ? { is: 'standing', transports } : { is: 'nothing' };
    });
  };

  const unsubscribe = [
    room.on('media.reset', close),
    // The server kept it for the connection it was made over.
    room.subscribe(() => {
      if (room.getState().connection !== 'connected') close();
    }),
  ];

  return {
    start() {
      if (performance.now() - failedMs < AGAIN.afterMs) return;
      tries = 1 + AGAIN.times;
      start();
    },
    async take() {
      tries = 0;
      clearTimeout(timer);
      if (state.is === 'making') await state.made;
      if (state.is !== 'standing') return null;
      const { transports } = state;
      state = { is: 'nothing' };
      if (stands(transports)) return transports;
      transports.close();
      return null;
    },
    close() {
      for (const off of unsubscribe) off();
      // Its place is for somebody who comes.
      if (state.is !== 'nothing') void room.command('media:leave', {});
      close();
    },
  };
}
