import { type Keep, keepIn } from '@rostrum/room-client/keep';
import { createStore, type Store } from '@rostrum/room-client/store';
import { facingOf, openDevices } from './device-opening.ts';
import {
  DEVICE_KINDS,
  type DeviceEffect,
  type DeviceEvent,
  type DeviceKind,
  type DeviceName,
  type Devices,
  initialDevices,
  stepDevices,
} from './devices.ts';

export interface DevicesState extends Devices {
  readonly tracks: Readonly<Record<DeviceKind, MediaStreamTrack | null>>;
  /** Where sound may go; empty where the browser lets no page choose. */
  readonly outputs: readonly DeviceName[];
  /** null: where the system puts it. */
  readonly outputId: string | null;
  /** It was chosen, and no sound can go there any more: it goes where the system puts it until another choice. */
  readonly lostOutput: DeviceName | null;
}

/** The person's camera and microphone, kept open as `devices.ts` decides. */
export interface DeviceClient {
  readonly state: Store<DevicesState>;
  openAll(): void;
  /** @param id null: the browser's choice */
  open(kind: DeviceKind, id: string | null): void;
  /** One press: the device that was lost, or another in its place. Whoever was muted stays so. */
  restore(kind: DeviceKind): void;
  /** The camera that looks the other way. */
  turn(): void;
  /** Ends the device's track, so that its light goes out. */
  stop(kind: DeviceKind): void;
  chooseOutput(id: string | null): void;
  /** The browser sends no sound there. */
  outputRefused(id: string): void;
  /** Watches the browser's devices. The answer ends it and gives both devices back; it may be called again. */
  watch(): () => void;
}

/** What of the browser this uses. */
export interface DevicePorts {
  /** Not there at all on a page that is not a secure context. */
  readonly mediaDevices: MediaDevices | undefined;
  readonly permissions: Permissions | undefined;
  readonly canChooseOutput: boolean;
  /** Where a page finds its devices again when it is loaded anew. */
  readonly keep: Keep;
}

export const browserDevices = (): DevicePorts => ({
  mediaDevices: (navigator as { mediaDevices?: MediaDevices }).mediaDevices,
  permissions: (navigator as { permissions?: Permissions }).permissions,
  canChooseOutput: 'setSinkId' in HTMLMediaElement.prototype,
  keep: keepIn(() => sessionStorage),
});

const INPUT: Readonly<Record<DeviceKind, MediaDeviceKind>> = { camera: 'videoinput', mic: 'audioinput' };
const PERMISSION: Readonly<Record<DeviceKind, string>> = { camera: 'camera', mic: 'microphone' };

interface Held {
  readonly track: MediaStreamTrack;
  /** Ends what is listened to of it. */
  readonly off: AbortController;
}

export function createDevices(ports: DevicePorts): DeviceClient {
  const { mediaDevices, keep } = ports;
  let devices = initialDevices;
  const held = new Map<DeviceKind, Held>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let lastOutput = keep.read('speaker');
  const store = createStore<DevicesState>({
    ...devices,
    tracks: { camera: null, mic: null },
    outputs: [],
    outputId: null,
    lostOutput: null,
  });

  function tell(event: DeviceEvent): void {
    const { state, effects } = stepDevices(devices, event);
    devices = state;
    for (const effect of effects) carryOut(effect);
    const { tracks: before } = store.get();
    // While another is opened in its place the last one stands, so that what is sent of it is changed and not ended.
    const of = (kind: DeviceKind): MediaStreamTrack | null =>
      held.get(kind)?.track ?? (devices[kind].opening ? before[kind] : null);
    const tracks = { camera: of('camera'), mic: of('mic') };
    const same = tracks.camera === before.camera && tracks.mic === before.mic;
    store.set({ ...devices, ...(same ? {} : { tracks }) });
  }

  function carryOut(effect: DeviceEffect): void {
    switch (effect.do) {
      case 'open':
        void open(effect.wants);
        return;
      case 'release':
        release(effect.kind);
        return;
      case 'list':
        void list();
        return;
      case 'wait': {
        const { kind, attempt } = effect;
        const timer = setTimeout(() => {
          timers.delete(timer);
          tell({ type: 'waited', kind, attempt });
        }, effect.ms);
        timers.add(timer);
      }
    }
  }

  async function open(wants: (DeviceEffect & { readonly do: 'open' })['wants']): Promise<void> {
    const answers = await openDevices(mediaDevices, wants);
    for (const { kind, attempt } of wants) {
      const answer = answers[kind];
      if (answer === undefined) continue;
      if (typeof answer === 'string') {
        tell({ type: 'refused', kind, attempt, problem: answer, nowMs: performance.now() });
      } else if (attempt === devices[kind].attempt) take(kind, attempt, answer);
      else answer.stop(); // asked for something else meanwhile
    }
  }

  function take(kind: DeviceKind, attempt: number, track: MediaStreamTrack): void {
    release(kind);
    const off = new AbortController();
    held.set(kind, { track, off });
    const on = (name: string, listener: () => void): void =>
      track.addEventListener(name, listener, { signal: off.signal });
    on('ended', () => tell({ type: 'ended', kind, attempt, nowMs: performance.now() }));
    on('mute', () => tell({ type: 'silenced', kind, attempt }));
    on('unmute', () => tell({ type: 'sounds', kind, attempt }));
    const device = {
      id: track.getSettings().deviceId ?? '',
      label: track.label,
      facing: facingOf(track),
    };
    keep.write(kind, device.id || null);
    tell({ type: 'opened', kind, attempt, device, silent: track.muted });
  }

  function release(kind: DeviceKind): void {
    const before = held.get(kind);
    held.delete(kind);
    before?.off.abort();
    before?.track.stop();
  }

  async function list(): Promise<void> {
    const all = (await mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    // Before access is given they have neither ids nor names.
    const of = (kind: MediaDeviceKind): DeviceName[] =>
      all
        .filter((d) => d.kind === kind && d.deviceId !== '')
        .map((d) => ({ id: d.deviceId, label: d.label }));
    const names = { camera: of(INPUT.camera), mic: of(INPUT.mic) };
    tell({ type: 'listed', names, nowMs: performance.now() });
    const outputs = ports.canChooseOutput ? of('audiooutput') : [];
    const { outputId } = store.get();
    if (outputId !== null && !outputs.some((o) => o.id === outputId)) loseOutput(outputId);
    store.set({ outputs });
    takeUpOutput();
  }

  /** Sound that goes nowhere is worse than sound out of the wrong box. */
  function loseOutput(id: string): void {
    const { outputs, outputId } = store.get();
    if (id !== outputId) return;
    store.set({ outputId: null, lostOutput: outputs.find((o) => o.id === id) ?? { id, label: '' } });
  }

  /** The output of before the page was loaded anew: once, as soon as outputs have names. */
  function takeUpOutput(): void {
    const { outputs } = store.get();
    if (outputs.length === 0) return;
    if (outputs.some((o) => o.id === lastOutput)) store.set({ outputId: lastOutput });
    lastOutput = null;
  }

  /** Browsers that do not know these names are told nothing of, and tell nothing. */
  async function watchPermission(kind: DeviceKind, signal: AbortSignal): Promise<void> {
    const name = PERMISSION[kind] as PermissionName;
    const status = await ports.permissions?.query({ name }).catch(() => undefined);
    if (status === undefined || signal.aborted) return;
    const told = (): void => tell({ type: 'permission', kind, permission: status.state });
    told();
    status.addEventListener('change', told, { signal });
  }

  return {
    state: store,
    openAll: () => tell({ type: 'all-asked', last: { camera: keep.read('camera'), mic: keep.read('mic') } }),
    open: (kind, id) => tell({ type: 'device-asked', kind, id }),
    restore: (kind) => tell({ type: 'restore-asked', kind }),
    turn: () => tell({ type: 'turn-asked' }),
    stop: (kind) => tell({ type: 'stop-asked', kind }),
    chooseOutput(outputId) {
      lastOutput = null;
      keep.write('speaker', outputId);
      store.set({ outputId, lostOutput: null });
    },
    outputRefused: loseOutput,
    watch() {
      const stopped = new AbortController();
      mediaDevices?.addEventListener('devicechange', () => void list(), { signal: stopped.signal });
      for (const kind of DEVICE_KINDS) void watchPermission(kind, stopped.signal);
      return () => {
        stopped.abort();
        for (const timer of timers) clearTimeout(timer);
        timers.clear();
        for (const kind of DEVICE_KINDS) tell({ type: 'stop-asked', kind });
      };
    },
  };
}
