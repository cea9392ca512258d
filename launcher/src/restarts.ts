/** How a service that dies is started again: sooner at first, and never in a tight loop. */
export interface RestartLimits {
  /** The nth death in a row waits the nth of these, later ones the last; a quarter more or less. */
  backoffMs: readonly number[];
  /** A service that lived this long starts the count anew. */
  stableMs: number;
  /** So many restarts within this time, and it is tried only now and then: it cannot run here, and each try costs others. */
  budget: { restarts: number; withinMs: number; thenEveryMs: number };
}

/** What has happened to a service so far. */
export interface Deaths {
  readonly inARow: number;
  /** When the latest ones were, in the clock of who calls. */
  readonly atMs: readonly number[];
}

export const noDeaths: Deaths = { inARow: 0, atMs: [] };

export interface Restart {
  readonly deaths: Deaths;
  readonly waitMs: number;
  /** The budget is used up. */
  readonly seldom: boolean;
}

/**
 * What follows a death.
 *
 * @param random from 0 to 1: services that died together are not started together again and again.
 */
export function nextRestart(
  before: Deaths,
  { nowMs, livedMs, random }: { nowMs: number; livedMs: number; random: number },
  { backoffMs, stableMs, budget }: RestartLimits,
): Restart {
  const inARow = livedMs >= stableMs ? 1 : before.inARow + 1;
  const atMs = [...before.atMs.filter((ms) => nowMs - ms < budget.withinMs), nowMs];
  const seldom = atMs.length > budget.restarts;
  const wait = seldom ? budget.thenEveryMs : (backoffMs[Math.min(inARow, backoffMs.length) - 1] ?? 0);
  return { deaths: { inARow, atMs }, waitMs: Math.round(wait * (0.75 + random / 2)), seldom };
}
