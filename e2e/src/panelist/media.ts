import type { VideoFrame } from './clip.ts';

/** Takes coded media. Instants are those of capture, milliseconds of `performance.now()`, rising within a stream. */
export interface MediaSink {
  /** @param layer 0 is the lowest */
  video(layer: number, frame: VideoFrame, capturedMs: number): void;
  /** An Opus packet. @param dbov its loudness, where it is known */
  audio(packet: Buffer, capturedMs: number, dbov?: number): void;
}

/** Media that is under way. */
export interface Playing {
  /** Somebody needs a key frame of this layer. */
  keyFrameWanted(layer: number): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** What a panelist has to send. It may be started again after it was stopped, once for each stay on the stage. */
export interface PanelistMedia {
  /** Lowest first; at most `maxBitrate` bit/s each. */
  readonly layers: readonly {
    readonly width: number;
    readonly height: number;
    readonly maxBitrate: number;
  }[];
  start(sink: MediaSink): Promise<Playing>;
}
