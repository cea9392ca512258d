import type { CommandInput } from '@rostrum/contracts/person-socket';
import { browserDevices, createDevices, type DeviceClient } from '@rostrum/panel-sfu/client/device-client';
import type { StageClient } from '@rostrum/panel-sfu/client/stage';
import type { RoomClient } from '@rostrum/room-client/room';
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
  /** From the device check on. */
  readonly client: StageClient | null;
  /** The stage is heard: the stream has to be silent, or every voice came twice. */
  readonly stageHeard: boolean;
  /** What came of the last attempt to connect. `elsewhere`: they are on the stage in another window, and the next one brings them here. */
  readonly problem: 'failed' | 'elsewhere' | null;
  /** Told once, after coming back. `elsewhere`: they went on in another window. */
  readonly returned: 'left' | 'elsewhere' | null;
}

export type ConsentInput = CommandInput<'consent:answer'>;

export interface StageVisit {
  readonly state: Store<VisitState>;
  /** Open from the device check on until the visit ends; what is open is sent. */
  readonly devices: DeviceClient;
  /** Opens the device check, and connects while it is looked at. */
  open(): void;
  /** Closes it; the invitation stands. */
  putOff(): void;
  /** Gives the invitation back; where they are on the stage in another window, it only closes the device check. */
  decline(): Promise<void>;
  /** Goes on stage with what is open, once `answers` are given; from another window only when asked a second time. */
  join(answers: readonly ConsentInput[]): Promise<void>;
  /** Whether they may be recorded, once on the stage. */
  answer(answer: ConsentInput): Promise<boolean>;
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
    problem: null,
    returned: null,
  });
  const devices = createDevices(browserDevices());
  let closeDevices = (): void => undefined;
  let unsubscribe = (): void => undefined;
  let stopPreparing = (): void => undefined;
  let timers: ReturnType<typeof setTimeout>[] = [];
  let attempt = 0;
  /** Of the client: a name that is taken brings another connection. */
  let clientRoom: RoomClient | null = null;

  const end = (elsewhere = false): void => {
    attempt += 1;
    unsubscribe();
    stopPreparing();
    for (const timer of timers) clearTimeout(timer);
    timers = [];
    const { client, step } = store.get();
    client?.close();
    closeDevices();
    const wasThere = step === 'there' || step === 'arriving';
    store.set({
      step: 'away',
      client: null,
      stageHeard: false,
      problem: null,
      returned: wasThere ? (elsewhere ? 'elsewhere' : 'left') : null,
    });
  };

  const arrive = (): void => {
    if (store.get().step === 'arriving') store.set({ step: 'there', stageHeard: true });
  };

  /** The client over the connection of now; null: there is none, or the visit has gone on meanwhile. */
  const clientFor = async (mine: number): Promise<StageClient | null> => {
    const { createStageClient, atSigns } = await import('./stage-library.ts');
    const room = session.room();
    if (mine !== attempt || room === null) return null;
    const { client: before } = store.get();
    if (before !== null && room === clientRoom) return before;
    stopPreparing();
    before?.close();
    const client = createStageClient({ room });
    clientRoom = room;
    store.set({ client });
    stopPreparing = atSigns(() => {
      if (store.get().step === 'checking') client.prepare();
    });
    return client;
  };

  const answer: StageVisit['answer'] = async (input) =>
    (await session.command('consent:answer', input)) === null;

  return {
    state: store,
    devices,
    answer,
    open() {
      if (store.get().step !== 'away') return;
      store.set({ step: 'checking', returned: null, problem: null });
      closeDevices();
      closeDevices = devices.watch();
      devices.openAll();
      // What cannot be loaded now is asked for again by the join, which says so.
      clientFor(attempt).catch(() => undefined);
    },
    putOff() {
      if (store.get().step === 'checking') end();
    },
    async decline() {
      end();
      const { view, presence } = session.room()?.getState() ?? {};
      // Whoever stands on the stage in another window has not refused it.
      if (view && presence?.onStage.includes(view.self.personId)) return;
      await session.command('guest:leave', {});
    },
    async join(answers) {
      attempt += 1;
      const mine = attempt;
      const unlessElsewhere = store.get().problem !== 'elsewhere';
      store.set({ step: 'joining', problem: null });
      const failed = (problem: VisitState['problem']): void => {
        if (mine === attempt) store.set({ step: 'checking', problem });
      };
      try {
        const client = await clientFor(mine);
        if (client === null) return failed('failed');
        // One that does not get to the log is no consent, and keeps nobody from joining.
        await Promise.all(answers.map(answer));
        if (mine !== attempt) return;
        const send = (): void => {
          const { camera, mic } = devices.state.get().tracks;
          client.setCamera(camera);
          client.setMic(mic);
        };
        const result = await client.join({ ...devices.state.get().tracks, unlessElsewhere });
        if (mine !== attempt) return;
        // What can pass is retried by the client itself; then its status says so.
        if (!result.ok && client.getState().status !== 'rejoining') {
          return failed(result.error.code === 'conflict' ? 'elsewhere' : 'failed');
        }
        const offs = [
          client.subscribe(() => {
            const { status } = client.getState();
            // Sent back, the show ended, or another window took over.
            if (typeof status === 'object') end(status.failed === 'conflict');
            else if (status === 'idle') end();
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
        failed('failed');
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
    close: () => end(),
  };
}
