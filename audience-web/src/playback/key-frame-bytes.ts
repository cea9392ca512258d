/** A picture out of fragmented MP4, for a decoder of pictures (ISO/IEC 14496-12, -15). Pure. */

/** What the decoder needs once, out of an init segment. */
export interface PictureTrack {
  readonly trackId: number;
  /** AVCDecoderConfigurationRecord: the content of `avcC`. */
  readonly description: Uint8Array;
}

interface Box {
  readonly type: string;
  /** Of its content, in the same bytes. */
  readonly start: number;
  readonly end: number;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** What is cut off, or no box at all, ends the list. */
function boxesIn(bytes: Uint8Array, start: number, end: number): Box[] {
  const view = viewOf(bytes);
  const boxes: Box[] = [];
  for (let at = start; at + 8 <= end; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > end) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    boxes.push({ type, start: at + 8, end: at + size });
    at += size;
  }
  return boxes;
}

/** The first box of each type on the way down, if it holds so many bytes. */
function boxAt(
  bytes: Uint8Array,
  within: Pick<Box, 'start' | 'end'>,
  path: readonly string[],
  leastBytes = 0,
): Box | null {
  let box: Box | null = null;
  for (const type of path) {
    const { start, end }: Pick<Box, 'start' | 'end'> = box ?? within;
    box = boxesIn(bytes, start, end).find((inner) => inner.type === type) ?? null;
    if (box === null) return null;
  }
  return box !== null && box.end - box.start >= leastBytes ? box : null;
}

/** Before a visual sample entry's own boxes (14496-12, 12.1.3), and before the entries themselves in `stsd`. */
const SAMPLE_ENTRY_BYTES = 78;
const ENTRIES_AT = 8;

/** null: it has no H.264 picture. */
export function pictureTrackOf(init: Uint8Array): PictureTrack | null {
  const moov = boxAt(init, { start: 0, end: init.byteLength }, ['moov']);
  if (moov === null) return null;
  for (const trak of boxesIn(init, moov.start, moov.end).filter(({ type }) => type === 'trak')) {
    const header = boxAt(init, trak, ['tkhd'], 24);
    const table = boxAt(init, trak, ['mdia', 'minf', 'stbl', 'stsd']);
    if (header === null || table === null) continue;
    const entry = boxesIn(init, table.start + ENTRIES_AT, table.end).find(({ type }) =>
      /^avc[13]$/.test(type),
    );
    const config =
      entry && boxAt(init, { start: entry.start + SAMPLE_ENTRY_BYTES, end: entry.end }, ['avcC']);
    if (!config) continue;
    const long = init[header.start] === 1;
    return {
      trackId: viewOf(init).getUint32(header.start + (long ? 20 : 12)),
      description: init.slice(config.start, config.end),
    };
  }
  return null;
}

const TFHD_BASE_OFFSET = 0x1;
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200 } as const;

/** The track's first sample in a fragment of which the rest may be missing; null when it is not wholly there. */
export function firstSampleOf(fragment: Uint8Array, trackId: number): Uint8Array | null {
  const view = viewOf(fragment);
  const moof = boxAt(fragment, { start: 0, end: fragment.byteLength }, ['moof']);
  if (moof === null) return null;
  for (const traf of boxesIn(fragment, moof.start, moof.end).filter(({ type }) => type === 'traf')) {
    const header = boxAt(fragment, traf, ['tfhd'], 8);
    const run = boxAt(fragment, traf, ['trun'], 12);
    if (header === null || run === null || view.getUint32(header.start + 4) !== trackId) continue;
    const defaults = view.getUint32(header.start) & 0xffffff;
    const flags = view.getUint32(run.start) & 0xffffff;
    // Ours are written with offsets from moof and a size for each sample.
    if ((defaults & TFHD_BASE_OFFSET) !== 0 || (flags & TRUN.dataOffset) === 0 || (flags & TRUN.size) === 0) {
      return null;
    }
    const at = run.start + 12 + (flags & TRUN.firstFlags ? 4 : 0) + (flags & TRUN.duration ? 4 : 0);
    if (at + 4 > run.end || view.getUint32(run.start + 4) === 0) return null;
    const start = moof.start - 8 + view.getInt32(run.start + 8);
    const end = start + view.getUint32(at);
    return end <= fragment.byteLength ? fragment.subarray(start, end) : null;
  }
  return null;
}
