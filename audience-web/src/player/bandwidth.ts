/**
 * How fast the network is, from what parts took to arrive. hls.js weighs its samples by how long they took, so that after
 * minutes of parts that come in a millisecond it believes in hundreds of megabits for a quarter of a minute more, while
 * the picture stands. Here bytes are held against the time in which they came, over a few parts.
 */
export interface Transfer {
  readonly bytes: number;
  /** When its first byte came: what a held request waits for is the encoder, not the network. Any monotonic clock. */
  readonly firstByteAtMs: number;
  readonly endedAtMs: number;
}

export interface BandwidthEstimator {
  observe(transfer: Transfer): void;
  /** Bit/s; the first guess until something was observed. */
  bitsPerSecond(): number;
  known(): boolean;
}

/** Two slow parts are a slow network; one may be a hiccup of this machine. */
const SOON = 2;
/** So many quick parts in a row are a quick network again. */
const SURE = 8;
/** Less tells of a packet or two, not of a network. */
const MIN_BYTES = 4000;
/** Below this the clock of a browser says little. */
const MIN_MS = 1;

export function createBandwidthEstimator(firstGuess: number): BandwidthEstimator {
  let transfers: readonly Transfer[] = [];
  return {
    observe(transfer) {
      if (transfer.bytes >= MIN_BYTES) transfers = [...transfers, transfer].slice(-SURE);
    },
    bitsPerSecond: () =>
      transfers.length === 0 ? firstGuess : Math.min(rateOf(transfers.slice(-SOON)), rateOf(transfers)),
    known: () => transfers.length > 0,
  };
}

/** Bytes over the time in which any of them was under way: two at once share the network. */
function rateOf(transfers: readonly Transfer[]): number {
  let busyMs = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const { firstByteAtMs, endedAtMs } of transfers.toSorted(
    (a, b) => a.firstByteAtMs - b.firstByteAtMs,
  )) {
    busyMs += Math.max(0, endedAtMs - Math.max(firstByteAtMs, untilMs));
    untilMs = Math.max(untilMs, endedAtMs);
  }
  const bytes = transfers.reduce((sum, transfer) => sum + transfer.bytes, 0);
  return (bytes * 8000) / Math.max(busyMs, MIN_MS * transfers.length);
}
