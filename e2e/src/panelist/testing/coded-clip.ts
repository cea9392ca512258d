import { attachSink, init, parseLaunch } from '@rostrum/node-gst';
import { AUDIO_PACKET_MS, type Clip, FRAME_MS, type VideoFrame } from '../clip.ts';

const LAYERS = [
  { width: 320, height: 180, bitrate: 150_000 },
  { width: 640, height: 360, bitrate: 500_000 },
  { width: 1280, height: 720, bitrate: 1_500_000 },
] as const;

/** A test picture and a tone, coded in some tenths of a second: `seconds` of it in the three layers of a camera. */
export async function codedClip(seconds: number): Promise<Clip> {
  init();
  const pictures = (seconds * 1000) / FRAME_MS;
  const packets = (seconds * 1000) / AUDIO_PACKET_MS;
  const coders = LAYERS.map(
    ({ width, height, bitrate }, i) =>
      `t. ! queue ! videoscale ! video/x-raw,width=${width},height=${height} ! vp8enc deadline=1 cpu-used=16 threads=1 keyframe-max-dist=25 target-bitrate=${bitrate} ! appsink name=layer${i} sync=false`,
  );
  const pipeline = parseLaunch(
    [
      `videotestsrc num-buffers=${pictures} pattern=ball ! video/x-raw,format=I420,width=1280,height=720,framerate=25/1 ! tee name=t`,
      ...coders,
      `audiotestsrc num-buffers=${packets} samplesperbuffer=960 freq=700 volume=0.3 ! audio/x-raw,rate=48000,channels=1 ! opusenc frame-size=${AUDIO_PACKET_MS} ! appsink name=sound sync=false`,
    ].join(' '),
  );
  const collect = (name: string): { samples: VideoFrame[]; ended: Promise<void> } => {
    const sink = pipeline.element(name);
    if (!sink) throw new Error(`no sink ${name}`);
    const samples: VideoFrame[] = [];
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    attachSink(sink, ({ data, keyframe }) => samples.push({ data: Buffer.from(data), keyframe }), {
      onEos: resolve,
      maxQueued: 50,
      whenFull: 'wait',
    });
    return { samples, ended };
  };
  const layers = LAYERS.map((_, i) => collect(`layer${i}`));
  const sound = collect('sound');
  try {
    await pipeline.play();
    await Promise.all([...layers, sound].map(({ ended }) => ended));
  } finally {
    await pipeline.close();
  }
  return {
    name: 'test picture',
    layers: LAYERS.map(({ width, height }, i) => ({ width, height, frames: layers[i]?.samples ?? [] })),
    // The coder's last packet holds what it had looked ahead for.
    audio: sound.samples.slice(0, packets).map(({ data }) => data),
    levelsDbov: new Array<number>(packets).fill(-14),
  };
}
