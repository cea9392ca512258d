import { CAMERA_LAYERS } from '@rostrum/contracts';
import { endOfStream, pushBuffer } from '@rostrum/node-gst';
import type { VideoFrame, VideoLayer } from '../../panelist/clip.ts';
import type { Person } from './cast.ts';
import { drawPerson, HEIGHT, WIDTH } from './figure.ts';
import { FRAME_RATE, type Mouth, poseAt, type Turn } from './motion.ts';
import { drawRoom } from './room.ts';
import { runToEnd } from './run.ts';

/** A person's pictures, drawn by librsvg and coded once, as a browser codes a camera: VP8 in simulcast layers. */

/** As browsers convert a camera's RGB, and as the broadcaster takes it (limited range, BT.601 matrix). */
const COLORIMETRY = '2:4:5:1';
/**
 * Of what the mixer takes and gives, said to all three: it takes a second one only in the first one's, either may be first, and one that
 * asked before the other had come may be refused afterwards.
 */
const MIXED = 'video/x-raw,format=BGRA,colorimetry=sRGB';
/** VP8's, 0..63. Finer shows no difference. */
const QUANTIZER = 16;

const layerSize = (height: number): { readonly width: number; readonly height: number } => ({
  width: Math.round((height * WIDTH) / HEIGHT / 2) * 2,
  height,
});

function coder(i: number, maxBitrate: number, { width, height }: ReturnType<typeof layerSize>): string {
  const scale =
    height === HEIGHT ? '' : `videoscale method=lanczos ! video/x-raw,width=${width},height=${height} ! `;
  return (
    `t. ! queue max-size-buffers=4 max-size-bytes=0 max-size-time=0 ! ${scale}` +
    // One quantiser for all pictures: with a rate to hold, the coder makes each key frame a poor one and mends it with the
    // picture after it, and the face would blink once a second.
    `vp8enc end-usage=cq cq-level=${QUANTIZER} min-quantizer=${QUANTIZER} max-quantizer=${QUANTIZER} target-bitrate=${4 * maxBitrate} ` +
    // A key frame each second: who comes late, and who loses one, sees the picture within that.
    `keyframe-max-dist=${FRAME_RATE} deadline=1000000 cpu-used=4 threads=1 auto-alt-ref=false lag-in-frames=0 ! ` +
    `appsink name=layer${i} sync=false`
  );
}

/**
 * A turn's pictures in all layers, lowest first; the first picture of each is a key frame, and one each second after it.
 * @param frames how many, at most a whole turn
 */
export async function filmTurn(
  person: Person,
  turn: Turn,
  mouths: readonly Mouth[],
  frames: number,
): Promise<VideoLayer[]> {
  const room = await drawOnce(drawRoom(person));
  const sizes = CAMERA_LAYERS.map(({ height }) => layerSize(height));
  const names = CAMERA_LAYERS.map((_, i) => `layer${i}`);
  const rate = `framerate=${FRAME_RATE}/1`;
  const collected = await runToEnd(
    `appsrc name=room format=time caps="video/x-raw,format=BGRA,width=${WIDTH},height=${HEIGHT},${rate}" ! ` +
      `imagefreeze num-buffers=${frames} ! video/x-raw,${rate} ! videoconvert ! ${MIXED} ! mix.sink_0 ` +
      `appsrc name=person format=time caps="image/svg+xml,${rate}" ! rsvgdec ! ` +
      `queue max-size-buffers=4 max-size-bytes=0 max-size-time=0 ! videoconvert ! ${MIXED} ! mix.sink_1 ` +
      `compositor name=mix sink_0::zorder=0 sink_1::zorder=1 ! ${MIXED},width=${WIDTH},height=${HEIGHT},${rate} ! ` +
      `videoconvert ! video/x-raw,format=I420,colorimetry=${COLORIMETRY} ! tee name=t ` +
      CAMERA_LAYERS.map(({ maxBitrate }, i) => coder(i, maxBitrate, sizes[i] ?? layerSize(HEIGHT))).join(' '),
    names,
    (pipeline) => {
      const roomSource = pipeline.element('room');
      const personSource = pipeline.element('person');
      if (!roomSource || !personSource) throw new Error('no appsrc');
      pushBuffer(roomSource, room, { ptsNs: 0 });
      endOfStream(roomSource);
      for (let frame = 0; frame < frames; frame += 1) {
        const svg = drawPerson(person, poseAt(person, turn, frame, mouths));
        const at = (frame * 1e9) / FRAME_RATE;
        pushBuffer(personSource, Buffer.from(svg), { ptsNs: at, durationNs: 1e9 / FRAME_RATE });
      }
      endOfStream(personSource);
    },
  );
  return sizes.map((size, i) => ({
    ...size,
    frames: (collected[`layer${i}`] ?? []).map(({ data, keyframe }): VideoFrame => ({ data, keyframe })),
  }));
}

async function drawOnce(svg: string): Promise<Buffer> {
  const { out = [] } = await runToEnd(
    'appsrc name=src format=time caps=image/svg+xml ! rsvgdec ! videoconvert ! video/x-raw,format=BGRA ! appsink name=out sync=false',
    ['out'],
    (pipeline) => {
      const source = pipeline.element('src');
      if (!source) throw new Error('no appsrc');
      pushBuffer(source, Buffer.from(svg), { ptsNs: 0 });
      endOfStream(source);
    },
  );
  const [picture] = out;
  if (!picture) throw new Error('the room was not drawn');
  return picture.data;
}
