/** The parameter sets of H.264 (7.3.2.1, 7.3.2.2), as far as they say what a decoder will have to do. */
import { Bits, withoutEmulationPrevention } from './bits.ts';
import { judgeSize, type PictureCap, type Refusal } from './verdict.ts';

/** Baseline, Main and High: 4:2:0 of 8 bits, which is all that is negotiated. */
const PROFILES: ReadonlySet<number> = new Set([66, 77, 100]);
/** Of the profiles in that family whose set begins with the format of the samples. */
const HIGH = 100;
/** 7.4.2.1.1 and A.3: what no stream may exceed. */
const MOST = {
  setId: 31,
  pictureSetId: 255,
  log2: 12,
  cycle: 255,
  references: 16,
  /** In macroblocks; far above every cap, far below what overflows. */
  side: 1 << 16,
} as const;

const unsupported = (detail: string): Refusal => ({ reason: 'unsupported', detail });
const malformed = (detail: string): Refusal => ({ reason: 'malformed', detail });

/**
 * A sequence parameter set.
 * @param nal whole, with its header byte
 */
export function judgeSequenceSet(nal: Uint8Array, cap: PictureCap): Refusal | null {
  const bits = new Bits(withoutEmulationPrevention(nal.subarray(1)));
  const profile = bits.take(8);
  bits.take(16); // constraints and level
  if (!PROFILES.has(profile)) return unsupported(`H.264 profile ${profile}`);
  if (bits.unsigned() > MOST.setId) return malformed('id of a sequence parameter set');
  if (profile === HIGH) {
    if (bits.unsigned() !== 1) return unsupported('H.264 that is not 4:2:0');
    if (bits.unsigned() !== 0 || bits.unsigned() !== 0) return unsupported('H.264 of more than 8 bits');
    if (bits.flag()) return unsupported('lossless H.264');
    if (bits.flag()) return unsupported('scaling matrices');
  }
  if (bits.unsigned() > MOST.log2) return malformed('size of frame numbers');
  const refusal = judgeOrder(bits);
  if (refusal) return refusal;
  if (bits.unsigned() > MOST.references) return malformed('number of reference frames');
  bits.flag(); // gaps in frame numbers
  const [width, height] = [bits.unsigned() + 1, bits.unsigned() + 1];
  if (width > MOST.side || height > MOST.side) return malformed(`${width}x${height} macroblocks`);
  if (!bits.flag()) return unsupported('interlaced H.264');
  if (bits.overrun) return malformed('a sequence parameter set that breaks off');
  // What the decoder takes memory for is the coded picture, whatever is cropped from it.
  return judgeSize(width * 16, height * 16, cap);
}

function judgeOrder(bits: Bits): Refusal | null {
  const type = bits.unsigned();
  if (type === 2) return null;
  if (type === 0) return bits.unsigned() > MOST.log2 ? malformed('size of picture orders') : null;
  if (type !== 1) return malformed('kind of picture order');
  bits.flag();
  bits.signed();
  bits.signed();
  const cycle = bits.unsigned();
  if (cycle > MOST.cycle) return malformed('cycle of picture orders');
  for (let i = 0; i < cycle; i += 1) bits.signed();
  return null;
}

/** A picture parameter set. @param nal whole, with its header byte */
export function judgePictureSet(nal: Uint8Array): Refusal | null {
  const bits = new Bits(withoutEmulationPrevention(nal.subarray(1)));
  if (bits.unsigned() > MOST.pictureSetId || bits.unsigned() > MOST.setId)
    return malformed('id of a picture parameter set');
  bits.take(2); // entropy coding, picture orders
  if (bits.unsigned() !== 0) return unsupported('slice groups');
  if (bits.unsigned() > 31 || bits.unsigned() > 31) return malformed('number of references');
  return bits.overrun ? malformed('a picture parameter set that breaks off') : null;
}
