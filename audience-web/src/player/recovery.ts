/**
 * What to do when playback breaks, as data. hls.js retries single requests by its own policies first; what reaches
 * this table is what it gave up on, what the decoder refused, or a picture that stands still.
 */

/** `multivariant`: the entry playlist; `network`: media playlists and parts; `decode`: MSE or the decoder. */
export type Trouble = 'multivariant' | 'network' | 'decode' | 'stall' | 'unsupported';

/**
 * From mildest to strongest: `jump` seeks to the live edge, `reload` loads on with the same hls.js instance and buffer,
 * `recover-media` gives the element a new MediaSource, `rebuild` starts a fresh hls.js instance.
 */
export type Remedy = 'jump' | 'reload' | 'recover-media' | 'rebuild';

interface Step {
  readonly remedy: Remedy;
  readonly delayMs: number;
}

/** Tried in order; the last one repeats, its delay doubled each time up to `maxDelayMs`. */
export const RECOVERY: Readonly<
  Record<Trouble, { readonly steps: readonly Step[]; readonly maxDelayMs: number }>
> = {
  // The origin is away, or the show has not begun: ask again, soon at first.
  multivariant: { steps: [{ remedy: 'rebuild', delayMs: 400 }], maxDelayMs: 3000 },
  // Loading on keeps buffer and picture. A fresh instance follows where the playlists have moved away (404).
  network: {
    steps: [
      { remedy: 'reload', delayMs: 300 },
      { remedy: 'rebuild', delayMs: 700 },
      { remedy: 'rebuild', delayMs: 1000 },
    ],
    maxDelayMs: 3000,
  },
  decode: {
    steps: [
      { remedy: 'recover-media', delayMs: 0 },
      { remedy: 'rebuild', delayMs: 200 },
      { remedy: 'rebuild', delayMs: 1000 },
    ],
    maxDelayMs: 8000,
  },
  stall: {
    steps: [
      { remedy: 'jump', delayMs: 0 },
      { remedy: 'reload', delayMs: 0 },
      { remedy: 'rebuild', delayMs: 0 },
      { remedy: 'rebuild', delayMs: 1000 },
    ],
    maxDelayMs: 5000,
  },
  // Levels this browser cannot decode, or anything unforeseen.
  unsupported: { steps: [{ remedy: 'rebuild', delayMs: 2000 }], maxDelayMs: 30_000 },
};

/** After this long of untroubled playing, the next trouble starts at its mildest remedy again. */
export const FORGIVE_AFTER_MS = 15_000;

export interface RecoveryState {
  readonly attempts: Readonly<Partial<Record<Trouble, number>>>;
  readonly lastTroubleAtMs: number | null;
}

export const initialRecovery: RecoveryState = { attempts: {}, lastTroubleAtMs: null };

/** The remedy for this trouble now, and when. `jitter` in [0, 1) spreads a crowd's retries over half the delay. */
export function recover(
  state: RecoveryState,
  trouble: Trouble,
  nowMs: number,
  jitter: number,
): { readonly state: RecoveryState; readonly remedy: Remedy; readonly delayMs: number } {
  const forgiven = state.lastTroubleAtMs !== null && nowMs - state.lastTroubleAtMs > FORGIVE_AFTER_MS;
  const attempts = forgiven ? {} : state.attempts;
  const attempt = attempts[trouble] ?? 0;
  const { steps, maxDelayMs } = RECOVERY[trouble];
  const last = steps.length - 1;
  const step = steps[Math.min(attempt, last)] ?? { remedy: 'rebuild', delayMs: maxDelayMs };
  const repeats = Math.max(0, attempt - last);
  const delayMs = Math.min(maxDelayMs, step.delayMs * 2 ** Math.min(repeats, 10));
  return {
    state: { attempts: { ...attempts, [trouble]: attempt + 1 }, lastTroubleAtMs: nowMs },
    remedy: step.remedy,
    delayMs: Math.round(delayMs * (1 - jitter / 2)),
  };
}
