import { CommandError } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import type { types } from 'mediasoup-client';
import type { IceRestart } from './ice.ts';

/** A coordinator that takes longer is taken for one that is not reached any more. */
const DEADLINE_MS = 1500;

export interface Restarts {
  /** Has the SFU restart a transport's ICE: what to go on with, or null where nobody can be asked just now. Throws `CommandError`. */
  ask(transportId: string): Promise<IceRestart | null>;
  /** The room's new connection is known as this session's. */
  resumed(): void;
  stop(): void;
}

/** Asks for restarts of ICE over a socket that may have broken with the same network. */
export function createRestarts(
  room: Pick<RoomClient, 'command' | 'getState' | 'redial' | 'subscribe'>,
): Restarts {
  const isConnected = (): boolean => room.getState().connection === 'connected';
  // After a new connection the coordinator refuses what comes before it is told whose that is.
  let attached = true;
  const stop = room.subscribe(() => {
    if (!isConnected()) attached = false;
  });
  return {
    async ask(transportId) {
      if (!attached) return null;
      const answer = await room.command('media:restartIce', { transportId }, { deadlineMs: DEADLINE_MS });
      if (answer.ok) {
        const { iceParameters, iceServers } = answer.value;
        return {
          iceParameters: iceParameters as types.IceParameters,
          iceServers: iceServers as unknown as RTCIceServer[],
        };
      }
      const { code, message } = answer.error;
      if (code === 'unavailable') {
        // Dead, and it does not know it yet.
        if (isConnected()) room.redial();
        return null;
      }
      if (code === 'rate-limited') return null;
      throw new CommandError(code, message);
    },
    resumed() {
      attached = true;
    },
    stop,
  };
}
