import { badInput } from '@rostrum/contracts';
import type { types } from 'mediasoup';
import { z } from 'zod';

/**
 * Shapes of what clients hand through to mediasoup, strict in type and range. mediasoup checks meaning, not ranges: a
 * number out of range fails while its request is being serialised, and leaves the buffer all later requests share
 * unusable. So nothing gets there that cannot be serialised.
 */
const U8 = z.int().min(0).max(255);
const U32 = z.int().min(0).max(0xffff_ffff);
const PayloadType = z.int().min(0).max(127);
const Text = z.string().max(255);

const CodecParameters = z.record(
  Text,
  z.union([z.string().max(1024), z.number().min(-2_147_483_648).max(2_147_483_647), z.boolean()]),
);
const Feedback = z.object({ type: Text, parameter: Text.optional() });
const MimeType = z.string().regex(/^(audio|video)\/[A-Za-z0-9._-]{1,32}$/);
const Codec = {
  mimeType: MimeType,
  clockRate: z.int().min(1).max(1_000_000),
  channels: z.int().min(1).max(8).optional(),
  parameters: CodecParameters.optional(),
  rtcpFeedback: z.array(Feedback).max(16).optional(),
};

const RtpParameters = z.object({
  mid: z.string().min(1).max(32).optional(),
  codecs: z
    .array(z.object({ ...Codec, payloadType: PayloadType }))
    .min(1)
    .max(16),
  headerExtensions: z
    .array(
      z.object({
        uri: Text,
        id: z.int().min(1).max(255),
        encrypt: z.boolean().optional(),
        parameters: CodecParameters.optional(),
      }),
    )
    .max(32)
    .optional(),
  encodings: z
    .array(
      z.object({
        ssrc: U32.min(1).optional(),
        rid: z
          .string()
          .regex(/^[A-Za-z0-9]{1,16}$/)
          .optional(),
        codecPayloadType: PayloadType.optional(),
        rtx: z.object({ ssrc: U32.min(1) }).optional(),
        dtx: z.boolean().optional(),
        scalabilityMode: z
          .string()
          .regex(/^[LS][1-3]T[1-3](_KEY)?$/)
          .optional(),
        maxBitrate: U32.optional(),
      }),
    )
    .min(1)
    .max(3),
  rtcp: z.object({ cname: Text.optional(), reducedSize: z.boolean().optional() }).optional(),
  msid: Text.optional(),
});

const RtpCapabilities = z.object({
  codecs: z
    .array(
      z.object({ ...Codec, kind: z.enum(['audio', 'video']), preferredPayloadType: PayloadType.optional() }),
    )
    .max(128),
  headerExtensions: z
    .array(
      z.object({
        kind: z.enum(['audio', 'video']),
        uri: Text,
        preferredId: U8,
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
      }),
    )
    .max(128)
    .optional(),
});

const DtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().regex(/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){19,63}$/),
      }),
    )
    .min(1)
    .max(8),
});

/** Key and salt of AES-CM-128: 30 bytes. */
const SrtpKey = z.object({
  cryptoSuite: z.literal('AES_CM_128_HMAC_SHA1_80'),
  keyBase64: z.string().regex(/^[A-Za-z0-9+/]{40}$/),
});

function parser<T>(schema: z.ZodType, field: string): (value: unknown) => T {
  const wrapped = z.object({ [field]: schema });
  return (value) => {
    const parsed = wrapped.safeParse({ [field]: value });
    if (!parsed.success) throw badInput(parsed.error);
    return parsed.data[field] as T;
  };
}

/** Each throws `bad-input` with the offending field. */
export const parseRtpParameters = parser<types.RtpParameters>(RtpParameters, 'rtpParameters');
export const parseRtpCapabilities = parser<types.RtpCapabilities>(RtpCapabilities, 'rtpCapabilities');
export const parseDtlsParameters = parser<types.DtlsParameters>(DtlsParameters, 'dtlsParameters');
export const parseSrtp = parser<types.SrtpParameters>(SrtpKey, 'srtp');
