import { z } from 'zod';
import { cleanText, hasForbidden, isBlank, lengthOf, mendText, type TextRules } from './text.ts';

/** Of what a client sends is looked at no more than this for each code point that may be kept. */
const RAW_UNITS_A_POINT = 16;

/**
 * Text that people type, as a schema: parsed it is cleaned (see `cleanText`); refused are control characters, halves of
 * surrogate pairs, what is too long (`max` code points), and, unless `empty` may be, what has nothing to see in it.
 */
export const displayText = ({ max, multiline = false, empty = false }: TextRules & { empty?: boolean }) =>
  z
    .string()
    .refine((text) => text.length <= max * RAW_UNITS_A_POINT, {
      abort: true,
      error: `at most ${max} characters`,
    })
    .refine((text) => !hasForbidden(text, multiline), {
      abort: true,
      error: multiline ? 'no control characters' : 'no control characters and no line breaks',
    })
    .overwrite((text) => (isBlank(text) ? '' : cleanText(text, multiline)))
    .refine((text) => empty || text !== '', { abort: true, error: 'nothing to see in it' })
    .refine((text) => lengthOf(text) <= max, { error: `at most ${max} characters` })
    .meta({ ...(empty ? {} : { minLength: 1 }), maxLength: max });

/** The same text read from a log or a token that may be older than the rules: mended, never refused. */
export const keptText = (rules: TextRules, instead: string) =>
  z.string().overwrite((text) => mendText(text, rules, instead));
