import { type Reached, reach, type Way } from '@rostrum/panel-sfu/client/reach';
import type { RoomClient } from '@rostrum/room-client/room';
import { useCallback, useEffect, useRef, useState } from 'react';

export const WAYS = ['udp', 'tcp', 'relay'] as const satisfies readonly Way[];

export type WayState = Reached | 'waiting' | 'trying' | 'refused';
export type Ways = Readonly<Record<Way, WayState>>;
const NOT_TRIED: Ways = { udp: 'waiting', tcp: 'waiting', relay: 'waiting' };

/** What that means for somebody who wants to come on the stage; null: not known yet. */
export function verdictOn(ways: Ways): 'good' | 'fair' | 'bad' | null {
  const states = Object.values(ways);
  if (states.some((state) => state === 'waiting' || state === 'trying')) return null;
  if (ways.udp === 'reached') return 'good';
  if (states.includes('reached')) return 'fair';
  return states.includes('refused') ? null : 'bad';
}

/** Tries each way after the other: the server keeps one connection a person that has not joined. */
export function useReach(room: RoomClient): { readonly ways: Ways; readonly busy: boolean; start(): void } {
  const [ways, setWays] = useState(NOT_TRIED);
  const [busy, setBusy] = useState(false);
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const start = useCallback(() => {
    const tryAll = async (): Promise<void> => {
      setBusy(true);
      setWays(NOT_TRIED);
      for (const way of WAYS) {
        if (!here.current) return;
        setWays((now) => ({ ...now, [way]: 'trying' }));
        const state = await reach(room, way).catch((): WayState => 'refused');
        setWays((now) => ({ ...now, [way]: state }));
      }
      setBusy(false);
    };
    void tryAll();
  }, [room]);
  return { ways, busy, start };
}
