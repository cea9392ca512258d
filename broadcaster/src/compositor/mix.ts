/**
 * The pipeline of a channel: mixers, overlays and encoders. Built once, never rebuilt; sources are bins that come and
 * go on its mixers' pads.
 */
import {
  AUDIO_BITRATE,
  CANVAS,
  FRAME_RATE,
  type LatencyProfile,
  type ProfileName,
  type Rendition,
  type VideoRendition,
} from '@rostrum/contracts/profile';
import { type Element, type FrameGate, gateFrames, type Pipeline, parseLaunch } from '@rostrum/node-gst';
import { AUDIO_CAPS, CANVAS_CAPS, COLORIMETRY, MIX_CAPS } from './formats.ts';

/**
 * Longest a jitter buffer holds a packet for one that is missing: what is lost between panelist and SFU comes again a
 * round trip later. A profile that is in less of a hurry repairs more.
 */
export const JITTER_BUFFER_MS: Readonly<Record<ProfileName, number>> = { fast: 50, standard: 80, scale: 160 };
/**
 * On top of it, for decoding and scaling. Mixing waits this long for everything, whether it comes or not: a source that
 * comes, goes or freezes moves nothing for the others.
 */
const PROCESSING_MS = 10;

/** Name plates of a full stage and the lower third, drawn in this order onto the mixed picture. */
export const OVERLAY_COUNT = 13;

const ns = (ms: number): number => ms * 1_000_000;

const mixer = (jitterBufferMs: number): string =>
  'force-live=true ignore-inactive-pads=true ' +
  `min-upstream-latency=${ns(jitterBufferMs)} latency=${ns(PROCESSING_MS)}`;

/** No IDR comes of itself: the gates before the encoders ask for each. */
const NEVER = 1 << 30;

/**
 * x264 with closed GOPs. The preset and its changes are by measurement (docs/processor-time.md): at the same bit rates as
 * much SSIM as `veryfast` for 60 % of its time; what is gained back is adaptive quantisation that does not take so many bits from
 * what is detailed.
 */
export function encoder(rendition: VideoRendition): string {
  const options = [
    'scenecut=0',
    'min-keyint=1',
    'open-gop=0',
    'sliced-threads=0',
    'repeat-headers=0',
    'force-cfr=1',
    'aq-strength=0.6',
    'weightp=0',
  ].join(':');
  return (
    `x264enc name=enc-${rendition.name} speed-preset=superfast tune=zerolatency threads=1 byte-stream=false aud=false ` +
    `bitrate=${Math.round(rendition.videoBitrate / 1000)} vbv-buf-capacity=1000 key-int-max=${NEVER} ` +
    `option-string=${options} ! video/x-h264,stream-format=avc,alignment=au,profile=high`
  );
}

// Never leaky: a frame dropped before one encoder alone would put its key frames beside the others'. Five seconds: one
// that stalls for as long as the compositor waits for it does not hold the others up.
const QUEUE = 'queue max-size-buffers=125 max-size-bytes=0 max-size-time=0';

/**
 * Each rendition is scaled from the next larger one, which costs half of scaling all from the canvas.
 * @param ladder video renditions, largest first
 */
function renditions(ladder: readonly VideoRendition[]): string {
  return ladder
    .map((rendition, index) => {
      const { name, width, height } = rendition;
      const from = index === 0 ? 'mixed' : `pic-${ladder[index - 1]?.name}`;
      const same = width === CANVAS.width && height === CANVAS.height;
      const scale = same
        ? ''
        : `videoconvertscale add-borders=false n-threads=1 ! video/x-raw,format=I420,width=${width},height=${height},` +
          `pixel-aspect-ratio=1/1,colorimetry=${COLORIMETRY} ! `;
      return (
        `${from}. ! ${QUEUE} name=scale-${name} ! ${scale}tee name=pic-${name} ` +
        `pic-${name}. ! ${QUEUE} name=coder-${name} ! ${encoder(rendition)} ! appsink name=sink-${name} sync=false async=false`
      );
    })
    .join(' ');
}

/** The whole mix as a launch description; also what the benchmark runs beside it. */
export function mixDescription(ladder: readonly Rendition[], profile: LatencyProfile): string {
  const waits = mixer(JITTER_BUFFER_MS[profile.name]);
  const videos = ladder
    .filter((r): r is VideoRendition => r.kind === 'video')
    .toSorted((a, b) => b.height - a.height);
  const overlays = Array.from(
    { length: OVERLAY_COUNT },
    (_, i) => `gdkpixbufoverlay name=overlay-${i} alpha=0 ! `,
  ).join('');
  return (
    `compositor name=video background=black max-threads=1 ${waits} ! ${MIX_CAPS} ! ${overlays}tee name=mixed ` +
    `appsrc name=canvas format=time block=false caps="${CANVAS_CAPS},framerate=0/1" ! video. ` +
    `${renditions(videos)} ` +
    // A block of the mixer is one AAC frame, so frames begin exactly on the grid.
    `audiomixer name=audio ${waits} output-buffer-duration-fraction=8/375 alignment-threshold=${ns(15)} discont-wait=0 ! ` +
    `${AUDIO_CAPS} ! ${QUEUE} ! audioconvert ! avenc_aac bitrate=${AUDIO_BITRATE} ! ` +
    'audio/mpeg,mpegversion=4,stream-format=raw ! appsink name=sink-audio sync=false async=false'
  );
}

export interface Mix {
  readonly pipeline: Pipeline;
  readonly video: Element;
  readonly audio: Element;
  readonly canvas: Element;
  readonly overlays: readonly Element[];
  /** Before all work on the mixed picture. */
  readonly gate: FrameGate;
  /** Before each rendition's encoder, by its name. They ask for the key frames, too. */
  readonly coderGates: ReadonlyMap<string, FrameGate>;
  /** Lets the mix of sound wait longer than usual for sources that are late, ms; 0: as usual. */
  readonly letSoundWait: (extraMs: number) => void;
  /** From a picture's time to the mix of it, if nothing is late. Milliseconds. */
  readonly latencyMs: number;
  /** Track name and its appsink. */
  readonly sinks: ReadonlyMap<string, Element>;
}

/** Parses the mix. It is not started. @throws GstError `parse` when a plugin is missing */
export function buildMix(ladder: readonly Rendition[], profile: LatencyProfile): Mix {
  const pipeline = parseLaunch(mixDescription(ladder, profile));
  const need = (name: string): Element => {
    const element = pipeline.element(name);
    if (!element) throw new Error(`the mix has no element ${name}`);
    return element;
  };
  const gopFrames = (profile.segmentMs * FRAME_RATE) / 1000;
  const grid = {
    frameNs: ns(1000) / FRAME_RATE,
    groupFrames: gopFrames,
    partFrames: (profile.partMs * FRAME_RATE) / 1000,
  };
  const gateAt = (name: string, keyFrames: boolean): FrameGate => {
    const pad = need(name).getPad('src');
    if (!pad) throw new Error(`${name} has no source pad`);
    return gateFrames(pad, grid, { keyFrames });
  };
  const videos = ladder.filter((r) => r.kind === 'video');
  const tracks = [...ladder.flatMap((r) => (r.kind === 'video' ? [r.name] : [])), 'audio'];
  return {
    pipeline,
    video: need('video'),
    audio: need('audio'),
    canvas: need('canvas'),
    gate: gateAt('video', false),
    coderGates: new Map(videos.map(({ name }) => [name, gateAt(`coder-${name}`, true)])),
    letSoundWait: (extraMs) => need('audio').set('latency', ns(PROCESSING_MS + extraMs)),
    latencyMs: JITTER_BUFFER_MS[profile.name] + PROCESSING_MS,
    overlays: Array.from({ length: OVERLAY_COUNT }, (_, i) => need(`overlay-${i}`)),
    sinks: new Map(tracks.map((track) => [track, need(`sink-${track}`)])),
  };
}
