import type { ViewerMeasurements } from '@rostrum/contracts/measurements';

/** What the page knows at one moment. */
export interface ViewerMoment {
  /** Any monotonic clock. */
  readonly nowMs: number;
  readonly playing: boolean;
  /** It should play and does not. */
  readonly stalled: boolean;
  /** How often so far. */
  readonly stalls: number;
  /** null unless the viewer follows live. */
  readonly latencyMs: number | null;
  readonly rendition: ViewerMeasurements['rendition'];
  /** null before the first picture. */
  readonly startDelayMs: number | null;
  readonly bufferMs: number;
  /** Bit/s; null while unknown. */
  readonly throughput: number | null;
}

export interface MeasurementsLog {
  note(moment: ViewerMoment): void;
  /** What came together since it was last taken; null when nothing was played and nothing stood. */
  take(): ViewerMeasurements | null;
}

/** A moment says nothing of longer than this: the machine slept, or the tab. */
const MOMENT_MS = 5000;

/** Adds moments up to a report. Pure but for what it remembers. */
export function createMeasurementsLog(): MeasurementsLog {
  let last: ViewerMoment | null = null;
  let startTold = false;
  let stallsTold = 0;
  let playedMs = 0;
  let stalledMs = 0;
  let latencies: number[] = [];
  let shownMs = new Map<ViewerMeasurements['rendition'], number>();

  return {
    note(moment) {
      const tookMs = Math.min(MOMENT_MS, moment.nowMs - (last?.nowMs ?? moment.nowMs));
      if (moment.playing) {
        playedMs += tookMs;
        shownMs.set(moment.rendition, (shownMs.get(moment.rendition) ?? 0) + tookMs);
        if (moment.latencyMs !== null) latencies.push(moment.latencyMs);
      } else if (moment.stalled) stalledMs += tookMs;
      last = moment;
    },
    take() {
      if (last === null || playedMs + stalledMs < 1000) return null;
      const [rendition] = [...shownMs].toSorted(([, a], [, b]) => b - a)[0] ?? [last.rendition];
      const sorted = latencies.toSorted((a, b) => a - b);
      const report: ViewerMeasurements = {
        v: 1,
        rendition,
        played: whole(playedMs, 120_000),
        stalls: whole(last.stalls - stallsTold, 1000),
        bsd: whole(stalledMs, 120_000),
        ...(startTold || last.startDelayMs === null ? {} : { msd: whole(last.startDelayMs) }),
        ...(sorted.length === 0 ? {} : { ltc: whole(at(sorted, 0.5)), ltc95: whole(at(sorted, 0.95)) }),
        bl: whole(last.bufferMs),
        ...(last.throughput === null ? {} : { mtp: whole(last.throughput / 1000, 100_000_000) }),
      };
      startTold ||= last.startDelayMs !== null;
      stallsTold = last.stalls;
      playedMs = 0;
      stalledMs = 0;
      latencies = [];
      shownMs = new Map();
      return report;
    },
  };
}

const whole = (value: number, most = 8_000_000): number => Math.min(most, Math.max(0, Math.round(value)));
const at = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0;
