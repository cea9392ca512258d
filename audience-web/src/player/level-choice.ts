import Hls, { type FragLoadedData, type FragLoadingData, type HlsConfig } from 'hls.js/light';
import { type BandwidthEstimator, createBandwidthEstimator, type Transfer } from './bandwidth.ts';
import { comesTooLate } from './slow-part.ts';
import { changesNow, type SegmentProgress } from './switch-time.ts';

/** What hls.js chooses renditions by, with our estimate of the network, and switching between segments. */
export interface LevelChoice {
  readonly controller: HlsConfig['abrController'];
  /** The viewer wants this level whatever the network, with the next part, and again when it was not made for a while; null: no wish. */
  prefer(level: number | null): void;
  /** A level's playlist came; its newest part is a gap, or is none. */
  listed(level: number, isGap: boolean): void;
  /** Something arrived. */
  observe(transfer: Transfer): void;
  bitsPerSecond(): number;
}

export function createLevelChoice(options: {
  /** Bit/s, until something was measured. */
  readonly firstGuess: number;
  readonly partsPerSegment: number;
  readonly partS: number;
  /** Whether the origin says of the rendition of this height that it makes none. */
  readonly isLeftOut: (height: number) => boolean;
}): LevelChoice {
  const { partsPerSegment, partS } = options;
  let preferred: number | null = null;
  /** There is a new wish. */
  let atOnce = false;
  /** Levels whose playlist ended with a gap, and until when they are not to be gone to: gaps of ours last whole segments. */
  const gapUntilMs = new Map<number, number>();
  const inGap = (level: number): boolean => performance.now() < (gapUntilMs.get(level) ?? 0);
  let estimator = createBandwidthEstimator(options.firstGuess);

  class BetweenSegments extends Hls.DefaultConfig.abrController {
    #level = -1;
    #watch: ReturnType<typeof setInterval> | undefined;
    #lookedAtMs = 0;
    /** What was loaded last; null before that, and after a whole segment. */
    #part: { readonly index: number; readonly sn: number } | null = null;

    constructor(hls: Hls) {
      super(hls);
      this.bwEstimator = asHlsEstimator(() => estimator, options.firstGuess);
    }

    override resetEstimator(guess?: number): void {
      super.resetEstimator(guess);
      estimator = createBandwidthEstimator(guess ?? options.firstGuess);
      this.bwEstimator = asHlsEstimator(() => estimator, options.firstGuess);
    }

    override get nextAutoLevel(): number {
      const wanted = this.#made(preferred ?? super.nextAutoLevel);
      const [now, then] = [this.hls.levels[this.#level], this.hls.levels[wanted]];
      if (
        !now ||
        !then ||
        atOnce ||
        inGap(this.#level) ||
        changesNow(
          this.#progress(),
          { bitsPerSecond: now.averageBitrate },
          { bitsPerSecond: then.averageBitrate },
        )
      ) {
        this.#level = wanted;
        atOnce = false;
      }
      return this.#level;
    }

    /** hls.js gave up on a part that would come too late: at once, then. It also echoes what it was told, which is no wish. */
    override set nextAutoLevel(level: number) {
      if (level === this.#level || preferred !== null) return;
      super.nextAutoLevel = level;
      this.#level = level;
    }

    /**
     * That level, or the next lesser, else the next better of which something is made. hls.js (1.7) steps over parts that are
     * gaps, and finds out only when their segment is whole.
     */
    #made(level: number): number {
      const { levels, minAutoLevel, maxAutoLevel } = this.hls;
      const made = (index: number): boolean => {
        const height = levels[index]?.height;
        return height !== undefined && !inGap(index) && !options.isLeftOut(height);
      };
      if (made(level)) return level;
      for (let index = level - 1; index >= minAutoLevel; index -= 1) if (made(index)) return index;
      for (let index = level + 1; index <= maxAutoLevel; index += 1) if (made(index)) return index;
      return level;
    }

    protected override onFragLoading(event: typeof Hls.Events.FRAG_LOADING, data: FragLoadingData): void {
      super.onFragLoading(event, data);
      clearInterval(this.#watch);
      this.#lookedAtMs = performance.now();
      if (data.part) this.#watch = setInterval(() => this.#giveUpIfLate(data), LOOK_EVERY_MS);
    }

    override destroy(): void {
      clearInterval(this.#watch);
      super.destroy();
    }

    /** hls.js (1.7) has such a rule, but gives up nothing for the least rendition, nor while much is buffered. */
    #giveUpIfLate({ frag, part }: FragLoadingData): void {
      const { hls } = this;
      if (
        !part ||
        preferred !== null ||
        !hls?.autoLevelEnabled ||
        frag.level <= hls.minAutoLevel ||
        part.stats.aborted
      )
        return;
      const { loaded: bytes, total: totalBytes, loading } = part.stats;
      const nowMs = performance.now();
      const sinceMs = nowMs - this.#lookedAtMs;
      this.#lookedAtMs = nowMs;
      // It was this page that was busy, and what has arrived meanwhile is not told yet.
      if (sinceMs > 2 * LOOK_EVERY_MS) return;
      const under = { durationS: part.duration, bytes, totalBytes, firstByteAtMs: loading.first };
      if (!comesTooLate(under, nowMs)) return;
      clearInterval(this.#watch);
      estimator = createBandwidthEstimator(options.firstGuess);
      estimator.observe({ bytes, firstByteAtMs: loading.first, endedAtMs: nowMs });
      const level = Math.max(hls.minAutoLevel, Math.min(super.nextAutoLevel, frag.level - 1));
      this.nextAutoLevel = level;
      hls.nextLoadLevel = level;
      frag.abortRequests();
      hls.trigger(Hls.Events.FRAG_LOAD_EMERGENCY_ABORTED, { frag, part, stats: part.stats });
    }

    protected override onFragLoaded(event: typeof Hls.Events.FRAG_LOADED, data: FragLoadedData): void {
      const { part, frag } = data;
      clearInterval(this.#watch);
      this.#part = part && typeof frag.sn === 'number' ? { index: part.index, sn: frag.sn } : null;
      super.onFragLoaded(event, data);
    }

    #progress(): SegmentProgress | null {
      if (this.#part === null) return null;
      const { index, sn } = this.#part;
      const newest = this.hls.latestLevelDetails?.partList?.at(-1)?.fragment.sn ?? sn;
      return {
        durationS: partsPerSegment * partS,
        leftS: (partsPerSegment - 1 - index) * partS,
        nextListed: newest > sn,
      };
    }
  }

  return {
    controller: BetweenSegments,
    prefer(level) {
      preferred = level;
      atOnce = true;
    },
    listed(level, isGap) {
      if (isGap) gapUntilMs.set(level, performance.now() + 1000 * partsPerSegment * partS);
      else gapUntilMs.delete(level);
    },
    observe: (transfer) => estimator.observe(transfer),
    bitsPerSecond: () => estimator.bitsPerSecond(),
  };
}

type HlsEstimator = InstanceType<HlsConfig['abrController']>['bwEstimator'];

/** The face hls.js asks by. It samples by its own stop watch, of which nothing is taken over. */
function asHlsEstimator(estimator: () => BandwidthEstimator, firstGuess: number): HlsEstimator {
  const face = {
    defaultEstimate: firstGuess,
    update: () => undefined,
    sample: () => undefined,
    sampleTTFB: () => undefined,
    canEstimate: () => estimator().known(),
    getEstimate: () => estimator().bitsPerSecond(),
    getEstimateTTFB: () => FIRST_BYTE_MS,
    destroy: () => undefined,
  };
  // The class of hls.js has private fields, which nothing outside of it reads.
  return face as unknown as HlsEstimator;
}

const LOOK_EVERY_MS = 100;

/** To the first byte of what is there already; hls.js's own first guess. */
const FIRST_BYTE_MS = 100;
