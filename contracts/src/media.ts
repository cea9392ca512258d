import { z } from 'zod';
import { Id } from './ids.ts';

/**
 * Shapes of WebRTC signalling. RTP, ICE and DTLS objects are passed through as mediasoup defines them; they are only
 * checked here for being objects of a sane size, since mediasoup itself validates them and answers with typed errors.
 */
export const OpaqueObject = z
  .record(z.string().max(64), z.unknown())
  .refine((o) => JSON.stringify(o).length <= 32_768, 'must be under 32 KiB');

export const MediaKind = z.enum(['audio', 'video']);
export const MediaSource = z.enum(['camera', 'mic', 'screen', 'screenAudio']);
export type MediaSource = z.infer<typeof MediaSource>;
export const kindOf = (source: MediaSource): 'audio' | 'video' =>
  source === 'camera' || source === 'screen' ? 'video' : 'audio';

/** A track someone sends to the stage, as the others are told of it. */
export const StageProducer = z.object({
  producerId: Id,
  personId: Id,
  source: MediaSource,
  paused: z.boolean(),
});
export type StageProducer = z.infer<typeof StageProducer>;

export const TransportParameters = z.object({
  transportId: Id,
  iceParameters: OpaqueObject,
  iceCandidates: z.array(OpaqueObject),
  dtlsParameters: OpaqueObject,
});
export type TransportParameters = z.infer<typeof TransportParameters>;

export const ConsumerParameters = z.object({
  consumerId: Id,
  producerId: Id,
  kind: MediaKind,
  rtpParameters: OpaqueObject,
  /** Spatial layers to choose from: 1 for audio and screen shares. */
  spatialLayers: z.int().min(1),
});
export type ConsumerParameters = z.infer<typeof ConsumerParameters>;

/** Who speaks, from mediasoup's observers; `levelDb` is dBov, -127 (silence) to 0. */
export const Speakers = z.object({
  dominant: Id.nullable(),
  levels: z.array(z.object({ personId: Id, levelDb: z.number() })),
});
export type Speakers = z.infer<typeof Speakers>;
