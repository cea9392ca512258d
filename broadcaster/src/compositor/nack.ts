/** Which packets of a stream are missing, and asking for them again: generic NACK (RFC 4585, 6.2.1). */

/** Packets overtake each other on their way; one that is later than this is lost. */
const REORDER_MS = 8;
/** Time for a question and its answer. */
const REPEAT_MS = 25;
/** A larger gap is another stream's beginning, or an outage: a key frame mends that, not a flood of old packets. */
const MAX_GAP = 200;
/** What comes later than this after it was missed is the answer to nothing. */
const REMEMBERED_MS = 600;
/** More than this is no loss that could be mended, whatever sends it. */
const MOST_MISSING = 1000;

interface Missing {
  readonly sinceMs: number;
  /** When it is to be asked for; infinity: no more. */
  nextMs: number;
}

/** Follows the sequence numbers of one stream. Times are any clock's milliseconds. */
export class LossTracker {
  /** The oldest first. */
  readonly #missing = new Map<number, Missing>();
  readonly #tooLateMs: () => number;
  #highest: number | null = null;

  /** @param tooLateMs age at which a packet comes too late to be played, at present */
  constructor(tooLateMs: () => number) {
    this.#tooLateMs = tooLateMs;
  }

  /** @returns whether it is one that was missing */
  received(sequenceNumber: number, nowMs: number): boolean {
    this.#forget(nowMs);
    if (this.#missing.delete(sequenceNumber)) return true;
    const ahead = this.#highest === null ? 1 : (sequenceNumber - this.#highest) & 0xffff;
    if (ahead === 0 || ahead >= 0x8000) return false; // a repetition, or older than everything missed
    if (this.#highest !== null && ahead <= MAX_GAP) {
      for (let i = 1; i < ahead; i += 1) {
        this.#missing.set((this.#highest + i) & 0xffff, { sinceMs: nowMs, nextMs: nowMs + REORDER_MS });
      }
    } else this.#missing.clear();
    if (this.#missing.size > MOST_MISSING) this.#missing.clear();
    this.#highest = sequenceNumber;
    return false;
  }

  /** A key frame begins with this packet: what is missing before it is needed no more. */
  beginsAnew(sequenceNumber: number): void {
    for (const missing of this.#missing.keys()) {
      if (((sequenceNumber - missing) & 0xffff) < 0x8000) this.#missing.delete(missing);
    }
  }

  /** Sequence numbers to ask for now. */
  due(nowMs: number): number[] {
    const due: number[] = [];
    const tooLateMs = this.#tooLateMs();
    for (const [sequenceNumber, missing] of this.#missing) {
      if (missing.nextMs > nowMs) continue;
      const wanted = nowMs - missing.sinceMs <= tooLateMs;
      missing.nextMs = wanted ? nowMs + REPEAT_MS : Number.POSITIVE_INFINITY;
      if (wanted) due.push(sequenceNumber);
    }
    return due;
  }

  /** Whether something is missing for this long, or is too late already. */
  misses(forMs: number, nowMs: number): boolean {
    this.#forget(nowMs);
    const [oldest] = this.#missing.values();
    return oldest !== undefined && nowMs - oldest.sinceMs >= Math.min(forMs, this.#tooLateMs());
  }

  /** Milliseconds until something may be due; null when nothing is to be asked for. */
  nextMs(nowMs: number): number | null {
    let next = Number.POSITIVE_INFINITY;
    for (const missing of this.#missing.values()) next = Math.min(next, missing.nextMs);
    return next === Number.POSITIVE_INFINITY ? null : Math.max(1, next - nowMs);
  }

  #forget(nowMs: number): void {
    for (const [sequenceNumber, { sinceMs }] of this.#missing) {
      if (nowMs - sinceMs <= REMEMBERED_MS) return;
      this.#missing.delete(sequenceNumber);
    }
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
