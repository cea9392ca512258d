/**
 * A sender's RTP clock on ours. Each sender report says what its RTP clock shows at the moment that it is sent, and comes a network's delay
 * later: the quickest ones of a while lie on the line that is looked for. Clocks of senders run up to some hundred ppm wrong,
 * so the line's slope is followed too; what it is found to be off by is made up for so slowly that nobody hears it.
 */

/** Of as many reports the quickest counts. */
const WINDOW_MS = 10_000;
/** So many of these are looked at. */
const WINDOWS = 30;
/** Before that a slope would be the network's rather than the clock's. */
const SLOPE_AFTER_MS = 60_000;
/** No quartz is worse. */
const MOST_SLOPE = 500e-6;
/** What is off is made up for within this, */
const HORIZON_MS = 30_000;
/** and by at most this much: a millisecond a second. */
const MOST_SLEW = 1e-3;

interface Point {
  /** Of the sender's clock since the first packet, ms. */
  readonly sentMs: number;
  /** Ours less the sender's, ms. */
  readonly apartMs: number;
}

export class ClockMap {
  readonly #msPerTick: number;
  /** The line: ours less the sender's at a moment of the sender's, and how fast it grows. */
  #at: Point;
  #rate = 0;
  /** Quickest of each window, the oldest first. */
  #points: Point[] = [];
  #window: { readonly sinceMs: number; quickest: Point } | null = null;
  /** Whether sender reports came. Until then packets stand in for them. */
  #reported = false;

  /** @param ticks of the sender's clock that lie at `ownMs` of ours, as far as is known */
  constructor(clockRate: number, ticks: number, ownMs: number) {
    this.#msPerTick = 1000 / clockRate;
    const sentMs = ticks * this.#msPerTick;
    this.#at = { sentMs, apartMs: ownMs - sentMs };
  }

  /** Our clock at a moment of the sender's, ms. */
  ownMs(ticks: number): number {
    const sentMs = ticks * this.#msPerTick;
    return sentMs + this.#at.apartMs + (sentMs - this.#at.sentMs) * this.#rate;
  }

  /** A report said `ticks`, and came at `cameMs` of our clock. */
  report(ticks: number, cameMs: number): void {
    if (!this.#reported) {
      // Packets come later than what is in them was said, by what coding and packing take.
      this.#reported = true;
      this.#points = [];
      this.#window = null;
    }
    this.#note(ticks, cameMs);
  }

  /** A packet of `ticks` came. Of use until there are reports. */
  packet(ticks: number, cameMs: number): void {
    if (!this.#reported) this.#note(ticks, cameMs);
  }

  #note(ticks: number, cameMs: number): void {
    const sentMs = ticks * this.#msPerTick;
    const point = { sentMs, apartMs: cameMs - sentMs };
    this.#window ??= { sinceMs: cameMs, quickest: point };
    if (point.apartMs < this.#window.quickest.apartMs) this.#window.quickest = point;
    if (cameMs - this.#window.sinceMs < WINDOW_MS) return;
    this.#points.push(this.#window.quickest);
    if (this.#points.length > WINDOWS) this.#points.shift();
    this.#window = null;
    this.#steer(sentMs);
  }

  /** Lays the line on from `sentMs`, without a step, towards where the points lie. */
  #steer(sentMs: number): void {
    const apartMs = this.ownMs(sentMs / this.#msPerTick) - sentMs;
    this.#at = { sentMs, apartMs };
    const { slope, meanSentMs, meanApartMs } = this.#fit();
    const wantedMs = meanApartMs + slope * (sentMs - meanSentMs);
    this.#rate = slope + clamp((wantedMs - apartMs) / HORIZON_MS, MOST_SLEW);
  }

  #fit(): { slope: number; meanSentMs: number; meanApartMs: number } {
    const points = this.#points;
    const mean = (of: (point: Point) => number): number =>
      points.reduce((sum, point) => sum + of(point), 0) / points.length;
    const meanSentMs = mean(({ sentMs }) => sentMs);
    const meanApartMs = mean(({ apartMs }) => apartMs);
    const spanMs = (points.at(-1)?.sentMs ?? 0) - (points[0]?.sentMs ?? 0);
    if (spanMs < SLOPE_AFTER_MS) return { slope: 0, meanSentMs, meanApartMs };
    const over = points.reduce((sum, { sentMs }) => sum + (sentMs - meanSentMs) ** 2, 0);
    const covered = points.reduce(
      (sum, { sentMs, apartMs }) => sum + (sentMs - meanSentMs) * (apartMs - meanApartMs),
      0,
    );
    return { slope: clamp(covered / over, MOST_SLOPE), meanSentMs, meanApartMs };
  }
}

const clamp = (value: number, most: number): number => Math.max(-most, Math.min(most, value));
