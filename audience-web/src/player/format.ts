/** `null` while unknown; one decimal under ten seconds, whole seconds above. */
export function formatLatency(latencyMs: number | null): string {
  if (latencyMs === null || !Number.isFinite(latencyMs)) return '';
  const s = Math.max(0, latencyMs) / 1000;
  return s < 9.95 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`;
}

/** `1:02:03` or `2:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const two = (n: number): string => String(n).padStart(2, '0');
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  return h > 0 ? `${h}:${two(m)}:${two(whole % 60)}` : `${m}:${two(whole % 60)}`;
}

/** A moment in words; empty for what is no moment, where `Intl` throws. */
export function formatMoment(format: Intl.DateTimeFormat, unixMs: number): string {
  return Math.abs(unixMs) <= 8.64e15 ? format.format(unixMs) : '';
}

/** What is left until `untilUnixMs`, never negative. */
export function countdownParts(
  untilUnixMs: number,
  nowUnixMs: number,
): { readonly days: number; readonly hours: number; readonly minutes: number; readonly seconds: number } {
  const left = Math.max(0, Math.ceil((untilUnixMs - nowUnixMs) / 1000));
  return {
    days: Math.floor(left / 86_400),
    hours: Math.floor((left % 86_400) / 3600),
    minutes: Math.floor((left % 3600) / 60),
    seconds: left % 60,
  };
}

/** How far behind: seconds as `12 s`, from a minute on as `2:03`. */
export const formatBehind = (seconds: number): string =>
  seconds < 60 ? `${Math.max(0, Math.round(seconds))} s` : formatDuration(seconds);
