/** VP9 over RTP (RFC 9628) and its frames' headers ("VP9 Bitstream & Decoding Process", 6.1 and 6.2), as far as they say how large pictures are. */
import { Bits } from './bits.ts';
import { judgeSize, type PictureCap, type Refusal } from './verdict.ts';

/** What one packet begins. */
export type Vp9Look =
  /** Nothing, or a frame of the size that was there before. */
  | { readonly is: 'more' }
  | { readonly is: 'key' | 'resized'; readonly width: number; readonly height: number }
  | { readonly is: 'refused'; readonly refusal: Refusal };

const MORE: Vp9Look = { is: 'more' };
const malformed = (detail: string): Vp9Look => ({ is: 'refused', refusal: { reason: 'malformed', detail } });
const unsupported = (detail: string): Vp9Look => ({
  is: 'refused',
  refusal: { reason: 'unsupported', detail },
});

/**
 * @param payload of an RTP packet, without padding
 * @param last whether it is a picture's last packet, by the marker in its RTP header
 */
export function lookAtVp9(payload: Buffer, last: boolean, cap: PictureCap): Vp9Look {
  if (payload.length === 0) return MORE;
  const descriptor = readDescriptor(payload);
  if (descriptor === null) return malformed('a descriptor that breaks off');
  if (descriptor.spatialLayer > 0) return unsupported('VP9 in spatial layers');
  // No frame ends in such a byte (9.2.3) but one with a list of several frames behind it: they would be decoded one by one, and
  // only the first of them has its header where we look.
  if (last && ((payload.at(-1) ?? 0) & 0xe0) === 0xc0) return unsupported('several VP9 frames in one');
  return descriptor.begins ? lookAtFrame(payload.subarray(descriptor.bytes), cap) : MORE;
}

export interface Descriptor {
  readonly begins: boolean;
  readonly spatialLayer: number;
  /** Its length; the frame stands behind it. */
  readonly bytes: number;
}

/** As depayloaders read it. null: it breaks off, or nothing stands behind it. */
export function readDescriptor(payload: Buffer): Descriptor | null {
  const bits = new Bits(payload);
  let bytes = 1;
  const byte = (): number => {
    bytes += 1;
    return bits.take(8);
  };
  const [pictureId, inter, layers, flexible] = [bits.flag(), bits.flag(), bits.flag(), bits.flag()];
  const begins = bits.flag();
  bits.flag(); // the end of a frame
  const structure = bits.flag();
  bits.flag();
  if (pictureId && byte() & 0x80) byte();
  const spatialLayer = layers ? (byte() >> 1) & 7 : 0;
  if (layers && !flexible) byte();
  if (inter && flexible) for (let more = true, i = 0; more && i < 3; i += 1) more = (byte() & 1) === 1;
  if (structure) {
    const head = byte();
    if (head & 0x10) for (let i = 0; i < 4 * ((head >> 5) + 1); i += 1) byte();
    const pictures = head & 0x08 ? byte() : 0;
    for (let i = 0; i < pictures && !bits.overrun; i += 1) {
      const references = (byte() >> 2) & 3;
      for (let r = 0; r < references; r += 1) byte();
    }
  }
  return bytes >= payload.length ? null : { begins, spatialLayer, bytes };
}

const SYNC_CODE = 0x498342;
const SRGB = 7;

function lookAtFrame(frame: Buffer, cap: PictureCap): Vp9Look {
  const bits = new Bits(frame);
  if (bits.take(2) !== 2) return malformed('a frame without its marker');
  const profile = bits.take(1) + 2 * bits.take(1);
  if (profile !== 0) return unsupported(`VP9 profile ${profile}`);
  if (bits.flag()) return MORE; // one that is there already is shown
  const key = !bits.flag();
  const shown = bits.flag();
  const resilient = bits.flag();
  if (key) {
    if (bits.take(24) !== SYNC_CODE) return malformed('a key frame without its sync code');
    if (bits.take(3) === SRGB) return malformed('RGB in a profile without it');
    bits.flag(); // range of the colours
    return sized('key', bits, cap);
  }
  const intra = shown ? false : bits.flag();
  if (!resilient) bits.take(2); // which contexts are reset
  if (intra) {
    if (bits.take(24) !== SYNC_CODE) return malformed('an intra frame without its sync code');
    bits.take(8); // what it refreshes
    return sized('resized', bits, cap);
  }
  bits.take(8); // what it refreshes
  bits.take(3 * (3 + 1)); // its references
  // Of the size of one of its references, which were looked at when they came.
  for (let i = 0; i < 3; i += 1) if (bits.flag()) return bits.overrun ? breaksOff : MORE;
  return sized('resized', bits, cap);
}

const breaksOff = malformed('a frame whose header breaks off');

function sized(is: 'key' | 'resized', bits: Bits, cap: PictureCap): Vp9Look {
  const [width, height] = [bits.take(16) + 1, bits.take(16) + 1];
  // What is to be made of it in the end takes no memory here, but says what comes behind the decoder.
  const shown = bits.flag() ? [bits.take(16) + 1, bits.take(16) + 1] : [width, height];
  if (bits.overrun) return breaksOff;
  const refusal = judgeSize(width, height, cap) ?? judgeSize(shown[0] ?? 0, shown[1] ?? 0, cap);
  return refusal ? { is: 'refused', refusal } : { is, width, height };
}
