import { language } from '../messages.ts';
import { de } from './words.de.ts';
import { en, type Words } from './words.en.ts';

const CATALOGUES: Readonly<Record<string, Words>> = { en, de };

export const w: Words = CATALOGUES[language] ?? en;
