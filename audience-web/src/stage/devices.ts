/** Why there is no camera or microphone, so that the page can say what would help. */
export type DeviceProblem = 'denied' | 'missing' | 'busy';

export interface DeviceChoice {
  /** Device ids; null: the browser's default. */
  readonly cameraId: string | null;
  readonly micId: string | null;
  /** false: sound alone. */
  readonly withCamera: boolean;
}

export interface OpenedDevices {
  readonly camera: MediaStreamTrack | null;
  readonly mic: MediaStreamTrack | null;
  readonly problem: DeviceProblem | null;
}

/** What getUserMedia's refusal means to a person. Pure. */
export function problemOf(errorName: string): DeviceProblem {
  switch (errorName) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'missing';
  }
}

const audioOf = (id: string | null): MediaTrackConstraints => ({
  ...(id === null ? {} : { deviceId: { exact: id } }),
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
});

const videoOf = (id: string | null): MediaTrackConstraints => ({
  ...(id === null ? {} : { deviceId: { exact: id } }),
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 25, max: 30 },
});

/** Opens what was chosen; where both together fail, whichever of them works alone. Never throws. */
export async function openDevices(choice: DeviceChoice): Promise<OpenedDevices> {
  const media = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  // Without a secure context there is none at all.
  if (!media) return { camera: null, mic: null, problem: 'denied' };
  const attempt = async (constraints: MediaStreamConstraints): Promise<MediaStream | DeviceProblem> => {
    try {
      return await media.getUserMedia(constraints);
    } catch (error) {
      return problemOf(error instanceof DOMException ? error.name : '');
    }
  };
  const audio = audioOf(choice.micId);
  const video = videoOf(choice.cameraId);
  const first = await attempt(choice.withCamera ? { audio, video } : { audio });
  if (typeof first !== 'string') return opened(first);
  if (first === 'denied' || !choice.withCamera) return { camera: null, mic: null, problem: first };
  for (const alone of [{ audio }, { video }]) {
    const stream = await attempt(alone);
    if (typeof stream !== 'string') return { ...opened(stream), problem: first };
  }
  return { camera: null, mic: null, problem: first };
}

const opened = (stream: MediaStream): OpenedDevices => ({
  camera: stream.getVideoTracks()[0] ?? null,
  mic: stream.getAudioTracks()[0] ?? null,
  problem: null,
});

export interface DeviceName {
  readonly id: string;
  readonly label: string;
}

/** Cameras and microphones by name; names are known once access was given. */
export async function listDevices(): Promise<{ cameras: DeviceName[]; mics: DeviceName[] }> {
  const media = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  const all = (await media?.enumerateDevices().catch(() => [])) ?? [];
  const of = (kind: MediaDeviceKind): DeviceName[] =>
    all.filter((d) => d.kind === kind && d.deviceId !== '').map((d) => ({ id: d.deviceId, label: d.label }));
  return { cameras: of('videoinput'), mics: of('audioinput') };
}

/** Calls back some 15 times a second with the loudness of `track`, 0 to 1. The answer ends it. */
export function watchLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  context.resume().catch(() => undefined);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
  }, 66);
  return () => {
    clearInterval(timer);
    source.disconnect();
    context.close().catch(() => undefined);
  };
}

const FLOOR_DB = -55;

/** Root mean square on a decibel scale: 0 at -55 dB full scale and below, 1 at -10 dB. Pure. */
export function levelOf(samples: Float32Array): number {
  const meanSquare = samples.reduce((sum, s) => sum + s * s, 0) / Math.max(1, samples.length);
  if (meanSquare === 0) return 0;
  const db = 10 * Math.log10(meanSquare);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / (-10 - FLOOR_DB)));
}
