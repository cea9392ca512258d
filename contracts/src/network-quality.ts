import { z } from 'zod';
import { Id } from './ids.ts';
import { NETWORK_WORDS } from './network-verdict.ts';

/**
 * What each person on the stage sends and gets. A page reports on itself; its numbers are only its word, so they are
 * brought within bounds, concern nobody else, and what the SFU sees stands beside them. Held in memory, never logged as an
 * event; no address is in it.
 */

const clamped = (max: number) => z.number().transform((n) => Math.min(max, Math.max(0, n)));
const clampedInt = (max: number) => z.number().transform((n) => Math.min(max, Math.max(0, Math.round(n))));
/** Of packets or samples, 0 to 1. */
const share = clamped(1);
const milliseconds = clamped(60_000);
/** Bit/s. */
const bitrate = clampedInt(1_000_000_000);

/** Of the video where there is one, else of the sound. */
export const QualityCodec = z.enum(['VP8', 'VP9', 'H264', 'AV1', 'OPUS']);
export type QualityCodec = z.infer<typeof QualityCodec>;

/** How media comes through a TURN server, from the browser's side; null: it does not. */
export const Relay = z.enum(['udp', 'tcp', 'tls']).nullable();
export type Relay = z.infer<typeof Relay>;

export const SendQuality = z.strictObject({
  /** As the other end tells it; null while next to nothing is sent. */
  loss: share.nullable(),
  roundTripMs: milliseconds.nullable(),
  jitterMs: milliseconds.nullable(),
  bitrate,
  /** What the browser holds its network to be good for. */
  availableBitrate: bitrate.nullable(),
  /** Simulcast layers of the camera that are sent, of those there are; null: no camera is, or not in layers. */
  layers: z.strictObject({ sent: clampedInt(3), of: clampedInt(3) }).nullable(),
  /** Why less is sent than could be. */
  limitedBy: z.enum(['none', 'bandwidth', 'cpu', 'other']),
  codec: QualityCodec.nullable(),
});
export type SendQuality = z.infer<typeof SendQuality>;

export const ReceiveQuality = z.strictObject({
  /** null while next to nothing comes. */
  loss: share.nullable(),
  roundTripMs: milliseconds.nullable(),
  jitterMs: milliseconds.nullable(),
  bitrate,
  /** Of the sound that was played: made up for what was missing. */
  concealed: share.nullable(),
  /** Pictures that stood still, in the time that is reported on. */
  freezes: clampedInt(1000),
  /** Spatial layer of the largest camera picture that comes. */
  layer: clampedInt(2).nullable(),
  codec: QualityCodec.nullable(),
});
export type ReceiveQuality = z.infer<typeof ReceiveQuality>;

/** Of the time since the last one. */
export const QualityReport = z.strictObject({ send: SendQuality, receive: ReceiveQuality, relay: Relay });
export type QualityReport = z.infer<typeof QualityReport>;

/** What an SFU sees of one person; null: nothing goes that way just now. */
export const SeenNetwork = z.object({
  personId: Id,
  send: z.object({ loss: z.number().min(0).max(1), bitrate: z.number().nonnegative() }).nullable(),
  receive: z
    .object({
      loss: z.number().min(0).max(1),
      /** Of RTCP; null before the first word of it. */
      roundTripMs: z.number().nonnegative().nullable(),
      bitrate: z.number().nonnegative(),
      /** What their network leaves of the pictures they want. */
      picture: z.enum(['whole', 'smaller', 'least']),
    })
    .nullable(),
});
export type SeenNetwork = z.infer<typeof SeenNetwork>;

/** How somebody's network fares, as the crew and they themselves are told. */
export const PersonQuality = z.object({
  personId: Id,
  word: z.enum(NETWORK_WORDS),
  badly: z.boolean(),
  send: SendQuality,
  receive: ReceiveQuality,
  relay: Relay,
});
export type PersonQuality = z.infer<typeof PersonQuality>;

/** `people`: who is new, or fares otherwise than was told; `gone`: of whom nothing is known any more. */
export const QualityUpdate = z.object({ people: z.array(PersonQuality), gone: z.array(Id) });
export type QualityUpdate = z.infer<typeof QualityUpdate>;

/** What a row of the quality log is written for besides the numbers. */
export const QualityEvent = z.enum([
  /** So much is lost that the word became a weak one. */
  'loss-alert',
  'ice-restart',
  'disconnect',
  /** Another layer than in the row before. */
  'layer',
  /** Media goes through a relay, or does no longer. */
  'relayed',
  'direct',
]);
export type QualityEvent = z.infer<typeof QualityEvent>;

/** One direction of one person at one moment; `direction` null: what happened concerns both. */
export const QualityRow = z.object({
  atUnixMs: z.number(),
  webinarId: Id,
  personId: Id,
  direction: z.enum(['send', 'receive']).nullable(),
  /** Share, 0 to 1. */
  packetLoss: z.number().nullable(),
  roundTripMs: z.number().nullable(),
  jitterMs: z.number().nullable(),
  codec: QualityCodec.nullable(),
  /** Highest spatial layer that is sent or comes. */
  layer: z.int().nullable(),
  relay: Relay,
  event: QualityEvent.nullable(),
});
export type QualityRow = z.infer<typeof QualityRow>;
