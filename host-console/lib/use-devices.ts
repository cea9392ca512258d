import {
  browserDevices,
  createDevices,
  type DeviceClient,
  type DevicesState,
} from '@rostrum/panel-sfu/client/device-client';
import { useEffect, useState, useSyncExternalStore } from 'react';

export interface Devices {
  readonly state: DevicesState;
  readonly client: DeviceClient;
}

/** The person's camera and microphone. They are given back when the component goes. */
export function useDevices(): Devices {
  const [client] = useState(() => createDevices(browserDevices()));
  useEffect(() => client.watch(), [client]);
  const state = useSyncExternalStore(client.state.subscribe, client.state.get, client.state.get);
  return { state, client };
}
