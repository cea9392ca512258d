/** VP8 (RFC 7741; the frame's header: RFC 6386, 9.1). */
import type { Assemble } from './picture.ts';

/** Bytes before a payload's piece of the frame. */
function descriptorBytes(payload: Buffer): number {
  let at = 1;
  if (((payload[0] ?? 0) & 0x80) === 0) return at;
  const extensions = payload[at] ?? 0;
  at += 1;
  if (extensions & 0x80) at += (payload[at] ?? 0) & 0x80 ? 2 : 1;
  if (extensions & 0x40) at += 1;
  if (extensions & 0x30) at += 1;
  return at;
}

export const assembleVp8: Assemble = (payloads) => {
  const first = payloads[0]?.[0] ?? 0;
  // A frame begins with the beginning of its first partition.
  if ((first & 0x10) === 0 || (first & 0x07) !== 0) return null;
  const data = Buffer.concat(payloads.map((payload) => payload.subarray(descriptorBytes(payload))));
  const tag = data[0];
  if (tag === undefined) return null;
  if (tag & 1) return { data, key: false, size: null, codecPrivate: null };
  if (data.byteLength < 10 || data.readUIntBE(3, 3) !== 0x9d012a) return null;
  const size = { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
  return { data, key: true, size, codecPrivate: null };
};
