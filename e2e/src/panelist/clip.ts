/**
 * Camera and microphone of a panelist as media that was coded once and is played over and over, in the compressed form in
 * which it is sent.
 */
export interface Clip {
  readonly name: string;
  /** Lowest first, one to three; all show the same pictures. */
  readonly layers: readonly VideoLayer[];
  /** Opus packets of 20 ms each, mono or stereo at 48 kHz. Their loop may be longer or shorter than the pictures'. */
  readonly audio: readonly Buffer[];
  /** Loudness of each Opus packet (`levelDbov`), for the stage's indication of who speaks; without it there is none. */
  readonly levelsDbov?: readonly number[];
}

export interface VideoLayer {
  readonly width: number;
  readonly height: number;
  /** 25 a second; the first is a key frame, and so should be one in each second. */
  readonly frames: readonly VideoFrame[];
}

/** One picture, coded as VP8. */
export interface VideoFrame {
  readonly data: Buffer;
  readonly keyframe: boolean;
}

export const FRAME_MS = 40;
export const AUDIO_PACKET_MS = 20;
export const SILENCE_DBOV = -127;

/** Loudness of samples (-32768..32767), 0 (as loud as can be) to -127 dBov (RFC 6464). */
export function levelDbov(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const rms = Math.sqrt(energy / Math.max(1, samples.length)) / 32_768;
  return rms === 0 ? SILENCE_DBOV : Math.max(SILENCE_DBOV, Math.round(20 * Math.log10(rms)));
}

/** Bit/s that a layer takes, over its whole loop. */
export function bitrateOf({ frames }: VideoLayer): number {
  const bytes = frames.reduce((sum, { data }) => sum + data.length, 0);
  return Math.round((bytes * 8 * 1000) / (frames.length * FRAME_MS));
}

/** @throws Error saying what is wrong with a clip that cannot be played */
export function checkClip(clip: Clip): void {
  const refuse = (why: string): never => {
    throw new Error(`the clip ${clip.name}: ${why}`);
  };
  const [first] = clip.layers;
  if (!first || clip.layers.length > 3) refuse(`one to three layers, not ${clip.layers.length}`);
  if (clip.audio.length === 0) refuse('no sound');
  if (clip.levelsDbov && clip.levelsDbov.length !== clip.audio.length) {
    refuse(`${clip.levelsDbov.length} levels of ${clip.audio.length} packets`);
  }
  for (const { width, height, frames } of clip.layers) {
    if (!frames[0]?.keyframe) refuse(`the layer of ${width}x${height} does not begin with a key frame`);
    if (frames.length !== first?.frames.length) refuse('layers of different length');
  }
}
