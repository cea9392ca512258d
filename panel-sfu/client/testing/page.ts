import { createRoomClient, type RoomClient } from '@rostrum/room-client/room';
import { reach, type Way } from '../reach.ts';
import { createStageClient } from '../stage.ts';
import type { StageState } from '../stage-types.ts';
import { likeness, slideScreen } from './slides.ts';
import { sidesOf, twoTones } from './stereo.ts';

/**
 * The page of the Chromium test: a drawn camera of one colour with a moving bar, a tone as a microphone, and the
 * others' videos in elements. The test drives it by `page.evaluate('probe...')`.
 */
const query = new URLSearchParams(location.search);

/** With `turn=1` every connection goes by a TURN server, or not at all. */
const connections: RTCPeerConnection[] = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(query.has('turn') ? { ...configuration, iceTransportPolicy: 'relay' } : configuration);
    connections.push(this);
  }
};
/** With `without=VP9` this browser does not receive that. */
const without = query.get('without');
if (without !== null) {
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (trackOrKind, init) {
    const transceiver = add.call(this, trackOrKind, init);
    if (trackOrKind === 'video' && init?.direction !== 'sendonly') {
      const all = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
      transceiver.setCodecPreferences(all.filter(({ mimeType }) => mimeType !== `video/${without}`));
    }
    return transceiver;
  };
}

/** Every report of every connection that is open. */
async function reports(): Promise<Record<string, unknown>[]> {
  const open = connections.filter((c) => c.connectionState !== 'closed');
  const stats = await Promise.all(open.map((c) => c.getStats()));
  return stats.flatMap((s) => [...s.values()] as Record<string, unknown>[]);
}

const direct = createRoomClient({ coordinatorUrl: location.origin, token: query.get('person') ?? '' });
const lines = Number(query.get('lines') ?? 720);
const relayPort = query.get('relay');
/** With `relay`, media goes by UDP and through that port alone. */
const room: RoomClient =
  relayPort === null
    ? direct
    : {
        ...direct,
        command: async (name, input, options) => {
          const answer = await direct.command(name, input, options);
          if (answer.ok && name === 'media:createTransport') {
            const parameters = answer.value as { iceCandidates: Record<string, unknown>[] };
            parameters.iceCandidates = parameters.iceCandidates
              .filter((candidate) => candidate.protocol === 'udp')
              .map((candidate) => ({ ...candidate, port: Number(relayPort) }));
          }
          return answer;
        },
      };
const stage = createStageClient({ room, videoCodec: query.get('codec') === 'H264' ? 'H264' : 'VP8' });

function drawn(colour: string, width: number, height: number): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  let frame = 0;
  setInterval(() => {
    if (!context) return;
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    context.fillStyle = 'white';
    context.fillRect((frame++ * 16) % width, height * 0.8, 40, height * 0.2);
  }, 40);
  const [track] = canvas.captureStream(25).getVideoTracks();
  if (!track) throw new Error('the canvas gives no track');
  return track;
}

function tone(hertz: number): MediaStreamTrack {
  const audio = new AudioContext();
  const oscillator = new OscillatorNode(audio, { frequency: hertz });
  const out = audio.createMediaStreamDestination();
  oscillator.connect(out);
  oscillator.start();
  const [track] = out.stream.getAudioTracks();
  if (!track) throw new Error('the oscillator gives no track');
  return track;
}

const videos = new Map<string, HTMLVideoElement>();
function showRemotes({ remotes }: StageState): void {
  for (const { personId, source, track } of remotes) {
    if (source !== 'camera' && source !== 'screen') continue;
    const key = `${personId}/${source}`;
    let video = videos.get(key);
    if (!video) {
      video = document.createElement('video');
      video.muted = true;
      video.autoplay = true;
      document.body.append(video);
      videos.set(key, video);
    }
    const shown = (video.srcObject as MediaStream | null)?.getTracks()[0] ?? null;
    if (shown !== track) video.srcObject = track && new MediaStream([track]);
  }
}
stage.subscribe(() => showRemotes(stage.getState()));

let slides: ReturnType<typeof slideScreen> | null = null;
const ears = new Map<MediaStreamTrack, ReturnType<typeof sidesOf>>();

const probe = {
  prepare: () => stage.prepare(),
  reach: (way: Way) => reach(room, way),
  join: () =>
    stage.join({
      camera: drawn(query.get('colour') ?? 'red', Math.round((lines * 16) / 9), lines),
      mic: tone(Number(query.get('hertz') ?? 440)),
    }),
  leave: () => stage.leave(),
  connection: () => room.getState().connection,
  state: () => {
    const { camera, mic, screen, screenAudio, remotes, ...rest } = stage.getState();
    const local = (t: typeof camera) =>
      t && { producerId: t.producerId, paused: t.paused, problem: t.problem };
    return {
      ...rest,
      camera: local(camera),
      mic: local(mic),
      screen: local(screen),
      screenAudio: local(screenAudio),
      remotes: remotes.map((r) => ({ ...r, track: r.track?.readyState ?? null })),
    };
  },
  show: (personId: string, source: 'camera' | 'screen', height: number | null) =>
    stage.showTile(personId, source, height),
  mute: (muted: boolean) => stage.setMicMuted(muted),
  cameraOff: (off: boolean) => stage.setCameraOff(off),
  shareScreen: () => stage.shareScreen(new MediaStream([drawn('lime', 1600, 900), tone(880)])),
  stopScreen: () => stage.stopScreen(),
  /** Shares pages of small text, with a tone on either side. */
  shareSlides: () => {
    slides = slideScreen();
    stage.shareScreen(new MediaStream([slides.track, twoTones(600, 900)]));
  },
  flip: (page: number) => slides?.flip(page),
  /** At most so many bit/s for the screen, as if the way up took no more. */
  limitSlides: async (maxBitrate: number) => {
    const sender = connections.flatMap((c) => c.getSenders()).find(({ track }) => track === slides?.track);
    const parameters = sender?.getParameters();
    const [encoding] = parameters?.encodings ?? [];
    if (!sender || !parameters || !encoding) throw new Error('no slides are sent');
    encoding.maxBitrate = maxBitrate;
    await sender.setParameters(parameters);
  },
  likeness: (personId: string, page: number) => {
    const video = videos.get(`${personId}/screen`);
    return video && video.videoWidth > 0 ? likeness(video, page) : null;
  },
  /** How loud a tone is on either side of somebody's shared sound; null before it is there. */
  sides: (personId: string, hertz: number) => {
    const remote = stage
      .getState()
      .remotes.find((r) => r.personId === personId && r.source === 'screenAudio');
    if (!remote?.track) return null;
    const ear = ears.get(remote.track) ?? sidesOf(remote.track);
    ears.set(remote.track, ear);
    return ear(hertz);
  },
  /** So far, by producer. */
  framesDecoded: async (): Promise<Record<string, number>> => {
    const decoded = new Map((await reports()).map((r) => [r.trackIdentifier, Number(r.framesDecoded ?? 0)]));
    return Object.fromEntries(
      stage.getState().remotes.map(({ producerId, track }) => [producerId, decoded.get(track?.id) ?? 0]),
    );
  },
  /** Of each connection that stands: the kind of its own candidate, and by what a relay is reached. */
  routes: async () => {
    const standing = connections.filter((connection) => connection.connectionState === 'connected');
    const stats = await Promise.all(standing.map((connection) => connection.getStats()));
    return stats.flatMap((report) =>
      [...report.values()].flatMap((pair) => {
        const local = pair.type === 'candidate-pair' && pair.nominated && report.get(pair.localCandidateId);
        return local ? [{ type: local.candidateType, by: local.relayProtocol ?? null }] : [];
      }),
    );
  },
  reports,
  /** What goes first of all that is sent, as the browser has it. */
  priorities: () =>
    connections
      .flatMap((connection) => connection.getSenders())
      .flatMap((sender) =>
        sender.track === null
          ? []
          : { kind: sender.track.kind, first: sender.getParameters().encodings[0]?.networkPriority },
      ),
  /** Of each connection that is not closed. */
  connectionStates: () => connections.map((c) => c.connectionState).filter((state) => state !== 'closed'),
  marks: () => performance.getEntriesByType('mark').map((m) => ({ name: m.name, at: m.startTime })),
  /** Size and mean colour of the picture's upper half as it is on screen now; null before the first frame. */
  picture: (personId: string, source: string) => {
    const video = videos.get(`${personId}/${source}`);
    if (!video || video.videoWidth === 0) return null;
    const canvas = new OffscreenCanvas(8, 8);
    const context = canvas.getContext('2d');
    context?.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 2, 0, 0, 8, 8);
    const pixels = context?.getImageData(0, 0, 8, 8).data ?? [];
    const mean = (offset: number) => {
      let sum = 0;
      for (let i = offset; i < pixels.length; i += 4) sum += pixels[i] ?? 0;
      return Math.round(sum / 64);
    };
    return {
      width: video.videoWidth,
      height: video.videoHeight,
      red: mean(0),
      green: mean(1),
      blue: mean(2),
    };
  },
};
Object.assign(globalThis, { probe });
