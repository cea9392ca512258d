/** How a segment's samples are decoded: the sample entries of its init segment, as they are. Pure. */
import { DamagedError } from './damaged.ts';
import { boxesIn, childOf, type ReadBox, viewOf } from './read-boxes.ts';

/** Sample entries (`avc1`, `mp4a`), whole boxes; null: the rendition has no such track. */
export interface Descriptions {
  readonly video: Uint8Array | null;
  readonly audio: Uint8Array | null;
}

/** Throws a `DamagedError` for what is no init segment of ours. */
export function readDescriptions(init: Uint8Array): Descriptions {
  const view = viewOf(init);
  const moov = boxesIn(view, 0, init.byteLength).find(({ type }) => type === 'moov');
  if (!moov) throw new DamagedError('an init segment without moov');
  const entries = new Map<string, Uint8Array>();
  for (const trak of boxesIn(view, moov.body, moov.end)) {
    if (trak.type !== 'trak') continue;
    const stsd = ['mdia', 'minf', 'stbl', 'stsd'].reduce<ReadBox>(
      (box, type) => childOf(view, box, type),
      trak,
    );
    // Version, flags and the count of entries, which is one.
    const [entry] = boxesIn(view, stsd.body + 8, stsd.end);
    if (entry) entries.set(entry.type, init.slice(entry.start, entry.end));
  }
  return { video: entries.get('avc1') ?? null, audio: entries.get('mp4a') ?? null };
}

/** Width and height of an `avc1` entry (ISO/IEC 14496-12, 12.1.3). */
export function pictureSize(avc1: Uint8Array): { readonly width: number; readonly height: number } {
  const view = viewOf(avc1);
  return { width: view.getUint16(32), height: view.getUint16(34) };
}

/** AudioSpecificConfig of an `mp4a` entry: what tag 5 holds in `esds`, whose lengths we write with one byte. null: none. */
export function audioConfig(mp4a: Uint8Array): Uint8Array | null {
  const view = viewOf(mp4a);
  const esds = boxesIn(view, 36, mp4a.byteLength).find(({ type }) => type === 'esds');
  if (!esds) return null;
  // Version and flags; ES_Descriptor: tag, length, id, flags; DecoderConfigDescriptor: tag, length and 13 bytes.
  const at = esds.body + 4 + 5 + 15;
  if (at + 2 > esds.end || view.getUint8(at) !== 0x05) return null;
  return mp4a.slice(at + 2, at + 2 + view.getUint8(at + 1));
}
