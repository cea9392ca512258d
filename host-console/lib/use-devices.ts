import { useCallback, useEffect, useRef, useState } from 'react';
import { type DeviceKind, type Opened, openBoth, openDevice } from './devices.ts';
import type { DeviceProblem } from './messages.ts';

export interface DeviceState {
  readonly track: MediaStreamTrack | null;
  readonly problem: DeviceProblem | null;
  readonly opening: boolean;
  readonly choices: readonly { readonly deviceId: string; readonly label: string }[];
}

export interface Devices {
  readonly camera: DeviceState;
  readonly mic: DeviceState;
  /** Opens both, as a page does at first. */
  openAll(): Promise<void>;
  open(kind: DeviceKind, deviceId?: string): Promise<void>;
  /** Ends the device's track, so that its light goes out. */
  stop(kind: DeviceKind): void;
}

const NONE: DeviceState = { track: null, problem: null, opening: false, choices: [] };
const INPUT: Record<DeviceKind, MediaDeviceKind> = { camera: 'videoinput', mic: 'audioinput' };
const NAME: Record<DeviceKind, string> = { camera: 'Camera', mic: 'Microphone' };

/** The person's camera and microphone. Tracks are ended when the component goes. */
export function useDevices(): Devices {
  const [state, setState] = useState<Record<DeviceKind, DeviceState>>({ camera: NONE, mic: NONE });
  const tracks = useRef<Record<DeviceKind, MediaStreamTrack | null>>({ camera: null, mic: null });
  const gone = useRef(false);

  const change = useCallback((kind: DeviceKind, part: Partial<DeviceState>) => {
    setState((now) => ({ ...now, [kind]: { ...now[kind], ...part } }));
  }, []);

  const list = useCallback(async () => {
    if (!navigator.mediaDevices) return;
    const found = await navigator.mediaDevices.enumerateDevices();
    for (const kind of ['camera', 'mic'] as const) {
      const choices = found
        .filter((d) => d.kind === INPUT[kind] && d.deviceId !== '')
        .map((d, i) => ({ deviceId: d.deviceId, label: d.label || `${NAME[kind]} ${i + 1}` }));
      change(kind, { choices });
    }
  }, [change]);

  const take = useCallback(
    (kind: DeviceKind, opened: Opened) => {
      if (gone.current) {
        if (opened.ok) opened.track.stop();
        return;
      }
      if (!opened.ok) {
        change(kind, { problem: opened.problem, opening: false });
        return;
      }
      tracks.current[kind]?.stop();
      tracks.current[kind] = opened.track;
      opened.track.addEventListener('ended', () => {
        if (tracks.current[kind] !== opened.track) return;
        tracks.current[kind] = null;
        change(kind, { track: null, problem: 'device-missing' });
      });
      change(kind, { track: opened.track, problem: null, opening: false });
    },
    [change],
  );

  const openAll = useCallback(async () => {
    change('camera', { opening: true });
    change('mic', { opening: true });
    const opened = await openBoth();
    take('mic', opened.mic);
    take('camera', opened.camera);
    await list();
  }, [change, list, take]);

  const open = useCallback(
    async (kind: DeviceKind, deviceId?: string) => {
      change(kind, { opening: true });
      take(kind, await openDevice(kind, deviceId));
      await list();
    },
    [change, list, take],
  );

  const stop = useCallback(
    (kind: DeviceKind) => {
      tracks.current[kind]?.stop();
      tracks.current[kind] = null;
      change(kind, { track: null, problem: null });
    },
    [change],
  );

  useEffect(() => {
    gone.current = false;
    const { mediaDevices } = navigator;
    const relist = (): void => void list();
    mediaDevices?.addEventListener('devicechange', relist);
    const held = tracks.current;
    return () => {
      gone.current = true;
      mediaDevices?.removeEventListener('devicechange', relist);
      held.camera?.stop();
      held.mic?.stop();
      held.camera = null;
      held.mic = null;
    };
  }, [list]);

  return { ...state, openAll, open, stop };
}
