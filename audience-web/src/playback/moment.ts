/** A moment of a recording in an address: `?t=1h2m3s`. The fragment's `t` is a personal link's token. Pure. */
import { embedUrl, frameHtml } from '@rostrum/contracts/embed';

const PARTS = /^(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s?)?$/;
const CLOCK = /^(?:(\d{1,4}):)?(\d{1,2}):(\d{2})$/;

/** Seconds of `1h2m3s`, `75`, `75s` or `1:15`; null for what is no moment. */
export function parseMoment(text: string): number | null {
  const [, h, m, s] = CLOCK.exec(text) ?? PARTS.exec(text.toLowerCase()) ?? [];
  if (h === undefined && m === undefined && s === undefined) return null;
  return Number(h ?? 0) * 3600 + Number(m ?? 0) * 60 + Number(s ?? 0);
}

/** `1h2m3s`; what is zero is left out. */
export function momentText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'm'],
    [whole % 60, 's'],
  ] as const;
  return parts.map(([n, unit]) => (n === 0 ? '' : `${n}${unit}`)).join('') || '0s';
}

/** Where an address asks to begin, seconds; null where it says nothing of it. @param search `location.search` */
export function momentOf(search: string): number | null {
  return parseMoment(new URLSearchParams(search).get('t') ?? '');
}

/** The page for anybody, at that moment: without the token that a personal link carries. @param seconds null: from the beginning */
export function linkAt(origin: string, webinarId: string, seconds: number | null): string {
  return `${origin}/w/${webinarId}${seconds === null ? '' : `?t=${momentText(seconds)}`}`;
}

/** What another site puts into its page. */
export function frameSnippet(
  origin: string,
  webinarId: string,
  seconds: number | null,
  title: string,
): string {
  return frameHtml(
    `${embedUrl(origin, webinarId)}${seconds === null ? '' : `?t=${momentText(seconds)}`}`,
    title,
  );
}
