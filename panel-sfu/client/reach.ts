import { ask } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import { connectNow, makeTransports, type Transports, type Way } from './transports.ts';

export type { Way } from './transports.ts';

/** `none`: there is no such way, as without a TURN server. */
export type Reached = 'reached' | 'blocked' | 'none';

/** ICE gives up later than a person does. */
const REACHED_WITHIN_MS = 10_000;

/**
 * Whether this browser's network lets media through to the stage by one way alone: it connects (ICE, then DTLS), sends nothing, and
 * leaves again. For whoever may come on the stage and is not on it. Throws `CommandError` where the coordinator refuses.
 */
export async function reach(room: RoomClient, way: Way): Promise<Reached> {
  const router = await ask(room, 'media:prepare', {});
  try {
    if (way === 'relay' && router.iceServers.length === 0) return 'none';
    const transports = await makeTransports(room, router, way);
    try {
      connectNow(transports).catch(() => undefined); // told by the state, which fails
      return (await connected(transports)) ? 'reached' : 'blocked';
    } finally {
      transports.close();
    }
  } finally {
    await room.command('media:leave', {});
  }
}

function connected({ send, recv }: Transports): Promise<boolean> {
  const both = [send, recv];
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), REACHED_WITHIN_MS);
    const look = (): void => {
      const failed = both.some(({ connectionState }) => connectionState === 'failed');
      if (!failed && !both.every(({ connectionState }) => connectionState === 'connected')) return;
      clearTimeout(late);
      resolve(!failed);
    };
    for (const transport of both) transport.on('connectionstatechange', look);
    look();
  });
}
