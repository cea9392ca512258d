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
  /**
   * What an origin without enough processor time made late says nothing of the network: as long after it makes everything again
   * all is forgotten, and what is left to catch up is jumped when it is more than `jumpAfterSheddingMs`.
   */
  readonly calmAfterSheddingMs: number;
  readonly jumpAfterSheddingMs: number;
  /** A jump is not repeated sooner: the buffer has to arrive first. */
  readonly jumpPauseMs: number;
}

export interface RateControlState {
  readonly rate: number;
  /** How far stalls have moved the target back. */
  readonly extraMs: number;
  readonly lastStallAtMs: number | null;
  /** 0 while the origin is to blame, or nobody. */
  readonly stallsInARow: number;
  /** When the origin was last seen to leave work out. */
  readonly shedAtMs: number | null;
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
  /** The origin leaves work out because its machine is too slow. */
  readonly sheds: boolean;
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
  shedAtMs: null,
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
  const { over, ...extra } = nextExtra(settings, state, measured);
  const targetMs = settings.targetMs + extra.extraMs;
  const errorMs = measured.behindMs - targetMs;
  const next = { ...state, ...extra, measuredAtMs: measured.nowMs };

  const jumpBeyondMs = over ? settings.jumpAfterSheddingMs : settings.jumpBeyondMs;
  const mayJump = state.lastJumpAtMs === null || measured.nowMs - state.lastJumpAtMs >= settings.jumpPauseMs;
  // Ahead of the edge by more than a jump is a clock or timeline that moved; waiting would freeze the picture.
  if (mayJump && (errorMs > jumpBeyondMs || errorMs < -settings.jumpBeyondMs)) {
    return {
      state: { ...next, rate: 1, lastJumpAtMs: measured.nowMs },
      rate: 1,
      seekToBehindMs: targetMs,
    };
  }
  const rate = rateFor(settings, state.rate, errorMs, measured.bufferMs);
  return { state: { ...next, rate }, rate };
}

/** `over`: what the origin's lack of time did is over in this moment. */
function nextExtra(
  settings: RateControlSettings,
  state: RateControlState,
  { nowMs, stalled, sheds }: RateMeasurement,
): Pick<RateControlState, 'extraMs' | 'lastStallAtMs' | 'stallsInARow' | 'shedAtMs'> & {
  readonly over: boolean;
} {
  const { extraPerStallMs, maxExtraMs } = settings;
  const { lastStallAtMs, shedAtMs } = state;
  const sinceMs = (atMs: number | null): number => (atMs === null ? Number.POSITIVE_INFINITY : nowMs - atMs);
  if (sheds) {
    // One step back before anything runs dry: what comes of a full machine comes unevenly.
    const extraMs = stalled ? state.extraMs + extraPerStallMs : Math.max(state.extraMs, extraPerStallMs);
    return {
      extraMs: Math.min(maxExtraMs, extraMs),
      lastStallAtMs: stalled ? nowMs : lastStallAtMs,
      stallsInARow: 0,
      shedAtMs: nowMs,
      over: false,
    };
  }
  if (stalled) {
    return {
      extraMs: Math.min(maxExtraMs, state.extraMs + extraPerStallMs),
      lastStallAtMs: nowMs,
      stallsInARow: sinceMs(lastStallAtMs) < settings.forgetStallsMs ? state.stallsInARow + 1 : 1,
      shedAtMs,
      over: false,
    };
  }
  const kept = { lastStallAtMs, stallsInARow: state.stallsInARow, shedAtMs };
  if (state.stallsInARow === 0 && shedAtMs !== null) {
    const over = sinceMs(shedAtMs) >= settings.calmAfterSheddingMs;
    return { ...kept, extraMs: over ? 0 : state.extraMs, shedAtMs: over ? null : shedAtMs, over };
  }
  const calmMs = Math.min(settings.maxCalmMs, settings.calmAfterStallMs * 2 ** (state.stallsInARow - 1));
  const elapsedS = state.measuredAtMs === null ? 0 : Math.max(0, nowMs - state.measuredAtMs) / 1000;
  const decayMs = sinceMs(lastStallAtMs) >= calmMs ? elapsedS * settings.extraDecayMsPerSecond : 0;
  return { ...kept, extraMs: Math.max(0, state.extraMs - decayMs), over: false };
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
