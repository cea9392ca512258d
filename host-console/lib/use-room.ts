import { createStageClient, type StageClient, type StageState } from '@rostrum/panel-sfu/client/stage';
import { createRoomClient, type RoomClient, type RoomState } from '@rostrum/room-client/room';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { webinarOfSession } from './session-token.ts';
import { createTileDemand, type TileDemand } from './tile-demand.ts';

export interface Session {
  readonly room: RoomClient;
  readonly stage: StageClient;
  readonly tiles: TileDemand;
}

/** Connects with `token` for as long as the component stands; null until then, and without a token. */
export function useSession(token: string | null | undefined): Session | null {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    if (!token) return;
    const webinarId = webinarOfSession(token);
    const room = createRoomClient({
      coordinatorUrl: '',
      ...(webinarId === null ? { token } : { webinarId }),
    });
    const stage = createStageClient({ room });
    const tiles = createTileDemand((personId, source, heightPx) =>
      stage.showTile(personId, source, heightPx),
    );
    setSession({ room, stage, tiles });
    return () => {
      setSession(null);
      stage.close();
      room.close();
    };
  }, [token]);
  return session;
}

export function useRoomState(room: RoomClient): RoomState {
  return useSyncExternalStore(room.subscribe, room.getState, room.getState);
}

export function useStageState(stage: StageClient): StageState {
  return useSyncExternalStore(stage.subscribe, stage.getState, stage.getState);
}
