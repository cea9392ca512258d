/**
 * Latency profiles and the rendition ladder. Every number here is frozen for a channel's life
 * (docs: DESIGN decision 10; rules LL1-LL3).
 */

export const FRAME_RATE = 25;
export const AUDIO_SAMPLE_RATE = 48_000;
/** PCM samples in one AAC-LC access unit. */
export const AAC_FRAME_SAMPLES = 1024;

export type ProfileName = 'fast' | 'standard' | 'scale';

/** All durations in milliseconds of programme time; whole video frames (40 ms) by construction. */
export interface LatencyProfile {
  readonly name: ProfileName;
  readonly partMs: number;
  readonly segmentMs: number;
  /** EXT-X-TARGETDURATION, whole seconds: the rounded segment duration. */
  readonly targetDurationS: number;
  /** PART-HOLD-BACK, at least three part targets (LL1). */
  readonly partHoldBackMs: number;
}

export const PROFILES: Readonly<Record<ProfileName, LatencyProfile>> = {
  // 5 frames a part; AAC does not divide 0.2 s, so a part carries the 9 or 10 audio frames that start inside it.
  fast: { name: 'fast', partMs: 200, segmentMs: 2000, targetDurationS: 2, partHoldBackMs: 600 },
  // 8 frames = 15 AAC frames exactly, so audio and video parts end together.
  standard: { name: 'standard', partMs: 320, segmentMs: 1920, targetDurationS: 2, partHoldBackMs: 960 },
  scale: { name: 'scale', partMs: 1000, segmentMs: 4000, targetDurationS: 4, partHoldBackMs: 3000 },
};

export interface VideoRendition {
  readonly kind: 'video';
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly videoBitrate: number;
}
export interface AudioRendition {
  readonly kind: 'audio';
  readonly name: string;
}
export type Rendition = VideoRendition | AudioRendition;

/** AAC bit rate, bit/s; the same elementary stream is muxed into every rendition. */
export const AUDIO_BITRATE = 96_000;

export const LADDER: readonly Rendition[] = [
  { kind: 'video', name: '720p', width: 1280, height: 720, videoBitrate: 2_000_000 },
  { kind: 'video', name: '480p', width: 854, height: 480, videoBitrate: 900_000 },
  { kind: 'video', name: '240p', width: 426, height: 240, videoBitrate: 300_000 },
  { kind: 'audio', name: 'audio' },
];

/** The size the compositor mixes at; every scene coordinate is in these pixels. */
export const CANVAS = { width: 1280, height: 720 } as const;
