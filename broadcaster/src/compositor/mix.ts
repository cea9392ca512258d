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
import { type Element, type Pipeline, parseLaunch } from '@rostrum/node-gst';
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

/** x264 with closed GOPs of exactly `gopFrames`, counted from the first frame; nothing else makes an IDR. */
function encoder(rendition: VideoRendition, gopFrames: number): string {
  const options = [
    'scenecut=0',
    `min-keyint=${gopFrames}`,
    'open-gop=0',
    'sliced-threads=0',
    'repeat-headers=0',
    'force-cfr=1',
  ].join(':');
  return (
    `x264enc name=enc-${rendition.name} speed-preset=veryfast tune=zerolatency threads=1 byte-stream=false aud=false ` +
    `bitrate=${Math.round(rendition.videoBitrate / 1000)} vbv-buf-capacity=1000 key-int-max=${gopFrames} ` +
    `option-string=${options} ! video/x-h264,stream-format=avc,alignment=au,profile=high ! ` +
    `appsink name=sink-${rendition.name} sync=false async=false`
  );
}

// Never leaky: a frame dropped before one encoder alone would put its key frames beside the others'. Five seconds: one
// that stalls for as long as the compositor waits for it does not hold the others up.
const QUEUE = 'queue max-size-buffers=125 max-size-bytes=0 max-size-time=0';

/**
 * Each rendition is scaled from the next larger one, which costs half of scaling all from the canvas.
 * @param ladder video renditions, largest first
 */
function renditions(ladder: readonly VideoRendition[], gopFrames: number): string {
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
        `${from}. ! ${QUEUE} ! ${scale}tee name=pic-${name} ` +
        `pic-${name}. ! ${QUEUE} name=coder-${name} ! ${encoder(rendition, gopFrames)}`
      );
    })
    .join(' ');
}

/** The whole mix as a launch description; also what the benchmark runs beside it. */
export function mixDescription(ladder: readonly Rendition[], profile: LatencyProfile): string {
  const gopFrames = (profile.segmentMs * FRAME_RATE) / 1000;
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
    `${renditions(videos, gopFrames)} ` +
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
  const tracks = [...ladder.flatMap((r) => (r.kind === 'video' ? [r.name] : [])), 'audio'];
  return {
    pipeline,
    video: need('video'),
    audio: need('audio'),
    canvas: need('canvas'),
    overlays: Array.from({ length: OVERLAY_COUNT }, (_, i) => need(`overlay-${i}`)),
    sinks: new Map(tracks.map((track) => [track, need(`sink-${track}`)])),
  };
}
