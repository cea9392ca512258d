import type { MediaSource } from '@rostrum/contracts';
import { z } from 'zod';

/** The parts of mediasoup's parameters that a sender reads; the wire passes them through as plain objects. */
export const IceParameters = z.object({ usernameFragment: z.string(), password: z.string() });
export const IceCandidate = z.object({
  foundation: z.string(),
  priority: z.number(),
  address: z.string().optional(),
  ip: z.string(),
  port: z.number(),
  protocol: z.enum(['udp', 'tcp']),
  type: z.string(),
});
export const DtlsParameters = z.object({
  fingerprints: z.array(z.object({ algorithm: z.string(), value: z.string() })).min(1),
});
const RtpCapabilities = z.object({
  codecs: z.array(
    z.object({
      mimeType: z.string(),
      preferredPayloadType: z.int(),
      clockRate: z.int(),
      channels: z.int().optional(),
    }),
  ),
  headerExtensions: z
    .array(z.object({ kind: z.string(), uri: z.string(), preferredId: z.int() }))
    .default([]),
});

/** As what a source is to be sent: for `media:produce`, and for the packets. */
export interface SendingOf {
  readonly payloadType: number;
  readonly clockRate: number;
  /** Id of the header extension for the audio level; null: the room has none. */
  readonly levelExtensionId: number | null;
  readonly rtpParameters: Record<string, unknown>;
}

export interface Encoding {
  readonly ssrc: number;
  readonly maxBitrate?: number;
}

const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

/**
 * VP8 or Opus as the room's router speaks them. Streams are told apart by SSRC, so no extension for mid or rid is needed; there
 * is no bandwidth estimation, since what was coded once cannot follow one.
 * @throws Error when the room does not speak the codec, ZodError for capabilities that are none
 */
export function sendingOf(
  source: Extract<MediaSource, 'camera' | 'mic'>,
  routerRtpCapabilities: unknown,
  encodings: readonly Encoding[],
  cname: string,
): SendingOf {
  const { codecs, headerExtensions } = RtpCapabilities.parse(routerRtpCapabilities);
  const mimeType = source === 'camera' ? 'video/VP8' : 'audio/opus';
  const codec = codecs.find((c) => c.mimeType.toLowerCase() === mimeType.toLowerCase());
  if (!codec) throw new Error(`the room does not speak ${mimeType}`);
  const { preferredPayloadType: payloadType, clockRate, channels } = codec;
  const level = headerExtensions.find((e) => e.kind === 'audio' && e.uri === AUDIO_LEVEL);
  const sound = source === 'mic';
  return {
    payloadType,
    clockRate,
    levelExtensionId: sound && level ? level.preferredId : null,
    rtpParameters: {
      codecs: [
        {
          mimeType,
          payloadType,
          clockRate,
          ...(channels === undefined ? {} : { channels }),
          parameters: sound ? { useinbandfec: 1 } : {},
          rtcpFeedback: sound ? [] : [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
        },
      ],
      headerExtensions: sound && level ? [{ uri: AUDIO_LEVEL, id: level.preferredId }] : [],
      encodings: encodings.map((encoding) => (sound ? encoding : { ...encoding, scalabilityMode: 'L1T1' })),
      rtcp: { cname, reducedSize: true },
    },
  };
}
