/** Elements of EBML (RFC 8794), written whole, and read far enough to find where a file was torn. */

/** An element's id as it is written, its length marker included. */
export type ElementId = number;

const idBytes = (id: ElementId): Buffer => {
  const length = id > 0xff_ffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1;
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(id, 0, length);
  return bytes;
};

/** In as few bytes as hold it; all ones means an unknown size, so that a length of them takes one byte more. */
function sizeBytes(size: number): Buffer {
  let length = 1;
  while (size >= 2 ** (7 * length) - 1) length += 1;
  const bytes = Buffer.alloc(length);
  // The marker lies above what 32-bit operators reach where the length is five and more.
  let rest = size + 2 ** (7 * length);
  for (let i = length - 1; i >= 0; i -= 1) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

export const element = (id: ElementId, ...content: readonly Uint8Array[]): Buffer => {
  const size = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Buffer.concat([idBytes(id), sizeBytes(size), ...content]);
};

/** The beginning of an element that goes on to the end of the file. */
export const endless = (id: ElementId): Buffer =>
  Buffer.concat([idBytes(id), Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])]);

export function unsigned(id: ElementId, value: number): Buffer {
  const length = Math.max(1, Math.ceil(Math.log2(value + 1) / 8));
  const bytes = Buffer.alloc(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i -= 1) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return element(id, bytes);
}

/** Eight bytes, whatever the value. */
export function float(id: ElementId, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return element(id, bytes);
}

export const text = (id: ElementId, value: string): Buffer => element(id, Buffer.from(value));

export interface Head {
  readonly id: ElementId;
  /** Bytes of its content; null: unknown. */
  readonly size: number | null;
  /** Where its content begins. */
  readonly content: number;
}

/** The head of the element at `at`; null: it is torn, or none. */
export function readHead(bytes: Buffer, at: number): Head | null {
  const first = bytes[at];
  if (first === undefined || first === 0) return null;
  const idLength = Math.clz32(first) - 23;
  const sizeAt = at + idLength;
  const sizeFirst = bytes[sizeAt];
  if (idLength > 4 || sizeFirst === undefined || sizeFirst === 0) return null;
  const sizeLength = Math.clz32(sizeFirst) - 23;
  if (sizeAt + sizeLength > bytes.byteLength) return null;
  let size = sizeFirst - 2 ** (8 - sizeLength);
  for (let i = 1; i < sizeLength; i += 1) size = size * 256 + (bytes[sizeAt + i] ?? 0);
  return {
    id: bytes.readUIntBE(at, idLength),
    // Doubles cannot tell the largest of eight bytes from one more; neither is a size.
    size: size >= 2 ** (7 * sizeLength) - 1 ? null : size,
    content: sizeAt + sizeLength,
  };
}

export function readUnsigned(bytes: Buffer): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
