/**
 * Lines of text that have to fit: whose direction and script nobody knows beforehand. Pure; how wide a line gets is told by
 * whoever draws it, since no table of widths knows every script.
 */

/** Code points that any line of a scene may have. */
export const SCENE_LINE_MAX = 80;

/** Width in pixels of a line at this type size and weight, as it would be drawn. */
export type Measure = (text: string, size: number, weight: number) => number;

export interface Type {
  readonly size: number;
  readonly weight: number;
}

/** Marks, embeddings and isolates: what sets the direction of the text around it. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Letters written from right to left, and their digits. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A text that has the direction of its own first letter, and none beyond its end; wherever it is put. Its own directions
 * are left out: with them a name could show as another.
 */
export function isolate(text: string): string {
  const plain = text.replaceAll(DIRECTIONS, '');
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}

const segmenter = new Intl.Segmenter();
const wordSegmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** What a reader takes for one character each: an accent stays with its letter, a family of emoji together. */
export const graphemes = (text: string): string[] =>
  [...segmenter.segment(text)].map(({ segment }) => segment);

/** A line too long for its place is set smaller, down to this share of the wished size; then it loses its end. */
const SMALLEST = 0.75;

/** The longest beginning that fits together with an ellipsis. */
function shorten(text: string, fits: (text: string) => boolean): string {
  const characters = graphemes(text);
  const beginning = (count: number): string => `${characters.slice(0, count).join('').trimEnd()}…`;
  let [kept, tooLong] = [0, characters.length];
  while (tooLong - kept > 1) {
    const middle = (kept + tooLong) >> 1;
    if (fits(beginning(middle))) kept = middle;
    else tooLong = middle;
  }
  return beginning(kept);
}

/**
 * A line within `width` pixels: as it is, or set smaller, or then without its end.
 * @param around what is drawn of a text: itself in its own direction, or a sentence that it is in
 */
export function fitLine(
  text: string,
  type: Type,
  width: number,
  measure: Measure,
  { smallest = SMALLEST, around = isolate }: { smallest?: number; around?: (text: string) => string } = {},
): { readonly text: string; readonly size: number } {
  const widthOf = (some: string, size: number): number => measure(around(some), size, type.weight);
  const taken = widthOf(text, type.size);
  if (taken <= width) return { text: around(text), size: type.size };
  const smaller = Math.floor((type.size * 10 * width) / taken) / 10;
  if (smaller >= type.size * smallest) {
    // Letters are not quite as much narrower as they are set smaller, where they are fitted to the pixels.
    return { text: around(text), size: widthOf(text, smaller) <= width ? smaller : smaller * 0.96 };
  }
  const size = type.size * smallest;
  return { text: around(shorten(text, (line) => widthOf(line, size) <= width)), size };
}

/**
 * Breaks a text into at most `lines` lines within `width` pixels: between words, and inside of one that is wider than a
 * line alone (scripts without spaces). Set smaller where that does not do; what is left over then ends in an ellipsis.
 */
export function fitLines(
  text: string,
  type: Type,
  width: number,
  lines: number,
  measure: Measure,
): { readonly lines: readonly string[]; readonly size: number } {
  for (let share = 1; ; share = Math.max(SMALLEST, share - 0.05)) {
    const size = Math.floor(type.size * share);
    const fits = (line: string): boolean => measure(isolate(line), size, type.weight) <= width;
    const broken = breakLines(text, fits);
    if (broken.length <= lines) return { lines: broken.map((line) => isolate(line.text)), size };
    if (share > SMALLEST) continue;
    const whole = broken.slice(0, lines - 1).map((line) => isolate(line.text));
    const rest = broken.slice(lines - 1).reduce(joined, '');
    return { lines: [...whole, isolate(shorten(rest, fits))], size };
  }
}

interface Line {
  readonly text: string;
  /** A space was between it and what is before. */
  readonly space: boolean;
}

const joined = (before: string, { text, space }: Line): string =>
  before && space ? `${before} ${text}` : before + text;

function breakLines(text: string, fits: (line: string) => boolean): Line[] {
  const out: Line[] = [];
  let line: Line = { text: '', space: false };
  const add = (piece: Line): void => {
    const longer = joined(line.text, piece);
    if (line.text && !fits(longer)) {
      out.push(line);
      line = piece;
    } else line = { ...line, text: longer };
  };
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (fits(word)) add({ text: word, space: true });
    else for (const [i, piece] of piecesOf(word, fits).entries()) add({ text: piece, space: i === 0 });
  }
  return line.text ? [...out, line] : out;
}

/** Where a long word may be broken: between words of a script without spaces, at last between any two characters. */
function piecesOf(word: string, fits: (line: string) => boolean): string[] {
  const pieces: string[] = [];
  for (const { segment, isWordLike } of wordSegmenter.segment(word)) {
    // No line begins with a full stop.
    if (pieces.length > 0 && !isWordLike) pieces.push((pieces.pop() ?? '') + segment);
    else pieces.push(segment);
  }
  return pieces.flatMap((piece) => (fits(piece) ? [piece] : graphemes(piece)));
}
