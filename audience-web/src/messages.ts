import { de } from './messages.de.ts';
import { en, type Messages } from './messages.en.ts';

/** Every text of the watch page, in the reader's language where there is a catalogue for it. Nothing else holds words. */
const CATALOGUES: Readonly<Record<string, Messages>> = { en, de };

/** The first of the browser's languages that there is a catalogue for; English otherwise. Pure. */
export function pickLocale(wanted: readonly string[]): string {
  return wanted.find((tag) => languageOf(tag) in CATALOGUES) ?? 'en';
}

const languageOf = (tag: string): string => tag.toLowerCase().split('-')[0] ?? '';

/** For dates and numbers, e.g. `en-GB`. */
export const locale = pickLocale(navigator.languages ?? []);
/** For the document's `lang`. */
export const language = languageOf(locale);
export const t: Messages = CATALOGUES[language] ?? en;
