import type { DeviceProblem } from './messages.ts';

export type DeviceKind = 'camera' | 'mic';

export const AUDIO_CONSTRAINTS: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};
/** What the highest simulcast layer carries; the programme runs at 25 frames a second. */
export const VIDEO_CONSTRAINTS: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  aspectRatio: { ideal: 16 / 9 },
  frameRate: { ideal: 25, max: 30 },
};

/** What stands behind a failed `getUserMedia`, by the `name` of its exception (Media Capture and Streams, 10.3.1). */
export function deviceProblem(error: unknown): DeviceProblem {
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
      return 'device-denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'device-missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'device-busy';
    case 'SecurityError':
      return 'device-insecure';
    default:
      return 'device-failed';
  }
}

export type Opened =
  | { readonly ok: true; readonly track: MediaStreamTrack }
  | { readonly ok: false; readonly problem: DeviceProblem };

/** Opens one device. `deviceId` undefined: the browser's choice. */
export async function openDevice(kind: DeviceKind, deviceId?: string): Promise<Opened> {
  // Not there at all on a page that is not a secure context.
  if (!navigator.mediaDevices) return { ok: false, problem: 'device-insecure' };
  const choice = deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(
      kind === 'mic'
        ? { audio: { ...AUDIO_CONSTRAINTS, ...choice } }
        : { video: { ...VIDEO_CONSTRAINTS, ...choice } },
    );
    const track = stream.getTracks()[0];
    return track ? { ok: true, track } : { ok: false, problem: 'device-failed' };
  } catch (error) {
    return { ok: false, problem: deviceProblem(error) };
  }
}

/** Opens both with one question to the person where that works, and each by itself where it does not. */
export async function openBoth(): Promise<Record<DeviceKind, Opened>> {
  if (navigator.mediaDevices) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: AUDIO_CONSTRAINTS,
        video: VIDEO_CONSTRAINTS,
      });
      const [camera] = stream.getVideoTracks();
      const [mic] = stream.getAudioTracks();
      if (camera && mic) return { camera: { ok: true, track: camera }, mic: { ok: true, track: mic } };
    } catch {
      // One of the two is missing, denied or busy: which of them is found out below.
    }
  }
  const mic = await openDevice('mic');
  const camera = await openDevice('camera');
  return { mic, camera };
}
