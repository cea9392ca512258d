import type { Keep } from '@rostrum/room-client/keep';
import { keepInMemory } from '@rostrum/room-client/testing/keep';
import { createDevices, type DeviceClient } from './device-client.ts';
import { constraintsOf, facingOf, openDevices, problemOfError, screenRequest } from './device-opening.ts';
import { problemOf } from './devices.ts';
import { levelOf } from './level.ts';

/** Where cameras of a phone look, by id. */
const FACING: Readonly<Record<string, string>> = { front: 'user', back: 'environment' };

/** A track as a browser hands it out: it ends by `stop` without an event, and by its device with one. */
class Track extends EventTarget {
  readyState = 'live';
  muted = false;
  readonly kind: 'audio' | 'video';
  readonly deviceId: string;
  constructor(kind: 'audio' | 'video', deviceId: string) {
    super();
    this.kind = kind;
    this.deviceId = deviceId;
  }
  get label(): string {
    return `The ${this.deviceId}`;
  }
  getSettings(): MediaTrackSettings {
    const facingMode = FACING[this.deviceId];
    return { deviceId: this.deviceId, ...(facingMode ? { facingMode } : {}) };
  }
  stop(): void {
    this.readyState = 'ended';
  }
  unplug(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

/** The devices of a browser: what is connected can be opened, each with a track of its own. */
class Media extends EventTarget {
  connected: { kind: MediaDeviceKind; id: string }[] = [
    { kind: 'audioinput', id: 'headset' },
    { kind: 'audioinput', id: 'built-in' },
    { kind: 'videoinput', id: 'webcam' },
    { kind: 'audiooutput', id: 'speaker' },
  ];
  readonly tracks: Track[] = [];
  refusal: string | null = null;

  async getUserMedia({ audio, video }: MediaStreamConstraints): Promise<MediaStream> {
    if (this.refusal) throw Object.assign(new Error('refused'), { name: this.refusal });
    const of = (wanted: typeof audio, kind: MediaDeviceKind): Track[] => {
      if (!wanted) return [];
      const { deviceId, facingMode } = wanted as Record<string, { exact: string } | undefined>;
      const found = this.connected.find(
        (d) =>
          d.kind === kind &&
          (deviceId === undefined || d.id === deviceId.exact) &&
          (facingMode === undefined || FACING[d.id] === facingMode.exact),
      );
      // As on a phone: one camera at a time.
      if (kind === 'videoinput' && this.live.some((t) => t.kind === 'video' && t.deviceId in FACING)) {
        throw Object.assign(new Error('in use'), { name: 'NotReadableError' });
      }
      if (!found) throw Object.assign(new Error('none'), { name: 'NotFoundError' });
      return [new Track(kind === 'audioinput' ? 'audio' : 'video', found.id)];
    };
    const opened = [...of(audio, 'audioinput'), ...of(video, 'videoinput')];
    this.tracks.push(...opened);
    const all = (kind?: string) => opened.filter((t) => kind === undefined || t.kind === kind);
    return {
      getTracks: () => all(),
      getAudioTracks: () => all('audio'),
      getVideoTracks: () => all('video'),
    } as unknown as MediaStream;
  }
  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return this.connected.map(({ kind, id }) => ({ kind, deviceId: id, label: id }) as MediaDeviceInfo);
  }
  change(connected: Media['connected']): void {
    this.connected = connected;
    this.dispatchEvent(new Event('devicechange'));
  }
  get live(): Track[] {
    return this.tracks.filter((t) => t.readyState === 'live');
  }
}

let media: Media;
let client: DeviceClient;
let stop: () => void;
let keep: Keep;
const load = (): void => {
  client = createDevices({
    mediaDevices: media as unknown as MediaDevices,
    permissions: undefined,
    canChooseOutput: true,
    keep,
  });
  stop = client.watch();
};
beforeEach(() => {
  media = new Media();
  keep = keepInMemory();
  load();
});
afterEach(() => stop());

const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await new Promise((resolve) => setTimeout(resolve));
};
const micId = (): string | undefined => client.state.get().tracks.mic?.getSettings().deviceId;
const withoutHeadset = (): Media['connected'] => media.connected.filter((d) => d.id !== 'headset');

test('a headset pulled out is told, its track gone; one press brings the built-in microphone', async () => {
  client.openAll();
  await until(() => micId() === 'headset' && client.state.get().mic.choices.length === 2);
  const [headset] = media.tracks.filter((t) => t.deviceId === 'headset');
  media.change(withoutHeadset());
  headset?.unplug();
  await until(() => client.state.get().mic.choices.length === 1);
  expect(client.state.get().tracks.mic).toBeNull();
  expect(problemOf(client.state.get().mic)).toBe('unplugged');
  client.restore('mic');
  await until(() => micId() === 'built-in');
  expect(problemOf(client.state.get().mic)).toBeNull();
});

test('a headset that is gone for a moment comes back with a new track', async () => {
  client.openAll();
  await until(() => micId() === 'headset' && client.state.get().mic.choices.length === 2);
  const before = media.connected;
  media.change(withoutHeadset());
  media.tracks.find((t) => t.deviceId === 'headset')?.unplug();
  await until(() => client.state.get().mic.choices.length === 1);
  media.change(before);
  await until(() => micId() === 'headset');
  expect(media.live.map((t) => t.deviceId).sort()).toEqual(['headset', 'webcam']);
});

test('another microphone takes the place of the first, whose light goes out', async () => {
  client.openAll();
  await until(() => micId() === 'headset');
  client.open('mic', 'built-in');
  await until(() => micId() === 'built-in');
  expect(media.live.map((t) => t.deviceId).sort()).toEqual(['built-in', 'webcam']);
});

test('a phone turns its camera, and its owner is in the picture all the while', async () => {
  media.connected = ['front', 'back'].map((id) => ({ kind: 'videoinput', id }));
  client.open('camera', null);
  await until(() => client.state.get().camera.choices.length === 2);
  const front = client.state.get().tracks.camera;
  const sent = new Set<MediaStreamTrack | null>();
  const off = client.state.subscribe(() => sent.add(client.state.get().tracks.camera));
  client.turn();
  await until(() => client.state.get().tracks.camera?.getSettings().facingMode === 'environment');
  off();
  expect([...sent]).toEqual([front, client.state.get().tracks.camera]);
  expect(media.live.map((t) => t.deviceId)).toEqual(['back']);
});

test('a camera that cannot be turned is told, and no longer in the picture', async () => {
  media.connected = ['front', 'back'].map((id) => ({ kind: 'videoinput', id }));
  client.open('camera', null);
  await until(() => client.state.get().camera.choices.length === 2);
  media.refusal = 'NotReadableError';
  client.turn();
  await until(() => problemOf(client.state.get().camera) === 'busy');
  expect(client.state.get().tracks.camera).toBeNull();
});

test('what opens after it was given back is closed at once', async () => {
  client.openAll();
  stop();
  await until(() => media.tracks.length === 2);
  await until(() => media.live.length === 0);
  expect(client.state.get().tracks).toEqual({ camera: null, mic: null });
});

test('with one of the two missing the other opens', async () => {
  media.connected = media.connected.filter((d) => d.kind !== 'videoinput');
  client.openAll();
  await until(() => micId() === 'headset' && !client.state.get().camera.opening);
  expect(problemOf(client.state.get().camera)).toBe('missing');
});

test('an output that is gone is no longer the chosen one, and is told until another choice', async () => {
  client.openAll();
  await until(() => client.state.get().outputs.length === 1);
  client.chooseOutput('speaker');
  expect(client.state.get().lostOutput).toBeNull();
  media.change(media.connected.filter((d) => d.kind !== 'audiooutput'));
  await until(() => client.state.get().outputs.length === 0);
  expect(client.state.get()).toMatchObject({ outputId: null, lostOutput: { id: 'speaker' } });
  client.chooseOutput(null);
  expect(client.state.get().lostOutput).toBeNull();
});

test('an output that takes no sound counts as gone, unless another was chosen meanwhile', async () => {
  client.openAll();
  await until(() => client.state.get().outputs.length === 1);
  client.chooseOutput('speaker');
  client.outputRefused('another');
  expect(client.state.get().outputId).toBe('speaker');
  client.outputRefused('speaker');
  expect(client.state.get()).toMatchObject({ outputId: null, lostOutput: { id: 'speaker' } });
});

test('a page that is loaded anew opens the devices of before, and plays where it played', async () => {
  media.connected = [...media.connected, { kind: 'audiooutput', id: 'headphones' }];
  client.openAll();
  await until(() => client.state.get().outputs.length === 2);
  client.open('mic', 'built-in');
  await until(() => micId() === 'built-in');
  client.chooseOutput('headphones');
  stop();
  load();
  client.openAll();
  await until(() => client.state.get().outputs.length === 2);
  expect([micId(), client.state.get().outputId]).toEqual(['built-in', 'headphones']);
});

test('where those of before are gone meanwhile it opens others without a word', async () => {
  client.openAll();
  await until(() => micId() === 'headset' && client.state.get().outputs.length === 1);
  client.chooseOutput('speaker');
  stop();
  media.connected = [
    ...withoutHeadset().filter((d) => d.id !== 'speaker'),
    { kind: 'audiooutput', id: 'screen' },
  ];
  load();
  client.openAll();
  await until(() => client.state.get().outputs.length === 1);
  expect([micId(), problemOf(client.state.get().mic)]).toEqual(['built-in', null]);
  expect(client.state.get().outputId).toBeNull();
});

test('without a secure context nothing opens, and it is said why', async () => {
  expect(await openDevices(undefined, [{ kind: 'mic', want: null }])).toEqual({ mic: 'insecure' });
});

test('a refusal says what would help, as far as the browser does', () => {
  const named = (name: string): Error => Object.assign(new Error('x'), { name });
  expect(problemOfError(named('NotAllowedError'))).toBe('denied');
  expect(problemOfError(named('OverconstrainedError'))).toBe('missing');
  expect(problemOfError(named('NotReadableError'))).toBe('busy');
  expect(problemOfError(named('SecurityError'))).toBe('insecure');
  expect(problemOfError(named('Whatever'))).toBe('failed');
  expect(problemOfError('nothing')).toBe('failed');
});

test('a microphone keeps its echo cancellation; the sound of a screen is stereo, and nobody works on it', () => {
  expect(constraintsOf('mic', { id: 'headset' })).toMatchObject({
    deviceId: { exact: 'headset' },
    echoCancellation: true,
  });
  expect(screenRequest().audio).toMatchObject({
    channelCount: { ideal: 2 },
    echoCancellation: false,
    autoGainControl: false,
    noiseSuppression: false,
  });
});

test('no shape is asked of a camera, so that a phone held upright gives all it sees', () => {
  expect(constraintsOf('camera', { facing: 'environment' })).toEqual(
    expect.not.objectContaining({ aspectRatio: expect.anything() }),
  );
  expect(constraintsOf('camera', { facing: 'environment' })).toMatchObject({
    facingMode: { exact: 'environment' },
  });
});

test('a camera looks at oneself, away, or nowhere in particular', () => {
  const looking = (facingMode?: string): MediaStreamTrack =>
    ({ getSettings: () => ({ facingMode }) }) as unknown as MediaStreamTrack;
  expect(['user', 'environment', 'left', undefined].map((mode) => facingOf(looking(mode)))).toEqual([
    'user',
    'environment',
    null,
    null,
  ]);
});

test('the level meter: silence is nothing, speech somewhere between, a shout everything', () => {
  const tone = (amplitude: number): Float32Array =>
    Float32Array.from({ length: 1024 }, (_, i) => amplitude * Math.sin(i / 5));
  expect(levelOf(new Float32Array(1024))).toBe(0);
  expect(levelOf(tone(0.001))).toBe(0);
  expect(levelOf(tone(0.05))).toBeGreaterThan(0.3);
  expect(levelOf(tone(0.05))).toBeLessThan(0.8);
  expect(levelOf(tone(1))).toBe(1);
  expect(levelOf(new Float32Array(0))).toBe(0);
});
