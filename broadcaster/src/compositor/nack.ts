/** Asking for lost packets again: generic NACK (RFC 4585, 6.2.1), within the time that the jitter buffer waits. */

/** Packets overtake each other on their way; one that is later than this is lost. */
const REORDER_MS = 8;
/** Time for a question and its answer. */
const REPEAT_MS = 25;
/** A larger gap is another stream's beginning, or an outage: a key frame mends that, not a flood of old packets. */
const MAX_GAP = 200;

interface Missing {
  readonly sinceMs: number;
  nextMs: number;
}

/** Follows the sequence numbers of one stream. Times are any clock's milliseconds. */
export class LossTracker {
  readonly #missing = new Map<number, Missing>();
  readonly #giveUpMs: number;
  #highest: number | null = null;

  /** @param giveUpMs age at which a packet would come too late to be played */
  constructor(giveUpMs: number) {
    this.#giveUpMs = giveUpMs;
  }

  received(sequenceNumber: number, nowMs: number): void {
    if (this.#missing.delete(sequenceNumber)) return;
    const ahead = this.#highest === null ? 1 : (sequenceNumber - this.#highest) & 0xffff;
    if (ahead === 0 || ahead >= 0x8000) return; // a repetition, or older than everything missed
    if (this.#highest !== null && ahead <= MAX_GAP) {
      for (let i = 1; i < ahead; i += 1) {
        this.#missing.set((this.#highest + i) & 0xffff, { sinceMs: nowMs, nextMs: nowMs + REORDER_MS });
      }
    } else this.#missing.clear();
    this.#highest = sequenceNumber;
  }

  /** Sequence numbers to ask for now. */
  due(nowMs: number): number[] {
    const due: number[] = [];
    for (const [sequenceNumber, missing] of this.#missing) {
      if (nowMs - missing.sinceMs > this.#giveUpMs) this.#missing.delete(sequenceNumber);
      else if (missing.nextMs <= nowMs) {
        missing.nextMs = nowMs + REPEAT_MS;
        due.push(sequenceNumber);
      }
    }
    return due;
  }

  /** Milliseconds until something may be due; null when nothing is missing. */
  nextMs(nowMs: number): number | null {
    let next: number | null = null;
    for (const { nextMs } of this.#missing.values()) next = Math.min(next ?? nextMs, nextMs);
    return next === null ? null : Math.max(1, next - nowMs);
  }
}

/** An RTCP packet asking `mediaSsrc`'s sender for these packets. */
export function nackPacket(mediaSsrc: number, sequenceNumbers: readonly number[]): Buffer {
  const pairs: { first: number; mask: number }[] = [];
  for (const sequenceNumber of sequenceNumbers) {
    const last = pairs.at(-1);
    const after = last ? (sequenceNumber - last.first) & 0xffff : 0;
    if (last && after >= 1 && after <= 16) last.mask |= 1 << (after - 1);
    else pairs.push({ first: sequenceNumber, mask: 0 });
  }
  const packet = Buffer.alloc(12 + 4 * pairs.length);
  packet.writeUInt8(0x81, 0);
  packet.writeUInt8(205, 1);
  packet.writeUInt16BE(2 + pairs.length, 2);
  packet.writeUInt32BE(1, 4); // whoever asks: the SFU knows this transport's only receiver
  packet.writeUInt32BE(mediaSsrc, 8);
  pairs.forEach(({ first, mask }, i) => {
    packet.writeUInt16BE(first, 12 + 4 * i);
    packet.writeUInt16BE(mask, 14 + 4 * i);
  });
  return packet;
}
