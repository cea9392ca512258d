export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait after so many failures in a row (1 or more), ms: anything up to a ceiling that doubles each time. The
 * whole of it is chance, so that those who failed together do not come back together.
 */
export function backoffMs(
  { firstMs, maxMs }: Backoff,
  failures: number,
  random: () => number = Math.random,
): number {
  return random() * Math.min(maxMs, firstMs * 2 ** (failures - 1));
}
