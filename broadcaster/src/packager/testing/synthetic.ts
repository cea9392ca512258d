/** Samples with made-up bytes for tests of timing: each payload says which sample it is. */
import { FRAME_RATE, type LatencyProfile, type Rendition } from '@rostrum/contracts/profile';
import type { MediaEvent, Sample } from '../../media/samples.ts';

export const FRAME_NS = 1e9 / FRAME_RATE;
export const AAC_NS = (1024 / 48_000) * 1e9;
export const ZERO_UNIX_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

export const LADDER: readonly Rendition[] = [
  { kind: 'video', name: 'hi', width: 640, height: 360, videoBitrate: 500_000 },
  { kind: 'video', name: 'lo', width: 320, height: 180, videoBitrate: 200_000 },
  { kind: 'audio', name: 'audio' },
];

/** A plausible avcC: version 1, one SPS, one PPS. */
export const AVC_CONFIG = Uint8Array.from([
  1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 0x1f, 1, 0, 2, 0x68, 0xce,
]);
export const AAC_CONFIG = Uint8Array.from([0x11, 0x90]);

const encoder = new TextEncoder();

export function frame(track: string, slot: number, keyframe: boolean, originNs = 0): Sample {
  const ns = originNs + slot * FRAME_NS;
  const data = encoder.encode(`${keyframe ? 'K' : 'P'}${track}#${slot}`);
  return { track, ptsNs: ns, dtsNs: ns, durationNs: FRAME_NS, keyframe, data };
}

export function audioFrame(index: number, originNs = 0): Sample {
  const ns = originNs + Math.round(index * AAC_NS);
  return {
    track: 'audio',
    ptsNs: ns,
    dtsNs: ns,
    durationNs: Math.round(AAC_NS),
    keyframe: true,
    data: encoder.encode(`A#${index}`),
  };
}

export const sampleEvent = (sample: Sample): MediaEvent => ({ type: 'sample', sample });

/** `epoch` and the configurations of the ladder. */
export function epochEvents(
  timelineZeroUnixMs = ZERO_UNIX_MS,
  ladder: readonly Rendition[] = LADDER,
): MediaEvent[] {
  return [
    { type: 'epoch', epoch: 1, timelineZeroUnixMs },
    ...ladder
      .filter((rendition) => rendition.kind === 'video')
      .map(
        ({ name }): MediaEvent => ({
          type: 'config',
          config: { track: name, codec: 'avc', config: AVC_CONFIG },
        }),
      ),
    { type: 'config', config: { track: 'audio', codec: 'aac', config: AAC_CONFIG } },
  ];
}

export const framesPerSegment = (profile: LatencyProfile): number => (profile.segmentMs * FRAME_RATE) / 1000;

/** Perfect encoders from frame slot `from` up to `to` (exclusive), sound and pictures as they come. */
export function* perfect(
  profile: LatencyProfile,
  from: number,
  to: number,
  options: { originNs?: number; ladder?: readonly Rendition[] } = {},
): Generator<MediaEvent> {
  const { originNs = 0, ladder = LADDER } = options;
  const gop = framesPerSegment(profile);
  let audio = Math.ceil((from * FRAME_NS) / AAC_NS - 1e-6);
  for (let slot = from; slot < to; slot += 1) {
    for (const rendition of ladder) {
      if (rendition.kind === 'video')
        yield sampleEvent(frame(rendition.name, slot, slot % gop === 0, originNs));
    }
    while ((audio + 1) * AAC_NS <= (slot + 1) * FRAME_NS + 1) {
      yield sampleEvent(audioFrame(audio, originNs));
      audio += 1;
    }
  }
}
