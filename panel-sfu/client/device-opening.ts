import type { DeviceKind, DeviceProblem, Facing, Want } from './device-state.ts';

const AUDIO: MediaTrackConstraints = {
  // Also while the sound of a screen is shared: what others hear of it comes by its own track.
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};
/**
 * What the highest simulcast layer carries; the programme runs at 25 frames a second. No aspect ratio is asked for: a phone
 * held upright would be given a strip of its picture.
 */
const VIDEO: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 25, max: 30 },
};

/** What a device is asked for. Pure. */
export function constraintsOf(kind: DeviceKind, want: Want): MediaTrackConstraints {
  const base = kind === 'camera' ? VIDEO : AUDIO;
  if (want === null) return base;
  if ('facing' in want) return { ...base, facingMode: { exact: want.facing } };
  // Chromium opens its default for what is only `ideal`, though the other one is there.
  return { ...base, deviceId: { exact: 'id' in want ? want.id : want.last } };
}

/** Where a camera looks; null: nowhere in particular. One's own picture is shown as in a mirror unless it looks away. */
export function facingOf(track: MediaStreamTrack): Facing | null {
  const { facingMode } = track.getSettings();
  return facingMode === 'user' || facingMode === 'environment' ? facingMode : null;
}

/** What a screen is asked for: its sound as it is, in stereo, and without what this page itself plays. Pure. */
export function screenRequest(): DisplayMediaStreamOptions {
  return {
    video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 15, max: 25 } },
    audio: {
      channelCount: { ideal: 2 },
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
      // Screen Capture; not in the DOM typings. Else everybody would hear themselves from there.
      restrictOwnAudio: true,
    } as MediaTrackConstraints,
  };
}

/** What stands behind a failed `getUserMedia`, by the `name` of its exception (Media Capture and Streams, 10.3.1). Pure. */
export function problemOfError(error: unknown): DeviceProblem {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    case 'SecurityError':
      return 'insecure';
    default:
      return 'failed';
  }
}

type Answer = MediaStreamTrack | DeviceProblem;

/** Opens what is wanted, with one question to the person where that works, and each by itself where it does not. Never throws. */
export async function openDevices(
  mediaDevices: Pick<MediaDevices, 'getUserMedia'> | undefined,
  wants: readonly { readonly kind: DeviceKind; readonly want: Want }[],
): Promise<Partial<Record<DeviceKind, Answer>>> {
  const answers: Partial<Record<DeviceKind, Answer>> = {};
  if (!mediaDevices) {
    for (const { kind } of wants) answers[kind] = 'insecure';
    return answers;
  }
  if (wants.length > 1) {
    try {
      const of = (kind: DeviceKind): MediaTrackConstraints | false => {
        const wanted = wants.find((w) => w.kind === kind);
        return wanted === undefined ? false : constraintsOf(kind, wanted.want);
      };
      const stream = await mediaDevices.getUserMedia({ audio: of('mic'), video: of('camera') });
      const [camera] = stream.getVideoTracks();
      const [mic] = stream.getAudioTracks();
      if (camera && mic) return { camera, mic };
      for (const track of stream.getTracks()) track.stop();
    } catch {
      // One of the two is missing, denied or busy: which of them is found out below.
    }
  }
  for (const { kind, want } of wants) {
    const answer = await openOne(mediaDevices, kind, want);
    const another = want !== null && 'last' in want && (answer === 'missing' || answer === 'busy');
    answers[kind] = another ? await openOne(mediaDevices, kind, null) : answer;
  }
  return answers;
}

async function openOne(
  mediaDevices: Pick<MediaDevices, 'getUserMedia'>,
  kind: DeviceKind,
  want: Want,
): Promise<Answer> {
  const constraints = constraintsOf(kind, want);
  try {
    const stream = await mediaDevices.getUserMedia(
      kind === 'mic' ? { audio: constraints } : { video: constraints },
    );
    return stream.getTracks()[0] ?? 'failed';
  } catch (error) {
    return problemOfError(error);
  }
}
