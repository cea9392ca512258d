import { browserDevices, createDevices, type DeviceClient } from '@rostrum/panel-sfu/client/device-client';
import type { StageClient } from '@rostrum/panel-sfu/client/stage';
import { createStore, type Store } from '@rostrum/room-client/store';
import type { WatchSession } from '../room/session.ts';

/**
 * An attendee's way to the stage and back:
 * `away` -> `checking` (devices, while the stream plays) -> `joining` -> `arriving` (connected, the stream still shown)
 * -> `there` -> `away`.
 */
export type VisitStep = 'away' | 'checking' | 'joining' | 'arriving' | 'there';

export interface VisitState {
  readonly step: VisitStep;
  readonly client: StageClient | null;
  /** The stage is heard: the stream has to be silent, or every voice came twice. */
  readonly stageHeard: boolean;
  /** The last attempt to connect did not work. */
  readonly failed: boolean;
  /** Told once, after coming back. */
  readonly returned: boolean;
}

export interface StageVisit {
  readonly state: Store<VisitState>;
  /** Open from the device check on until the visit ends; what is open is sent. */
  readonly devices: DeviceClient;
  /** Opens the device check. */
  open(): void;
  /** Closes it; the invitation stands. */
  putOff(): void;
  /** Gives the invitation back. */
  decline(): Promise<void>;
  /** Connects with what is open. */
  join(): Promise<void>;
  /** A remote voice began to play. */
  heard(): void;
  /** A remote picture is on the screen. */
  seen(): void;
  /** Raises a hand to be heard again after the crew muted this person, or lowers it. */
  askToSpeak(asks: boolean): Promise<void>;
  leave(): Promise<void>;
  /** The coordinator no longer counts this person as a guest. */
  notGuest(): void;
  close(): void;
}

/** With nobody to be seen, the page turns to the stage after this long all the same. */
const ARRIVE_AFTER_MS = 3000;
/** With nobody speaking, the stream falls silent after this long: one's own voice is about to be in it. */
const SILENCE_AFTER_MS = 1000;

export function createVisit(session: WatchSession): StageVisit {
  const store = createStore<VisitState>({
    step: 'away',
    client: null,
    stageHeard: false,
    failed: false,
    returned: false,
  });
  const devices = createDevices(browserDevices());
  let closeDevices = (): void => undefined;
  let unsubscribe = (): void => undefined;
  let timers: ReturnType<typeof setTimeout>[] = [];
  let attempt = 0;

  const end = (): void => {
    attempt += 1;
    unsubscribe();
    for (const timer of timers) clearTimeout(timer);
    timers = [];
    const { client, step } = store.get();
    client?.close();
    closeDevices();
    const wasThere = step === 'there' || step === 'arriving';
    store.set({ step: 'away', client: null, stageHeard: false, failed: false, returned: wasThere });
  };

  const arrive = (): void => {
    if (store.get().step === 'arriving') store.set({ step: 'there', stageHeard: true });
  };

  return {
    state: store,
    devices,
    open() {
      if (store.get().step !== 'away') return;
      store.set({ step: 'checking', returned: false, failed: false });
      closeDevices();
      closeDevices = devices.watch();
      devices.openAll();
    },
    putOff() {
      if (store.get().step !== 'checking') return;
      closeDevices();
      store.set({ step: 'away' });
    },
    async decline() {
      end();
      await session.command('guest:leave', {});
    },
    async join() {
      attempt += 1;
      const mine = attempt;
      store.set({ step: 'joining', failed: false });
      const failed = (): void => {
        if (mine !== attempt) return;
        store.get().client?.close();
        store.set({ step: 'checking', client: null, failed: true });
      };
      try {
        const { createStageClient } = await import('./stage-library.ts');
        const room = session.room();
        if (mine !== attempt || room === null) return failed();
        const client = createStageClient({ room });
        store.set({ client });
        const send = (): void => {
          const { camera, mic } = devices.state.get().tracks;
          client.setCamera(camera);
          client.setMic(mic);
        };
        const result = await client.join(devices.state.get().tracks);
        if (mine !== attempt) return;
        // What can pass is retried by the client itself; then its status says so.
        if (!result.ok && client.getState().status !== 'rejoining') return failed();
        const offs = [
          client.subscribe(() => {
            const { status } = client.getState();
            // Sent back, the show ended, or another tab took over.
            if (status === 'idle' || typeof status === 'object') end();
          }),
          // Another device, or the same once more: whether it is muted is not its business.
          devices.state.subscribe(send),
        ];
        unsubscribe = () => {
          for (const off of offs) off();
        };
        send();
        store.set({ step: 'arriving' });
        timers = [
          setTimeout(() => store.set({ stageHeard: true }), SILENCE_AFTER_MS),
          setTimeout(arrive, ARRIVE_AFTER_MS),
        ];
      } catch (error) {
        console.warn('rostrum stage: could not join', error);
        failed();
      }
    },
    heard: () => store.set({ stageHeard: true }),
    seen: arrive,
    async askToSpeak(asks) {
      await session.command(asks ? 'hand:raise' : 'hand:lower', {});
    },
    async leave() {
      end();
      await session.command('guest:leave', {});
    },
    notGuest() {
      if (store.get().step !== 'away') end();
    },
    close: end,
  };
}
