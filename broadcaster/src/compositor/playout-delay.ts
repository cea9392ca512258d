/**
 * How much later than its promptest packets allow a stream is to be played, because too many of them come too late. The time
 * that the jitter buffer waits is for all streams the same and short; who has a bad network pays for it alone.
 */

/** So many times of trouble within the time are a network that is like that, rather than accidents. */
const OFTEN = 3;
const WITHIN_NS = 20_000_000_000;
const STEP_NS = 10_000_000;
/** Coming back goes by one step in this time: the mixer leaves so little out unheard. */
const BACK_EVERY_NS = 1_000_000_000;

/** Packets one after another that were too late. Nanoseconds. */
interface Trouble {
  readonly atNs: number;
  /** Lateness of the latest of them. */
  readonly worstNs: number;
}

export class PlayoutDelay {
  readonly #toleranceNs: number;
  readonly #mostNs: number;
  readonly #apply: (ns: number) => void;
  #troubles: readonly Trouble[] = [];
  #underWay = false;
  #backAtNs = 0;
  #ns = 0;

  /**
   * @param toleranceNs lateness that does no harm, nanoseconds
   * @param mostNs what is never exceeded; packets that are later than both together are an outage and count for nothing
   * @param apply is told the delay whenever it changes, nanoseconds
   */
  constructor(toleranceNs: number, mostNs: number, apply: (ns: number) => void) {
    this.#toleranceNs = toleranceNs;
    this.#mostNs = mostNs;
    this.#apply = apply;
  }

  /** The delay as it is now, nanoseconds. */
  get ns(): number {
    return this.#ns;
  }

  /**
   * A packet came.
   * @param lateNs after what the promptest packets would have needed
   * @param nowNs any clock
   */
  note(lateNs: number, nowNs: number): void {
    if (lateNs <= this.#toleranceNs) {
      this.#underWay = false;
      this.#comeBack(nowNs);
      return;
    }
    const last = this.#underWay ? this.#troubles.at(-1) : undefined;
    if (last && lateNs <= last.worstNs) return;
    const before = last ? this.#troubles.slice(0, -1) : this.#troubles;
    this.#troubles = [...before, { atNs: last?.atNs ?? nowNs, worstNs: lateNs }];
    this.#underWay = true;
    const neededNs = this.#neededNs(nowNs);
    if (neededNs > this.#ns) this.#change(neededNs, nowNs);
  }

  #comeBack(nowNs: number): void {
    if (this.#ns === 0 || nowNs < this.#backAtNs) return;
    if (this.#neededNs(nowNs) < this.#ns) this.#change(this.#ns - STEP_NS, nowNs);
    else this.#backAtNs = nowNs + BACK_EVERY_NS;
  }

  #change(ns: number, nowNs: number): void {
    this.#ns = ns;
    this.#backAtNs = nowNs + BACK_EVERY_NS;
    this.#apply(ns);
  }

  /** Enough for all troubles of late but the worst. */
  #neededNs(nowNs: number): number {
    this.#troubles = this.#troubles.filter(({ atNs }) => nowNs - atNs < WITHIN_NS);
    const counted = this.#troubles
      .map(({ worstNs }) => worstNs - this.#toleranceNs)
      .filter((ns) => ns <= this.#mostNs)
      .toSorted((a, b) => b - a);
    const [, second] = counted;
    return counted.length < OFTEN || second === undefined ? 0 : Math.ceil(second / STEP_NS) * STEP_NS;
  }
}
