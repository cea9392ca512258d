/**
 * A text that only grows, as a body for many: what is added costs what it is long, not what all of it is. Compressed, it is one
 * gzip stream (RFC 1952) of blocks that are never made again; their bytes come about beside the event loop.
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import type { SharedBody } from './responder.ts';

const compress = promisify(deflateRaw);
/** Pieces in a block: small enough that the last one, which is made anew each time, costs nothing, and large enough to compress. */
const BLOCK_PIECES = 64;
/** Deflate, no name, no time, any system. */
const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

export interface GrowingSource {
  /** Stands before the pieces; it does not change any more. */
  readonly head: string;
  /** What is there stays; others follow. */
  readonly pieces: readonly string[];
}

/** A run of pieces (with the head, the first). `deflated` ends on a byte, so that another block may follow. */
interface Block {
  readonly plain: Buffer;
  readonly deflated: Buffer;
}

export class GrowingText {
  readonly #source: GrowingSource;
  readonly #blocks: Block[] = [];
  /** Of all blocks. */
  #crc = 0;
  #made: { readonly pieces: number; readonly body: SharedBody } | null = null;
  #making: Promise<SharedBody> | null = null;

  constructor(source: GrowingSource) {
    this.#source = source;
  }

  /** The text as it is now. Made once between two changes, however many ask. */
  get(): Promise<SharedBody> {
    if (this.#made?.pieces === this.#source.pieces.length) return Promise.resolve(this.#made.body);
    this.#making ??= this.#make().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #make(): Promise<SharedBody> {
    const { pieces } = this.#source;
    const upTo = pieces.length;
    while ((this.#blocks.length + 1) * BLOCK_PIECES <= upTo) {
      const plain = this.#textOf(this.#blocks.length, upTo);
      const deflated = await compress(plain, { finishFlush: constants.Z_FULL_FLUSH });
      this.#blocks.push({ plain, deflated });
      this.#crc = crc32(plain, this.#crc);
    }
    const rest = this.#textOf(this.#blocks.length, upTo);
    const end = await compress(rest);
    const crc = crc32(rest, this.#crc);
    const body = bodyOf([...this.#blocks, { plain: rest, deflated: end }], crc, upTo);
    this.#made = { pieces: upTo, body };
    return body;
  }

  /** Of the block with this number, as far as there are pieces for it. */
  #textOf(block: number, upTo: number): Buffer {
    const { head, pieces } = this.#source;
    const from = block * BLOCK_PIECES;
    const text = pieces.slice(from, Math.min(upTo, from + BLOCK_PIECES)).join('');
    return Buffer.from(block === 0 ? `${head}${text}` : text);
  }
}

function bodyOf(blocks: readonly Block[], crc: number, pieces: number): SharedBody {
  let plain: Buffer | undefined;
  let gzip: Buffer | undefined;
  return {
    get plain() {
      plain ??= Buffer.concat(blocks.map((block) => block.plain));
      return plain;
    },
    gzip() {
      gzip ??= Buffer.concat([GZIP_HEAD, ...blocks.map(({ deflated }) => deflated), gzipTail(blocks, crc)]);
      return gzip;
    },
    etag: `W/"${pieces}-${crc.toString(16)}"`,
  };
}

/** CRC-32 and length of the text, little endian. */
function gzipTail(blocks: readonly Block[], crc: number): Buffer {
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc, 0);
  tail.writeUInt32LE(blocks.reduce((sum, { plain }) => sum + plain.byteLength, 0) % 2 ** 32, 4);
  return tail;
}
