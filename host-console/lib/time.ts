const two = (n: number): string => String(n).padStart(2, '0');

/** `mm:ss` under an hour, `h:mm:ss` from there; never negative. */
export function formatDuration(durationMs: number): string {
  const seconds = Number.isFinite(durationMs) ? Math.max(0, Math.floor(durationMs / 1000)) : 0;
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Time left until `untilUnixMs`, in the form of `formatDuration`, rounded up so that it ends exactly at 00:00. */
export function formatCountdown(untilUnixMs: number, nowUnixMs: number): string {
  return formatDuration(Math.ceil(Math.max(0, untilUnixMs - nowUnixMs) / 1000) * 1000);
}

/** How long ago, for a queue: "now", "3 min", "2 h", "4 d". */
export function formatAge(thenUnixMs: number, nowUnixMs: number): string {
  const minutes = Math.floor(Math.max(0, nowUnixMs - thenUnixMs || 0) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** Beyond these `Intl` and `Date` throw. */
const isMoment = (unixMs: number): boolean => Math.abs(unixMs) <= 8.64e15;

/** A moment in a zone, for people: "Sat, 21 Nov 2026, 18:00 CET". Never throws: what is no moment is "No valid time". */
export function formatMoment(unixMs: number, timeZone: string | undefined, locale = 'en-GB'): string {
  if (!isMoment(unixMs)) return 'No valid time';
  return new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(unixMs);
}

/** What a zone's clocks are ahead of UTC at `unixMs`, in milliseconds. */
function zoneOffsetMs(unixMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(unixMs);
  const get = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((p) => p.type === type)?.value ?? 0);
  const wall = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
  return wall - Math.floor(unixMs / 1000) * 1000;
}

/**
 * What a zone's clock shows (`2026-11-21T18:00`, as `<input type="datetime-local">` gives it) as Unix milliseconds;
 * null when malformed. A time that a change of clocks skips is read with the offset from before the change, one that
 * occurs twice is the first.
 */
export function zonedToUnixMs(local: string, timeZone: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(local);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map((n) => Number(n ?? 0));
  const wall = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second ?? 0);
  if (Number.isNaN(wall)) return null;
  const DAY_MS = 86_400_000;
  const before = wall - zoneOffsetMs(wall - DAY_MS, timeZone);
  const after = wall - zoneOffsetMs(wall + DAY_MS, timeZone);
  const shows = (unixMs: number): boolean => unixMs + zoneOffsetMs(unixMs, timeZone) === wall;
  if (shows(before)) return before;
  return shows(after) ? after : before;
}

/** The clock of a zone in the form of `<input type="datetime-local">`. */
export function unixMsToZoned(unixMs: number, timeZone: string): string {
  return new Date(unixMs + zoneOffsetMs(unixMs, timeZone)).toISOString().slice(0, 16);
}
