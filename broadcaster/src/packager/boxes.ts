/** Small writers for ISO base media file format boxes (ISO/IEC 14496-12): bytes in, bytes out. */

const encoder = new TextEncoder();

export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.byteLength;
  const out = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.byteLength;
  }
  return out;
}

export const ascii = (text: string): Uint8Array => encoder.encode(text);
export const u8 = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Big-endian 16-bit values. */
export function u16(...values: number[]): Uint8Array {
  const out = new Uint8Array(values.length * 2);
  const view = new DataView(out.buffer);
  values.forEach((value, i) => {
    view.setUint16(i * 2, value);
  });
  return out;
}

/** Big-endian 32-bit values; negative ones as two's complement. */
export function u32(...values: number[]): Uint8Array {
  const out = new Uint8Array(values.length * 4);
  const view = new DataView(out.buffer);
  values.forEach((value, i) => {
    view.setUint32(i * 4, value >>> 0);
  });
  return out;
}

/** One big-endian 64-bit value, a safe integer. */
export function u64(value: number): Uint8Array {
  return u32(Math.floor(value / 0x1_0000_0000), value % 0x1_0000_0000);
}

/** `size type payload`. */
export function box(type: string, ...payload: Uint8Array[]): Uint8Array {
  let size = 8;
  for (const piece of payload) size += piece.byteLength;
  return concat([u32(size), ascii(type), ...payload]);
}

/** A box with version and 24 bits of flags. */
export function fullBox(type: string, version: number, flags: number, ...payload: Uint8Array[]): Uint8Array {
  return box(type, u32((version << 24) | flags), ...payload);
}
