import { language } from '../messages.ts';
import { de } from './words.de.ts';
import { en, type Words } from './words.en.ts';

/** Every text of the playback page: apart from `messages.ts`, which comes before the first picture of a live channel. */
const CATALOGUES: Readonly<Record<string, Words>> = { en, de };

export const w: Words = CATALOGUES[language] ?? en;
