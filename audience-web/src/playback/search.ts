/** Finding words in chapters and captions. Pure. */

/** Something said or named, and when. */
export interface Line {
  readonly startS: number;
  readonly text: string;
  readonly from: 'chapter' | 'captions';
}

export interface Hit {
  readonly line: Line;
  /** `[from, to)` of each place in the line's text, in order. */
  readonly places: readonly (readonly [number, number])[];
}

export const MAX_HITS = 200;

/** Letters without accents and case, and where each of them stood. A letter that becomes several keeps its one place. */
function folded(text: string): { readonly letters: string; readonly at: readonly number[] } {
  let letters = '';
  const at: number[] = [];
  let index = 0;
  for (const letter of text) {
    const plain = letter.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    letters += plain;
    for (let i = 0; i < plain.length; i += 1) at.push(index);
    index += letter.length;
  }
  at.push(index);
  return { letters, at };
}

const wordsOf = (query: string): readonly string[] => [
  ...new Set(
    folded(query)
      .letters.split(/\s+/)
      .filter((word) => word !== ''),
  ),
];

/** Lines that have every word of the query somewhere, by time; none for an empty query. At most `MAX_HITS`. */
export function search(lines: readonly Line[], query: string): readonly Hit[] {
  const words = wordsOf(query);
  if (words.length === 0) return [];
  const hits: Hit[] = [];
  for (const line of lines) {
    const { letters, at } = folded(line.text);
    if (!words.every((word) => letters.includes(word))) continue;
    hits.push({ line, places: merged(words.flatMap((word) => placesOf(word, letters, at))) });
    if (hits.length === MAX_HITS) break;
  }
  return hits;
}

function placesOf(word: string, letters: string, at: readonly number[]): [number, number][] {
  const places: [number, number][] = [];
  for (let i = letters.indexOf(word); i !== -1; i = letters.indexOf(word, i + word.length)) {
    places.push([at[i] ?? 0, at[i + word.length] ?? 0]);
  }
  return places;
}

/** Places of several words may overlap. */
function merged(places: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const all: (readonly [number, number])[] = [];
  for (const place of [...places].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && place[0] <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], place[1])];
    else all.push(place);
  }
  return all;
}
