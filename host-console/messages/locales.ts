import { LOCALES, type Locale } from './catalogue.ts';

/** Where the choice is kept: a year, for every page of the console. */
export const LOCALE_COOKIE = 'rostrum-locale';

/**
 * The language of a page: the one that was chosen, else the first of the browser's that there is, else English.
 * @param accepted `Accept-Language` (RFC 9110 section 12.5.4)
 */
export function localeOf(
  chosen: string | undefined,
  accepted: string | null,
  offered: readonly Locale[] = LOCALES,
): Locale {
  const isOffered = (text: string | undefined): text is Locale => offered.some((one) => one === text);
  if (isOffered(chosen)) return chosen;
  const wanted = (accepted ?? '')
    .split(',')
    .map((entry) => {
      const [range = '', ...parameters] = entry.split(';').map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { language: range.toLowerCase().split('-')[0], weight: q === undefined ? 1 : Number(q) };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight);
  return wanted.map(({ language }) => language).find(isOffered) ?? 'en';
}
