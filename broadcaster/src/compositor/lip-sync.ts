/**
 * Lip sync between streams of one sender. Each stream's own delay (local running time of a sample minus the sender's
 * clock when it was captured) follows from its RTCP sender reports; all streams of one `cname` are put at the largest
 * of these delays, by the jitter buffers' `ts-offset`. A stream may ask to be held back (`playout-delay.ts`); the others of
 * its sender then wait for it.
 */

/** Below this an offset stays as it is: reports themselves wobble by some milliseconds. */
const HYSTERESIS_NS = 6_000_000;
/** Reports that claim more than this are not of one sender's clock. Also what a decoded source must be able to hold. */
export const MAX_OFFSET_NS = 1_000_000_000;

/** A report placed on the local clock. */
export interface SyncPoint {
  /** Local running time of the instant the report speaks of. Nanoseconds. */
  readonly runningTimeNs: bigint;
  /** The sender's clock at that instant. Nanoseconds, any epoch. */
  readonly senderNs: bigint;
}

interface Stream {
  readonly group: string;
  /** Null before its first report. */
  delayNs: bigint | null;
  heldNs: number;
  offsetNs: number;
  readonly apply: (offsetNs: number) => void;
}

export class LipSync {
  readonly #streams = new Map<string, Stream>();

  /** @param apply sets the stream's offset, nanoseconds to add to its timestamps, never negative */
  add(id: string, group: string, apply: (offsetNs: number) => void): void {
    this.#streams.set(id, { group, delayNs: null, heldNs: 0, offsetNs: 0, apply });
  }

  remove(id: string): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    if (stream) this.#align(stream.group);
  }

  /** A sender report came for this stream. Unknown ids are ignored. */
  report(id: string, point: SyncPoint): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    const delayNs = point.runningTimeNs - point.senderNs;
    // A quarter of the news: one report that was itself delayed moves lips by less than can be seen.
    stream.delayNs = stream.delayNs === null ? delayNs : stream.delayNs + (delayNs - stream.delayNs) / 4n;
    if (abs(stream.delayNs - delayNs) > BigInt(HYSTERESIS_NS) * 10n) stream.delayNs = delayNs;
    this.#align(stream.group);
  }

  /** The stream is to be played so much later than it could be, nanoseconds. Unknown ids are ignored. */
  hold(id: string, heldNs: number): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    stream.heldNs = heldNs;
    this.#align(stream.group);
  }

  /** Offset now applied to a stream, nanoseconds. */
  offsetNs(id: string): number {
    return this.#streams.get(id)?.offsetNs ?? 0;
  }

  #align(group: string): void {
    const streams = [...this.#streams.values()].filter((s) => s.group === group);
    const latest = streams.reduce<bigint | null>((max, { delayNs, heldNs }) => {
      if (delayNs === null) return max;
      const played = delayNs + BigInt(heldNs);
      return max === null || played > max ? played : max;
    }, null);
    for (const stream of streams) {
      const { delayNs, heldNs } = stream;
      const offsetNs = latest === null || delayNs === null ? heldNs : Number(latest - delayNs);
      if (offsetNs > MAX_OFFSET_NS) continue;
      const change = Math.abs(offsetNs - stream.offsetNs);
      if (change < HYSTERESIS_NS) continue;
      stream.offsetNs = offsetNs;
      stream.apply(offsetNs);
    }
  }
}

const abs = (n: bigint): bigint => (n < 0n ? -n : n);
