/** Headers of H.264, VP8 and VP9 that say what a test wants them to say. */

class BitWriter {
  readonly #bits: number[] = [];
  put(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i -= 1) this.#bits.push(Math.floor(value / 2 ** i) % 2);
    return this;
  }
  unsigned(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.put(0, length).put(value + 1, length + 1);
  }
  bytes(): Buffer {
    const bits = this.#bits.join('');
    return Buffer.from((bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
  }
  /** With the bit that ends a NAL unit's payload, and bytes against false start codes. */
  end(): Buffer {
    this.put(1, 1);
    while (this.#bits.length % 8 !== 0) this.put(0, 1);
    const out: number[] = [];
    for (let at = 0; at < this.#bits.length; at += 8) {
      const byte = Number.parseInt(this.#bits.slice(at, at + 8).join(''), 2);
      if (byte <= 3 && out.at(-1) === 0 && out.at(-2) === 0) out.push(3);
      out.push(byte);
    }
    return Buffer.from(out);
  }
}

export interface SequenceSet {
  readonly width: number;
  readonly height: number;
  readonly profile?: number;
  readonly chroma?: number;
  readonly order?: number;
  readonly references?: number;
  readonly interlaced?: boolean;
  readonly level?: number;
}

/** A sequence parameter set of H.264, with its header byte; sizes are rounded up to macroblocks. */
export function h264SequenceSet({ width, height, ...rest }: SequenceSet): Buffer {
  const { profile = 66, chroma = 1, order = 2, references = 1, interlaced = false, level = 31 } = rest;
  const bits = new BitWriter()
    .put(profile, 8)
    .put(profile === 66 ? 0xc0 : 0, 8)
    .put(level, 8)
    .unsigned(0);
  if (profile >= 100) bits.unsigned(chroma).unsigned(0).unsigned(0).put(0, 2);
  bits.unsigned(0).unsigned(order);
  if (order === 0) bits.unsigned(0);
  bits.unsigned(references).put(0, 1);
  bits.unsigned(Math.ceil(width / 16) - 1).unsigned(Math.ceil(height / (interlaced ? 32 : 16)) - 1);
  bits.put(interlaced ? 0 : 1, 1);
  if (interlaced) bits.put(0, 1);
  bits.put(1, 1).put(0, 2); // direct inference; no cropping, no VUI
  return Buffer.concat([Buffer.from([0x67]), bits.end()]);
}

/** The first RTP payload of a VP8 key frame. @param descriptor what stands before it; by default the shortest */
export function vp8KeyFrame({
  width,
  height,
  descriptor = [0x10],
  rest = Buffer.alloc(20, 7),
}: {
  readonly width: number;
  readonly height: number;
  readonly descriptor?: readonly number[];
  readonly rest?: Buffer;
}): Buffer {
  const header = Buffer.alloc(10);
  const tag = 0x10 + (rest.length << 5); // a key frame that is shown, and its first partition's size
  header.writeUIntLE(tag & 0xffffff, 0, 3);
  header.writeUIntBE(0x9d012a, 3, 3);
  header.writeUInt16LE(width & 0x3fff, 6);
  header.writeUInt16LE(height & 0x3fff, 8);
  return Buffer.concat([Buffer.from(descriptor), header, rest]);
}

export interface Vp9Frame {
  readonly width: number;
  readonly height: number;
  /** `inter`: one that says a size of its own. */
  readonly kind?: 'key' | 'intra' | 'inter';
  readonly profile?: number;
  /** The size it is to be shown in, where it is another. */
  readonly shown?: readonly [number, number];
  /** What stands before it; by default the shortest: the beginning and the end of a frame. */
  readonly descriptor?: readonly number[];
  readonly rest?: Buffer;
}

/** The first RTP payload of a VP9 frame. */
export function vp9Frame({ width, height, ...more }: Vp9Frame): Buffer {
  const { kind = 'key', profile = 0, shown, descriptor = [0x0c], rest = Buffer.alloc(20, 7) } = more;
  const bits = new BitWriter()
    .put(2, 2)
    .put(profile & 1, 1)
    .put(profile >> 1, 1)
    .put(0, 1);
  if (kind === 'key') bits.put(0, 1).put(1, 1).put(0, 1).put(0x498342, 24).put(2, 3).put(0, 1);
  else {
    bits
      .put(1, 1)
      .put(kind === 'inter' ? 1 : 0, 1)
      .put(0, 1);
    if (kind === 'intra') bits.put(1, 1).put(0, 2).put(0x498342, 24).put(1, 8);
    else bits.put(0, 2).put(1, 8).put(0, 12).put(0, 3);
  }
  bits
    .put(width - 1, 16)
    .put(height - 1, 16)
    .put(shown ? 1 : 0, 1);
  if (shown) bits.put(shown[0] - 1, 16).put(shown[1] - 1, 16);
  return Buffer.concat([Buffer.from(descriptor), bits.put(0, 8).bytes(), rest]);
}

/** A list of frames at the end of one buffer (Annex B): sizes of `sizes` bytes. */
export function vp9Superframe(sizes: readonly number[]): Buffer {
  const marker = 0xc0 | (3 << 3) | (sizes.length - 1);
  const index = Buffer.alloc(2 + 4 * sizes.length, marker);
  sizes.forEach((size, i) => void index.writeUInt32LE(size, 1 + 4 * i));
  return index;
}
