/**
 * Keeps the playhead a fixed distance behind the live edge by playing a little faster or slower. Pure: measurements
 * in, a rate (and now and then a jump) out. All times in milliseconds of programme time unless named otherwise.
 *
 * hls.js has a catch-up of its own, but it acts only with more than a second in the buffer and never slows down;
 * with parts of 0.2 s there is never a second to have (LLHLS.md, facts about hls.js).
 */

export interface RateControlSettings {
  /** Wanted distance behind the edge. */
  readonly targetMs: number;
  readonly minRate: number;
  readonly maxRate: number;
  /** Within this distance of the target nothing is corrected. */
  readonly deadbandMs: number;
  /** Rate change per second of error: 0.15 halves an error in some five seconds. */
  readonly gainPerSecond: number;
  /** Further behind than this, it jumps instead of hurrying for minutes. */
  readonly jumpBeyondMs: number;
  /** Never plays faster with less than this in the buffer: it would only stall sooner. */
  readonly minBufferMs: number;
  /** A stall moves the target back by this much, up to `maxExtraMs`... */
  readonly extraPerStallMs: number;
  readonly maxExtraMs: number;
  /**
   * ...and after this long without another, it comes forward again at `extraDecayMsPerSecond`. Each further stall in a row
   * doubles the wait, up to `maxCalmMs`: coming forward too early was what it stalled for.
   */
  readonly calmAfterStallMs: number;
  readonly maxCalmMs: number;
  readonly extraDecayMsPerSecond: number;
  /** A stall this long after the last one is the first of a row. */
  readonly forgetStallsMs: number;
  /** A jump is not repeated sooner: the buffer has to arrive first. */
  readonly jumpPauseMs: number;
}

export interface RateControlState {
  readonly rate: number;
  /** How far stalls have moved the target back. */
  readonly extraMs: number;
  readonly lastStallAtMs: number | null;
  readonly stallsInARow: number;
  readonly lastJumpAtMs: number | null;
  readonly measuredAtMs: number | null;
}

export interface RateMeasurement {
  /** Any monotonic clock. */
  readonly nowMs: number;
  /** Playhead to live edge. */
  readonly behindMs: number;
  /** Playhead to the end of what is buffered. */
  readonly bufferMs: number;
  /** True in the first measurement after playback ran dry. */
  readonly stalled: boolean;
}

export interface RateDecision {
  readonly state: RateControlState;
  readonly rate: number;
  /** Seek to this distance behind the edge, where present. */
  readonly seekToBehindMs?: number;
}

export const initialRateControl: RateControlState = {
  rate: 1,
  extraMs: 0,
  lastStallAtMs: null,
  stallsInARow: 0,
  lastJumpAtMs: null,
  measuredAtMs: null,
};

/** Rates move in steps of a hundredth: each change makes the browser's time stretcher start anew. */
const RATE_STEP = 0.01;

/** The next rate, and whether to jump. Rates stay within [minRate, maxRate] whatever is measured. */
export function rateControl(
  settings: RateControlSettings,
  state: RateControlState,
  measured: RateMeasurement,
): RateDecision {
  const extra = nextExtra(settings, state, measured);
  const targetMs = settings.targetMs + extra.extraMs;
  const errorMs = measured.behindMs - targetMs;
  const next = { ...state, ...extra, measuredAtMs: measured.nowMs };

  const mayJump = state.lastJumpAtMs === null || measured.nowMs - state.lastJumpAtMs >= settings.jumpPauseMs;
  // Ahead of the edge by more than a jump is a clock or timeline that moved; waiting would freeze the picture.
  if (mayJump && (errorMs > settings.jumpBeyondMs || errorMs < -settings.jumpBeyondMs)) {
    return {
      state: { ...next, rate: 1, lastJumpAtMs: measured.nowMs },
      rate: 1,
      seekToBehindMs: targetMs,
    };
  }
  const rate = rateFor(settings, state.rate, errorMs, measured.bufferMs);
  return { state: { ...next, rate }, rate };
}

function nextExtra(
  settings: RateControlSettings,
  state: RateControlState,
  { nowMs, stalled }: RateMeasurement,
): Partial<RateControlState> & Pick<RateControlState, 'extraMs'> {
  const sinceStallMs = state.lastStallAtMs === null ? Number.POSITIVE_INFINITY : nowMs - state.lastStallAtMs;
  if (stalled) {
    return {
      extraMs: Math.min(settings.maxExtraMs, state.extraMs + settings.extraPerStallMs),
      lastStallAtMs: nowMs,
      stallsInARow: sinceStallMs < settings.forgetStallsMs ? state.stallsInARow + 1 : 1,
    };
  }
  const calmMs = Math.min(settings.maxCalmMs, settings.calmAfterStallMs * 2 ** (state.stallsInARow - 1));
  const elapsedS = state.measuredAtMs === null ? 0 : Math.max(0, nowMs - state.measuredAtMs) / 1000;
  const decayMs = sinceStallMs >= calmMs ? elapsedS * settings.extraDecayMsPerSecond : 0;
  return { extraMs: Math.max(0, state.extraMs - decayMs) };
}

function rateFor(settings: RateControlSettings, lastRate: number, errorMs: number, bufferMs: number): number {
  // Once correcting it goes on to the middle of the band, so that the edge of the band is no place to flutter.
  const bandMs = lastRate === 1 ? settings.deadbandMs : settings.deadbandMs / 3;
  if (Math.abs(errorMs) <= bandMs) return 1;
  const wanted = 1 + (errorMs / 1000) * settings.gainPerSecond;
  const stepped = Math.round(wanted / RATE_STEP) * RATE_STEP;
  // A small error must still move by one step, or it would stay for ever.
  const moved = stepped === 1 ? 1 + Math.sign(errorMs) * RATE_STEP : stepped;
  const rate = Math.min(settings.maxRate, Math.max(settings.minRate, Number(moved.toFixed(2))));
  return rate > 1 && bufferMs < settings.minBufferMs ? 1 : rate;
}
