/**
 * Every text of the console by language: a file for each part of it, the same keys in each language, which the compiler sees to.
 * Texts are ICU messages (`{count, plural, one {…} other {…}}`); pages read them by `useTranslations('part')` of use-intl.
 */
import de from './de/index.ts';
import en from './en/index.ts';

export const LOCALES = ['en', 'de'] as const;
export type Locale = (typeof LOCALES)[number];
/** Those in which every page is whole: half a page in another language helps nobody, and a screen reader would read it wrongly. */
export const OFFERED: readonly Locale[] = ['en'];

/** The same tree, with any text at its ends. */
export type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };
export type Messages = typeof en;

export const CATALOGUES: Readonly<Record<Locale, Texts<Messages>>> = { en, de };
