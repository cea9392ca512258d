/** What goes into RTP and RTCP packets of a sender, as pure functions (RFC 3550, RFC 7741). */

/** Payload bytes in a packet: with RTP, SRTP, UDP and IPv6 headers below what any path carries. */
export const MAX_PAYLOAD_BYTES = 1150;
const DESCRIPTOR_BYTES = 6;

/** Where a picture stands among those of its stream. Both count up by one with each picture and wrap. */
export interface Vp8Position {
  /** 15 bits. */
  readonly pictureId: number;
  /** 8 bits. */
  readonly tl0PictureIndex: number;
}

/**
 * A coded VP8 picture as RTP payloads of nearly equal size. The descriptor carries a picture id of 15 bits and calls every
 * picture one of the lowest temporal layer: an SFU can rewrite picture ids, when it changes the simulcast layer, only where
 * both are told.
 */
export function vp8Payloads(
  picture: Buffer,
  { pictureId, tl0PictureIndex }: Vp8Position,
  maxBytes = MAX_PAYLOAD_BYTES,
): Buffer[] {
  const count = Math.max(1, Math.ceil(picture.length / (maxBytes - DESCRIPTOR_BYTES)));
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * picture.length) / count);
    const end = Math.floor(((i + 1) * picture.length) / count);
    const payload = Buffer.allocUnsafe(DESCRIPTOR_BYTES + end - start);
    payload[0] = 0x80 | (i === 0 ? 0x10 : 0); // extended; start of the (only) partition
    payload[1] = 0x80 | 0x40 | 0x20; // picture id, TL0 index, temporal layer
    payload.writeUInt16BE(0x8000 | (pictureId & 0x7fff), 2);
    payload[4] = tl0PictureIndex & 0xff;
    payload[5] = 0; // temporal layer 0
    picture.copy(payload, DESCRIPTOR_BYTES, start, end);
    return payload;
  });
}

/** An instant as an RTP timestamp. @param offset the stream's random start */
export const rtpTimestamp = (ms: number, clockRate: number, offset: number): number =>
  (Math.round((ms * clockRate) / 1000) + offset) % 2 ** 32;

const NTP_UNIX_OFFSET_S = 2_208_988_800;

/** Milliseconds of Unix time as a 64-bit NTP timestamp: seconds since 1900, and their fraction in 2^-32. */
export function ntpTimestamp(unixMs: number): bigint {
  const seconds = Math.floor(unixMs / 1000);
  const fraction = Math.floor(((unixMs - seconds * 1000) / 1000) * 2 ** 32);
  return (BigInt(seconds + NTP_UNIX_OFFSET_S) << 32n) | BigInt(fraction);
}

/** The one-byte payload of the audio level extension (RFC 6464): the level's magnitude, and whether it is a voice. */
export function audioLevel(dbov: number): Buffer {
  const magnitude = Math.min(127, Math.max(0, Math.round(-dbov)));
  return Buffer.from([magnitude | (magnitude < 60 ? 0x80 : 0)]);
}
