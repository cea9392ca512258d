/**
 * What may stand in a name, a title, a question: text that people type and everybody else is shown. Pure and free of
 * validators, so that pages may import it; the schema over it is `displayText`.
 *
 * Lengths are counted in code points, as JSON Schema counts them: the same on every engine and every version of
 * Unicode, where graphemes are not, and at most four bytes each. Cuts are made between graphemes all the same.
 */

export interface TextRules {
  /** Code points. */
  readonly max: number;
  /** Line breaks may stand in it; else they are refused like other control characters. */
  readonly multiline?: boolean;
}

/** Marks that may stand on one letter, beyond its own composed form: Hebrew and Tibetan need four, a tower of Zalgo forty. */
const MARKS_A_LETTER = 4;

/** Control characters, halves of surrogate pairs and noncharacters: nobody types them, and XML (so every drawing) refuses them. */
const FORBIDDEN =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFDD0-\uFDEF\uFFFE\uFFFF]|[\u{1FFFE}\u{1FFFF}\u{2FFFE}\u{2FFFF}\u{EFFFE}\u{EFFFF}\u{FFFFE}\u{FFFFF}\u{10FFFE}\u{10FFFF}]/gu;
const LINE_BREAK = /\r\n?|[\u0085\u2028\u2029\v\f]/g;

/** Not to be seen by themselves: bidi controls, zero widths, fillers, selectors, tags; and the marks of interlinear notes. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/u;
const SEEN = /[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** True where a reader would see nothing: empty, or nothing but spaces, invisible characters and marks without a letter. */
export const isBlank = (text: string): boolean => !SEEN.test(text);

/** True where it holds what may never stand there, leading and trailing white space aside. */
export function hasForbidden(text: string, multiline = false): boolean {
  const inner = multiline ? text.replace(LINE_BREAK, '\n').replace(/[\n\t]/g, ' ') : text;
  return inner.trim().search(FORBIDDEN) !== -1;
}

/**
 * The text as it is kept and shown: NFC, spaces collapsed, without what cannot be seen (unless a script or an emoji is
 * made with it) and without towers of marks. Idempotent. What is forbidden stays: `hasForbidden` tells.
 */
export function cleanText(text: string, multiline = false): string {
  let clean = (multiline ? text.replace(LINE_BREAK, '\n') : text).trim().normalize('NFC');
  if (INVISIBLE.test(clean)) clean = withoutInvisible(clean).normalize('NFC');
  clean = clean
    .replace(TOWER, '$1')
    .replace(multiline ? /[\p{Zs}\t]+/gu : /\p{Zs}+/gu, ' ')
    .replace(/^[\p{M}\s]+/u, '');
  if (multiline) clean = clean.replace(/ ?\n ?/g, '\n').replace(/\n{3,}/g, '\n\n');
  return clean.trim();
}
const TOWER = new RegExp(`([\\p{Mn}\\p{Me}]{${MARKS_A_LETTER}})[\\p{Mn}\\p{Me}]+`, 'gu');

/** Code points, as `max` counts them. */
export const lengthOf = (text: string): number => [...text].length;

let graphemes: Intl.Segmenter | null = null;

/** At most `max` code points of it, cut between graphemes. */
export function clipText(text: string, max: number): string {
  if (text.length <= max) return text;
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let kept = '';
  let length = 0;
  for (const { segment } of graphemes.segment(text)) {
    length += lengthOf(segment);
    if (length > max) break;
    kept += segment;
  }
  return kept.trimEnd();
}

/** For what was stored before there were rules: the nearest text that keeps them; `instead` where nothing is left to see. */
export function mendText(text: string, { max, multiline = false }: TextRules, instead: string): string {
  const lines = multiline ? text.replace(LINE_BREAK, '\n') : text.replace(LINE_BREAK, ' ');
  const allowed = lines.replace(FORBIDDEN, (found) =>
    found === '\n' || found === '\t' ? (multiline ? found : ' ') : '',
  );
  const mended = clipText(cleanText(allowed, multiline), max);
  return isBlank(mended) ? instead : mended;
}

/**
 * For a text inside another one's words (a label, a title bar), where no element can isolate it: a name written from
 * right to left then moves nothing around it.
 */
export const isolated = (text: string): string => `\u2068${text}\u2069`;

const JOINER = /[\u200C\u200D]/;
/** Scripts whose letters change with a joiner or a non-joiner between them. */
const JOINING_SCRIPT = new RegExp(
  `[${[
    'Arabic',
    'Syriac',
    'Mongolian',
    'Nko',
    'Devanagari',
    'Bengali',
    'Gurmukhi',
    'Gujarati',
    'Oriya',
    'Tamil',
    'Telugu',
    'Kannada',
    'Malayalam',
    'Sinhala',
    'Khmer',
    'Myanmar',
    'Tibetan',
    'Javanese',
    'Balinese',
  ]
    .map((script) => `\\p{Script_Extensions=${script}}`)
    .join('')}]`,
  'u',
);
const PICTURE = /\p{Extended_Pictographic}/u;
const JOINED_PICTURE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\uFE0F/u;
const EMOJI_STYLE = /[\uFE0E\uFE0F]/;
const VARIANT = /[\uFE00-\uFE0D\u{E0100}-\u{E01EF}]/u;
const HAS_VARIANTS = /[\p{Script=Han}\p{Script=Myanmar}\p{Script=Phags_Pa}\p{Sm}]/u;
const MONGOLIAN_VARIANT = /[\u180B-\u180F]/;
const BLACK_FLAG = '\u{1F3F4}';
/** The flag of a country's part, as of Scotland: its name in tags, and their end. */
const FLAG_TAGS = /^[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{2,6}\u{E007F}/u;

function withoutInvisible(text: string): string {
  let kept = '';
  let before = '';
  const points = [...text];
  for (let at = 0; at < points.length; at += 1) {
    const point = points[at] ?? '';
    const after = points[at + 1] ?? '';
    if (INVISIBLE.test(point) && !isNeeded(before, point, after)) continue;
    kept += point;
    before = point;
    if (point !== BLACK_FLAG) continue;
    const [tags = ''] = FLAG_TAGS.exec(points.slice(at + 1, at + 8).join('')) ?? [];
    kept += tags;
    at += [...tags].length;
  }
  return kept;
}

/** Whether an invisible character makes something of its neighbours. Two in a row never do. */
function isNeeded(before: string, point: string, after: string): boolean {
  if (JOINER.test(point)) {
    if (point === '\u200D' && JOINED_PICTURE.test(before) && PICTURE.test(after)) return true;
    // A non-joiner parts two letters; at the end of a word there is nothing to part.
    return JOINING_SCRIPT.test(before) && (point === '\u200D' || JOINING_SCRIPT.test(after));
  }
  if (EMOJI_STYLE.test(point)) return /[0-9#*]/.test(before) ? after === '\u20E3' : EMOJI_BASE.test(before);
  if (VARIANT.test(point)) return HAS_VARIANTS.test(before);
  return MONGOLIAN_VARIANT.test(point) && /\p{Script=Mongolian}/u.test(before) && !INVISIBLE.test(before);
}
const EMOJI_BASE = /[\p{Emoji}\p{So}\p{Sm}]/u;
