/** One CMAF chunk: moof and mdat, one trun a track. */
import { box, concat, fullBox, u32, u64 } from './boxes.ts';

export interface FragmentSample {
  readonly data: Uint8Array;
  /** Track ticks until the next sample's decode time. */
  readonly durationTicks: number;
  /** Composition minus decode time, ticks; may be negative. */
  readonly compositionOffsetTicks: number;
  readonly keyframe: boolean;
}

export interface FragmentTrack {
  readonly trackId: number;
  /** Decode time of the first sample, ticks on the epoch's timeline. */
  readonly baseDecodeTimeTicks: number;
  /** At least one. */
  readonly samples: readonly FragmentSample[];
}

const TFHD_DEFAULT_BASE_IS_MOOF = 0x020000;
const TRUN_FLAGS = 0x000001 | 0x000100 | 0x000200 | 0x000400; // data offset; duration, size, flags a sample
const TRUN_COMPOSITION_OFFSETS = 0x000800;
/** Depends on no other sample. */
const SYNC_SAMPLE = 0x02000000;
/** Depends on others, is no sync sample. */
const NON_SYNC_SAMPLE = 0x01010000;

/** Bytes of moof and mdat. The media data lie track after track, in the order given. */
export function writeFragment(sequenceNumber: number, tracks: readonly FragmentTrack[]): Uint8Array {
  const mfhd = fullBox('mfhd', 0, 0, u32(sequenceNumber));
  // Data offsets count from the first byte of moof and stand inside it: write it once to learn its size.
  const moofOf = (dataStart: number): Uint8Array => {
    let dataOffset = dataStart;
    const trafs = tracks.map((track) => {
      const bytes = traf(track, dataOffset);
      for (const sample of track.samples) dataOffset += sample.data.byteLength;
      return bytes;
    });
    return box('moof', mfhd, ...trafs);
  };
  const moof = moofOf(moofOf(0).byteLength + 8);
  const data = tracks.flatMap((track) => track.samples.map((sample) => sample.data));
  return concat([moof, box('mdat', ...data)]);
}

function traf(track: FragmentTrack, dataOffset: number): Uint8Array {
  const offsets = track.samples.some((sample) => sample.compositionOffsetTicks !== 0);
  const fields = offsets ? 4 : 3;
  const table = new Uint8Array(track.samples.length * fields * 4);
  const view = new DataView(table.buffer);
  track.samples.forEach((sample, i) => {
    const at = i * fields * 4;
    view.setUint32(at, sample.durationTicks);
    view.setUint32(at + 4, sample.data.byteLength);
    view.setUint32(at + 8, sample.keyframe ? SYNC_SAMPLE : NON_SYNC_SAMPLE);
    if (offsets) view.setInt32(at + 12, sample.compositionOffsetTicks);
  });
  return box(
    'traf',
    fullBox('tfhd', 0, TFHD_DEFAULT_BASE_IS_MOOF, u32(track.trackId)),
    fullBox('tfdt', 1, 0, u64(track.baseDecodeTimeTicks)),
    fullBox(
      'trun',
      1,
      TRUN_FLAGS | (offsets ? TRUN_COMPOSITION_OFFSETS : 0),
      u32(track.samples.length, dataOffset),
      table,
    ),
  );
}
