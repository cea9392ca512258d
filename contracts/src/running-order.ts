/**
 * Who appears next: whoever comes after the last one of them who is on air, else the first; null: nobody. Pure, and free of
 * validators, so that pages may import it.
 */
export function nextToAppear(order: readonly string[], onAir: readonly string[]): string | null {
  const last = order.findLastIndex((personId) => onAir.includes(personId));
  return order[last + 1] ?? null;
}
