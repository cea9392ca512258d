/** Which samples a moof of ours tells of, and where they lie. Pure. */
import { AUDIO_TRACK_ID, VIDEO_TRACK_ID } from '../../packager/init-segment.ts';
import { DamagedError } from './damaged.ts';
import { boxAt, boxesIn, childOf, type ReadBox, viewOf } from './read-boxes.ts';

/** Samples of one track that lie side by side. */
export interface Run {
  readonly track: 'video' | 'audio';
  /** Decode time of the first, on the epoch's timeline: 90 kHz of pictures, 48 kHz of sound. */
  readonly decodeTicks: number;
  /** Of the first sample, from the beginning of what was read. */
  readonly offset: number;
  readonly durations: readonly number[];
  readonly sizes: readonly number[];
  /** Composition minus decode time. */
  readonly compositions: readonly number[];
  readonly keyframes: readonly boolean[];
}

const NON_SYNC = 0x10000;
const HAS_COMPOSITIONS = 0x800;
/** Data offset; duration, size and flags of each sample: what the packager writes always. */
const HAS = 0x000701;

/** Reads a whole moof. `moofAt`: where it lies in the file; offsets count from the file's beginning. Throws a `DamagedError`. */
export function readMoof(moof: Uint8Array, moofAt: number): Run[] {
  try {
    const view = viewOf(moof);
    const root = boxAt(view, 0);
    if (root.type !== 'moof' || root.end !== moof.byteLength) throw new DamagedError('no moof');
    return boxesIn(view, root.body, root.end).flatMap((traf) =>
      traf.type === 'traf' ? readTraf(view, traf, moofAt) : [],
    );
  } catch (error) {
    // Of a box that is shorter than what is to be in it.
    throw error instanceof RangeError ? new DamagedError('a moof that is too short for its samples') : error;
  }
}

function readTraf(view: DataView, traf: ReadBox, moofAt: number): Run {
  const [tfhd, tfdt, trun] = (['tfhd', 'tfdt', 'trun'] as const).map(
    (type) => childOf(view, traf, type).body,
  );
  if (tfhd === undefined || tfdt === undefined || trun === undefined) throw new DamagedError('no traf');
  const trackId = view.getUint32(tfhd + 4);
  if (trackId !== VIDEO_TRACK_ID && trackId !== AUDIO_TRACK_ID) throw new DamagedError(`a track ${trackId}`);
  const flags = view.getUint32(trun) & 0xffffff;
  if ((flags & ~HAS_COMPOSITIONS) !== HAS) throw new DamagedError(`a trun with flags ${flags}`);
  const count = view.getUint32(trun + 4);
  const fields = (flags & HAS_COMPOSITIONS) === 0 ? 3 : 4;
  const durations: number[] = [];
  const sizes: number[] = [];
  const compositions: number[] = [];
  const keyframes: boolean[] = [];
  for (let at = trun + 12; durations.length < count; at += fields * 4) {
    durations.push(view.getUint32(at));
    sizes.push(view.getUint32(at + 4));
    keyframes.push((view.getUint32(at + 8) & NON_SYNC) === 0);
    compositions.push(fields === 4 ? view.getInt32(at + 12) : 0);
  }
  return {
    track: trackId === VIDEO_TRACK_ID ? 'video' : 'audio',
    decodeTicks: Number(view.getBigUint64(tfdt + 4)),
    offset: moofAt + view.getInt32(trun + 8),
    ...{ durations, sizes, compositions, keyframes },
  };
}
