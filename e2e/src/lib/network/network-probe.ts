import { type Area, readClock } from '../clock.ts';

/**
 * Runs inside a panelist's page (bundled into an init script) and looks at what comes to it from the stage: the pictures and the
 * sound of the others as they leave the browser's buffers, and what the browser counts. It touches nothing of the page's own code.
 */
export interface NetworkProbe {
  /** What came since the last call, and what the connections counted so far. */
  take(): Promise<Taken>;
}

export interface Taken {
  /** Up to when. */
  readonly atUnixMs: number;
  readonly frames: readonly StageFrame[];
  readonly sound: readonly HeardWindow[];
  readonly sent: readonly SentLayer[];
  readonly connections: readonly ConnectionChange[];
  readonly counters: Counters;
}

/** A picture of somebody else. */
export interface SeenFrame {
  readonly atUnixMs: number;
  /** Of the simulcast layer that it came in. */
  readonly height: number;
  /** Its clock, Unix ms modulo 65536; null: not readable. */
  readonly clock: number | null;
}

/** A picture that came from the stage. */
export interface StageFrame extends SeenFrame {
  /** Name of the stream that it came in: it begins with the person's id. */
  readonly stream: string;
}

/** So much of somebody else's sound. */
export interface HeardWindow {
  readonly atUnixMs: number;
  /** About the amplitude of the tone that is listened for. */
  readonly level: number;
}

/** The highest layer of the own camera that pictures went out in of late; 0: none. */
export interface SentLayer {
  readonly atUnixMs: number;
  readonly height: number;
  /** What holds it back, by the browser's word: `bandwidth`, `cpu`, `other`, `none`. */
  readonly limitedBy: string;
  /** Bit/s that the browser takes the way up for. */
  readonly availableBitrate: number | null;
  /** Share of the own packets lost, by the other end's word. */
  readonly loss: number;
}

export interface ConnectionChange {
  readonly atUnixMs: number;
  /** Counts the connections of this page. */
  readonly connection: number;
  readonly state: string;
}

/** Of all the connections that stand, summed up. */
export interface Counters {
  readonly samples: number;
  readonly concealedSamples: number;
  readonly silentConcealedSamples: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly freezes: number;
  readonly freezesMs: number;
}

declare global {
  interface Window {
    networkProbe: NetworkProbe;
  }
  /** Hz of the tone that is listened for; set by a script before this one. */
  var listenForHz: number;
}

/** The clock's strip of a picture, at four pixels a cell. */
const STRIP = { width: 144, height: 36 };
/** The same strip as the top sixth of a picture. */
const WHOLE: Area = { x: 0, y: 0, width: STRIP.width, height: STRIP.height * 6 };
const LOOK_MS = 250;
const WINDOW_MS = 20;

let frames: StageFrame[] = [];
let sound: HeardWindow[] = [];
let sent: SentLayer[] = [];
let connections: ConnectionChange[] = [];
const peers: RTCPeerConnection[] = [];
const watched = new Set<MediaStreamTrack>();
const streams = new WeakMap<MediaStreamTrack, string>();

const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    const connection = peers.push(this);
    this.addEventListener('connectionstatechange', () => {
      connections.push({ atUnixMs: Date.now(), connection, state: this.connectionState });
    });
    this.addEventListener('track', ({ track, streams: [stream] }) => {
      if (stream) streams.set(track, stream.id);
    });
  }
};

const canvas = document.createElement('canvas');
canvas.width = STRIP.width;
canvas.height = STRIP.height;
const context = canvas.getContext('2d', { willReadFrequently: true });

// Not in lib.dom.
declare class MediaStreamTrackProcessor<T> {
  constructor(options: { track: MediaStreamTrack; maxBufferSize?: number });
  readonly readable: ReadableStream<T>;
}

async function each<T extends { close(): void }>(
  track: MediaStreamTrack,
  maxBufferSize: number,
  take: (piece: T) => void,
): Promise<void> {
  // A track of its own: the page may stop the one it has.
  const { readable } = new MediaStreamTrackProcessor<T>({ track, maxBufferSize });
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
    value.close();
  }
}

const see =
  (stream: string) =>
  (frame: VideoFrame): void => {
    if (!context) throw new Error('no 2d canvas');
    const { displayWidth: width, displayHeight: height } = frame;
    context.drawImage(frame, 0, 0, width, height / 6, 0, 0, STRIP.width, STRIP.height);
    const { data } = context.getImageData(0, 0, STRIP.width, STRIP.height);
    frames.push({ atUnixMs: Date.now(), height, clock: readClock({ ...STRIP, data }, WHOLE), stream });
  };

/** Cuts what comes into windows. A page that is busy takes them late and many at once: they are dated by the track's own time. */
function listener(): (data: AudioData) => void {
  let window: number[] = [];
  let zeroUnixMs = Number.POSITIVE_INFINITY;
  return (data) => {
    const trackMs = data.timestamp / 1000;
    zeroUnixMs = Math.min(zeroUnixMs, Date.now() - trackMs);
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
    const size = (data.sampleRate * WINDOW_MS) / 1000;
    for (const sample of samples) {
      window.push(sample);
      if (window.length < size) continue;
      sound.push({ atUnixMs: zeroUnixMs + trackMs, level: amplitude(window, data.sampleRate) });
      window = [];
    }
  };
}

function amplitude(samples: readonly number[], rate: number): number {
  const w = (2 * Math.PI * listenForHz) / rate;
  const re = samples.reduce((sum, x, i) => sum + x * Math.cos(w * i), 0);
  const im = samples.reduce((sum, x, i) => sum + x * Math.sin(w * i), 0);
  return (2 * Math.hypot(re, im)) / samples.length;
}

function watchNewTracks(): void {
  for (const peer of peers) {
    if (peer.connectionState === 'closed') continue;
    for (const { track } of peer.getReceivers()) {
      if (watched.has(track) || track.readyState === 'ended') continue;
      watched.add(track);
      const ended =
        track.kind === 'video'
          ? each<VideoFrame>(track, 4, see(streams.get(track) ?? ''))
          : each<AudioData>(track, 200, listener());
      ended.catch((error: unknown) => console.error('the probe lost a track', error));
    }
  }
}

interface Report {
  readonly type: string;
  readonly kind?: string;
  readonly rid?: string;
  readonly frameHeight?: number;
  readonly framesSent?: number;
  readonly qualityLimitationReason?: string;
  readonly fractionLost?: number;
  readonly nominated?: boolean;
  readonly availableOutgoingBitrate?: number;
  readonly totalSamplesReceived?: number;
  readonly concealedSamples?: number;
  readonly silentConcealedSamples?: number;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly freezeCount?: number;
  readonly totalFreezesDuration?: number;
}

async function reports(): Promise<Report[]> {
  const open = peers.filter(({ connectionState }) => connectionState !== 'closed');
  const all = await Promise.all(open.map((peer) => peer.getStats()));
  return all.flatMap((stats) => [...stats.values()] as Report[]);
}

const framesBefore = new Map<string, number>();

async function noteSent(): Promise<void> {
  const all = await reports();
  const out = all.filter(({ type, kind }) => type === 'outbound-rtp' && kind === 'video');
  if (out.length === 0) return;
  const going = out.filter(({ rid = '', framesSent = 0 }) => {
    const before = framesBefore.get(rid);
    framesBefore.set(rid, framesSent);
    return before !== undefined && framesSent > before;
  });
  const told = all.filter(({ type }) => type === 'remote-inbound-rtp');
  sent.push({
    atUnixMs: Date.now(),
    height: Math.max(0, ...going.map(({ frameHeight = 0 }) => frameHeight)),
    limitedBy: out.at(-1)?.qualityLimitationReason ?? '',
    availableBitrate:
      all.find((r) => r.nominated && r.availableOutgoingBitrate !== undefined)?.availableOutgoingBitrate ??
      null,
    loss: Math.max(0, ...told.map(({ fractionLost = 0 }) => fractionLost)),
  });
}

setInterval(() => {
  watchNewTracks();
  void noteSent().catch(() => undefined);
}, LOOK_MS);

window.networkProbe = {
  async take() {
    const inbound = (await reports()).filter(({ type }) => type === 'inbound-rtp');
    const sum = (of: (report: Report) => number | undefined): number =>
      inbound.reduce((total, report) => total + (of(report) ?? 0), 0);
    const taken: Taken = {
      atUnixMs: Date.now(),
      frames,
      sound,
      sent,
      connections,
      counters: {
        samples: sum((r) => r.totalSamplesReceived),
        concealedSamples: sum((r) => r.concealedSamples),
        silentConcealedSamples: sum((r) => r.silentConcealedSamples),
        packetsReceived: sum((r) => r.packetsReceived),
        packetsLost: sum((r) => r.packetsLost),
        freezes: sum((r) => r.freezeCount),
        freezesMs: sum((r) => r.totalFreezesDuration) * 1000,
      },
    };
    frames = [];
    sound = [];
    sent = [];
    connections = [];
    return taken;
  },
};
