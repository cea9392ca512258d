/**
 * When to ask again. Pure but for the dice. Whoever is told to wait waits at least so long; up to half as long again is
 * random, so that a crowd that was refused together doesn't come back together.
 */

const LONGEST_MS = 120_000;

/** The wait a `Retry-After` header asks for, milliseconds; null where there is none, or a date (nobody here sends one). */
export function retryAfterOf(headers: Headers): number | null {
  const seconds = headers.get('retry-after');
  return seconds !== null && /^\d{1,9}$/.test(seconds) ? Math.min(LONGEST_MS, Number(seconds) * 1000) : null;
}

/** @param ownMs what would be waited anyway @param toldMs what the server asked for @param dice 0 to 1 */
export const waitMs = (ownMs: number, toldMs: number | null, dice: number): number =>
  toldMs === null ? ownMs * (0.5 + dice / 2) : Math.max(ownMs, toldMs) * (1 + dice / 2);
