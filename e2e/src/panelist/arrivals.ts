/** What did not come of what was sent. */
export interface Holes {
  /** Longest time in which no packet came, ms. */
  readonly longestMs: number;
  /** Packets that never came, or came after a later one, by their numbers. */
  readonly missing: number;
}

interface Packet {
  readonly stay: number;
  readonly producerId: string;
  readonly sequence: number;
}

const KEPT_MS = 60_000;

/** When packets came, and which did not, of the last minute. */
export class Arrivals {
  readonly #nowMs: () => number;
  readonly #last = new Map<string, number>();
  #came: { readonly atMs: number; readonly missing: number }[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** @returns whether it is the first of its track in this stay */
  came({ stay, producerId, sequence }: Packet): boolean {
    const atMs = this.#nowMs();
    const track = `${stay} ${producerId}`;
    const before = this.#last.get(track);
    const step = before === undefined ? 1 : (sequence - before + 0x1_0000) % 0x1_0000;
    const newer = step > 0 && step < 0x8000;
    if (newer) this.#last.set(track, sequence);
    this.#came.push({ atMs, missing: newer ? step - 1 : 0 });
    if ((this.#came[0]?.atMs ?? atMs) < atMs - 2 * KEPT_MS) {
      this.#came = this.#came.filter((packet) => packet.atMs >= atMs - KEPT_MS);
    }
    return before === undefined;
  }

  /** Between two instants; the ends count as packets. */
  holes(fromMs: number, toMs: number): Holes {
    const within = this.#came.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    const instants = [fromMs, ...within.map(({ atMs }) => atMs), toMs];
    return {
      longestMs: Math.max(...instants.slice(1).map((atMs, i) => atMs - (instants[i] ?? atMs))),
      missing: within.reduce((sum, { missing }) => sum + missing, 0),
    };
  }
}
