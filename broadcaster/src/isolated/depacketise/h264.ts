/** H.264 (RFC 6184), single and non-interleaved packets, to units behind their lengths (ISO/IEC 14496-15, 5.3). */
import { Bits, withoutEmulationPrevention } from '../../compositor/guard/bits.ts';
import type { Assemble, Coded } from './picture.ts';

const NAL = { idr: 5, sequenceSet: 7, pictureSet: 8, aggregateA: 24, fragmentA: 28 } as const;

const typeOf = (nal: Buffer): number => (nal[0] ?? 0) & 0x1f;

/** null: a packet that this kind of stream does not have, or one that breaks off. */
function unitsOf(payloads: readonly Buffer[]): Buffer[] | null {
  const units: Buffer[] = [];
  let fragments: Buffer[] | null = null;
  for (const payload of payloads) {
    const type = typeOf(payload);
    if (type !== NAL.fragmentA && fragments) return null;
    if (type === NAL.aggregateA) {
      for (let at = 1; at < payload.byteLength; ) {
        if (at + 2 > payload.byteLength) return null;
        const length = payload.readUInt16BE(at);
        if (length === 0 || at + 2 + length > payload.byteLength) return null;
        units.push(payload.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
    } else if (type === NAL.fragmentA) {
      if (payload.byteLength < 3) return null;
      const [indicator, header] = [payload.readUInt8(0), payload.readUInt8(1)];
      const begins = (header & 0x80) !== 0;
      if (begins !== (fragments === null)) return null;
      fragments ??= [Buffer.from([(indicator & 0xe0) | (header & 0x1f)])];
      fragments.push(payload.subarray(2));
      if ((header & 0x40) === 0) continue;
      units.push(Buffer.concat(fragments));
      fragments = null;
    } else if (type === 0 || type > NAL.aggregateA) return null;
    else units.push(payload);
  }
  return fragments ? null : units;
}

/** Width and height of what a sequence parameter set (7.3.2.1.1) shows; null: it is none, or of a kind that nobody sends. */
export function shownSize(nal: Buffer): Coded['size'] {
  const bits = new Bits(withoutEmulationPrevention(nal.subarray(1)));
  const profile = bits.take(8);
  bits.take(16); // constraints and level
  bits.unsigned(); // its id
  if (![66, 77, 88].includes(profile)) {
    const chroma = bits.unsigned();
    if (chroma !== 1) return null;
    bits.unsigned(); // depths
    bits.unsigned();
    bits.flag();
    if (bits.flag()) return null; // scaling matrices
  }
  bits.unsigned(); // size of frame numbers
  const order = bits.unsigned();
  if (order === 0) bits.unsigned();
  else if (order === 1) {
    bits.flag();
    bits.signed();
    bits.signed();
    for (let left = Math.min(255, bits.unsigned()); left > 0; left -= 1) bits.signed();
  }
  bits.unsigned(); // reference frames
  bits.flag();
  const [width, rows] = [(bits.unsigned() + 1) * 16, bits.unsigned() + 1];
  const progressive = bits.flag();
  const height = rows * (progressive ? 16 : 32);
  if (!progressive) bits.flag();
  bits.flag();
  // In units of 4:2:0: two samples.
  const crop = bits.flag() ? [0, 0, 0, 0].map(() => 2 * bits.unsigned()) : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const shown = { width: width - left - right, height: height - top - bottom };
  const sane = [shown.width, shown.height].every((side) => side > 0 && side <= 65_535);
  return bits.overrun || !sane ? null : shown;
}

function configuration(sequenceSet: Buffer, pictureSet: Buffer): Buffer {
  const counted = (set: Buffer): Buffer => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(set.byteLength);
    return Buffer.concat([length, set]);
  };
  return Buffer.concat([
    Buffer.from([1]),
    sequenceSet.subarray(1, 4),
    Buffer.from([0xff, 0xe1]),
    counted(sequenceSet),
    Buffer.from([1]),
    counted(pictureSet),
  ]);
}

/**
 * Of one stream. Its parameter sets stay in it. Decoding begins at an IDR picture that brings its sequence parameter set, as browsers' do: of
 * one that does not, the first packet may be lost.
 */
export function h264Assembler(): Assemble {
  let sequenceSet: Buffer | null = null;
  let pictureSet: Buffer | null = null;
  return (payloads) => {
    const units = unitsOf(payloads);
    if (!units || units.length === 0) return null;
    for (const unit of units) {
      if (typeOf(unit) === NAL.sequenceSet && unit.byteLength >= 4) sequenceSet = Buffer.from(unit);
      if (typeOf(unit) === NAL.pictureSet) pictureSet = Buffer.from(unit);
    }
    const data = Buffer.concat(
      units.flatMap((unit) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(unit.byteLength);
        return [length, unit];
      }),
    );
    const has = (type: number): boolean => units.some((unit) => typeOf(unit) === type);
    if (!has(NAL.idr) || !has(NAL.sequenceSet)) return { data, key: false, size: null, codecPrivate: null };
    const size = sequenceSet && shownSize(sequenceSet);
    if (!sequenceSet || !pictureSet || !size) return null;
    return { data, key: true, size, codecPrivate: configuration(sequenceSet, pictureSet) };
  };
}
