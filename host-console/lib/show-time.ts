/** Moments of a show as people type them: `h:mm:ss` since it went live. */
const two = (n: number): string => String(n).padStart(2, '0');

/** `h:mm:ss`; before the beginning it is the beginning. */
export function formatShowTime(ms: number): string {
  const seconds = Number.isFinite(ms) ? Math.max(0, Math.round(ms / 1000)) : 0;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}

/** `h:mm:ss`, `mm:ss` or seconds, as milliseconds; null: it is none of them. */
export function parseShowTime(text: string): number | null {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!match) return null;
  const [hours, minutes, seconds] = match.slice(1, 4).map((n) => Number(n ?? 0));
  // With something greater before them they have two places.
  if (match[2] !== undefined && (seconds ?? 0) > 59) return null;
  if (match[1] !== undefined && (minutes ?? 0) > 59) return null;
  const fraction = Number(`0.${match[4] ?? 0}`) * 1000;
  return ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000 + fraction;
}
