/**
 * What the encoders hand to the packager: coded access units with times on the channel's own timeline.
 * Pure data, no GStreamer and no HTTP in here.
 */

import type { ShedLoad } from '@rostrum/contracts/node-socket';

/** One coded access unit. Times in nanoseconds since the channel's first second (its timeline's zero). */
export interface Sample {
  /** A name of the ladder ('720p', …) for video; 'audio' for the one AAC stream all renditions share. */
  readonly track: string;
  readonly ptsNs: number;
  readonly dtsNs: number;
  readonly durationNs: number;
  /** IDR for video; always true for audio. */
  readonly keyframe: boolean;
  /** H.264 in AVC form (4-byte lengths, no start codes, no parameter sets in band), or one raw AAC frame (no ADTS). */
  readonly data: Uint8Array;
}

/** Codec configuration of one track: `avcC` record, or AudioSpecificConfig. A new one opens a new init segment. */
export interface TrackConfig {
  readonly track: string;
  readonly codec: 'avc' | 'aac';
  readonly config: Uint8Array;
}

/**
 * Messages from the compositor's process to the broadcaster, in order, per encoder epoch.
 * `timelineZeroUnixMs` says what wall-clock instant the epoch's time 0 is, so that PROGRAM-DATE-TIME is the capture
 * clock's (LL8) and a restarted compositor continues the same timeline.
 */
export type EncoderEvent =
  | { readonly type: 'epoch'; readonly epoch: number; readonly timelineZeroUnixMs: number }
  | { readonly type: 'config'; readonly config: TrackConfig }
  | { readonly type: 'sample'; readonly sample: Sample }
  /**
   * A video track of which nothing comes from `fromNs` on, on purpose, or something again. Told before the first sample
   * concerned: nobody waits for it then. What resumes does so with a keyframe, where the other tracks have one.
   */
  | { readonly type: 'pause' | 'resume'; readonly track: string; readonly fromNs: number }
  /** What the compositor leaves out from now on because its machine is too slow; empty: everything is made. */
  | { readonly type: 'shedding'; readonly shed: readonly ShedLoad[] };

/** What of it concerns the packager. */
export type MediaEvent = Exclude<EncoderEvent, { readonly type: 'shedding' }>;
