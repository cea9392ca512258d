/** The sample tables of one track of an MP4 file (ISO/IEC 14496-12, 8.6 and 8.7), sample by sample. Pure. */
import { box, fullBox, u32 } from '../../packager/boxes.ts';

/** Equal values in a row: how often, and which. */
type Runs = [count: number, value: number][];

function push(runs: Runs, value: number): void {
  const last = runs.at(-1);
  if (last && last[1] === value) last[0] += 1;
  else runs.push([1, value]);
}

export class TrackTables {
  readonly #sizes: number[] = [];
  readonly #durations: Runs = [];
  readonly #compositions: Runs = [];
  readonly #sync: number[] = [];
  readonly #descriptions: Uint8Array[] = [];
  /** First byte of each chunk, from the beginning of the media data. */
  readonly #offsets: number[] = [];
  readonly #chunks: { readonly first: number; readonly samples: number; readonly description: number }[] = [];
  #lastTicks = 0;

  /** Samples so far. */
  get count(): number {
    return this.#sizes.length;
  }

  get descriptions(): readonly Uint8Array[] {
    return this.#descriptions;
  }

  /** Decode time of the newest sample. */
  get lastTicks(): number {
    return this.#lastTicks;
  }

  /**
   * Samples side by side that are decoded by the same description.
   * @param offset of the first, from the beginning of the media data
   */
  addChunk(
    offset: number,
    description: Uint8Array,
    samples: readonly { ticks: number; size: number; composition: number; keyframe: boolean }[],
  ): void {
    if (samples.length === 0) return;
    for (const { ticks, size, composition, keyframe } of samples) {
      if (this.count > 0) push(this.#durations, ticks - this.#lastTicks);
      this.#lastTicks = ticks;
      this.#sizes.push(size);
      push(this.#compositions, composition);
      if (keyframe) this.#sync.push(this.count);
    }
    this.#offsets.push(offset);
    const index = this.#describe(description);
    const last = this.#chunks.at(-1);
    if (last?.samples === samples.length && last.description === index) return;
    this.#chunks.push({ first: this.#offsets.length, samples: samples.length, description: index });
  }

  #describe(description: Uint8Array): number {
    const known = this.#descriptions.findIndex((one) => Buffer.compare(one, description) === 0);
    return known === -1 ? this.#descriptions.push(description) : known + 1;
  }

  /**
   * @param endTicks where the last sample ends
   * @param dataStart where the media data begin in the file
   */
  stbl(endTicks: number, dataStart: number): Uint8Array {
    const durations: Runs = this.#durations.map(([count, value]) => [count, value]);
    push(durations, endTicks - this.#lastTicks);
    const plain = this.#compositions.every(([, value]) => value === 0);
    const allSync = this.#sync.length === this.count;
    return box(
      'stbl',
      fullBox('stsd', 0, 0, u32(this.#descriptions.length), ...this.#descriptions),
      table('stts', durations.flat(), durations.length),
      // Version 1: they may be negative.
      ...(plain ? [] : [table('ctts', this.#compositions.flat(), this.#compositions.length, 1)]),
      ...(allSync ? [] : [table('stss', this.#sync)]),
      table('stsz', this.#sizes, this.count, 0, u32(0)),
      table(
        'stsc',
        this.#chunks.flatMap(({ first, samples, description }) => [first, samples, description]),
        this.#chunks.length,
      ),
      chunkOffsets(this.#offsets, dataStart),
    );
  }
}

function table(
  type: string,
  values: readonly number[],
  count = values.length,
  version = 0,
  ...before: Uint8Array[]
): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value >>> 0);
  return fullBox(type, version, 0, ...before, u32(count), bytes);
}

/** Always of 64 bits: the length of a file is then known before its offsets are. */
function chunkOffsets(offsets: readonly number[], dataStart: number): Uint8Array {
  const bytes = new Uint8Array(offsets.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, offset] of offsets.entries()) view.setBigUint64(i * 8, BigInt(dataStart + offset));
  return fullBox('co64', 0, 0, u32(offsets.length), bytes);
}
