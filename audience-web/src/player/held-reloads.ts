/**
 * Whether playlist reloads are held until what they ask for is there, as CAN-BLOCK-RELOAD promises. A proxy that strips or
 * ignores the query answers at once instead, with what there was; then the player polls, and parts come in bunches.
 * Judged by answers alone. Pure.
 */
export interface HeldReloads {
  readonly held: boolean;
  /** Answers in a row that ended with exactly what was asked for: held ones do, polled ones only by chance. */
  readonly exact: number;
}

/** A part of a playlist, by the number of its segment and its own. */
export interface PlaylistEnd {
  readonly msn: number;
  readonly part: number;
}

export const initialHeldReloads: HeldReloads = { held: true, exact: 0 };

const CONVINCING = 5;

/** @param asked for by the request; `got`: the last part that the answer lists */
export function observeReload(state: HeldReloads, asked: PlaylistEnd, got: PlaylistEnd): HeldReloads {
  const early = got.msn < asked.msn || (got.msn === asked.msn && got.part < asked.part);
  if (early) return { held: false, exact: 0 };
  const exact = got.msn === asked.msn && got.part === asked.part ? state.exact + 1 : 0;
  return { held: state.held || exact >= CONVINCING, exact };
}
