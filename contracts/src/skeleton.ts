/**
 * What a name looks like to a passing reader: without case, accents, spaces, punctuation and pictures, and with letters of
 * other alphabets as the Latin ones they look like. The idea is that of Unicode's confusables (UTS 39), the table only
 * as much of it as Latin names are imitated with. Pure; for comparing, never shown and never stored.
 */

/** Latin letters, each with what is taken for it, of either case. */
const LOOKALIKES: readonly (readonly [latin: string, others: string])[] = [
  ['a', 'АаΑαɑᴀᎪ@'],
  ['b', 'ВвЬьΒβʙᏴ'],
  ['c', 'СсϹϲᴄᏟ'],
  ['d', 'ԀԁᴅÐðĐđᎠ'],
  ['e', 'ЕеЄєΕεɛᴇƏəᎬ3'],
  ['f', 'Ϝꜰ'],
  ['g', 'ɡɢԌᏀ'],
  ['h', 'НнҺһΗʜĦħᎻ'],
  ['j', 'ЈјϳᴊᎫ'],
  ['k', 'КкΚκᴋᏦ'],
  // One letter to the eye: I, l and 1.
  ['l', 'iІіӀӏΙιɪıŁłʟᎥᏞ1|'],
  ['m', 'МмΜᴍᎷ'],
  ['n', 'ПпΝηɴŊŋ'],
  ['o', 'ОоӨөΟοσØøՕօᴏ0'],
  ['p', 'РрΡρᴘÞþᏢ'],
  ['q', 'Ԛԛǫ'],
  ['r', 'ГгʀᏒᎡ'],
  ['s', 'ЅѕՏꜱᏚ$5'],
  ['t', 'ТтΤτᴛᎢ'],
  ['u', 'υՍսᴜ'],
  ['v', 'ѴѵνᴠᏙ'],
  ['w', 'ԜԝѡωᴡᎳ'],
  ['x', 'ХхΧχ'],
  ['y', 'УуҮүΥγʏᎩ'],
  ['z', 'ΖζᴢᏃ'],
  ['ss', 'ẞß'],
  ['ae', 'Ææ'],
  ['oe', 'Œœ'],
];
const LATIN = new Map(LOOKALIKES.flatMap(([latin, others]) => [...others].map((other) => [other, latin])));

/** Alphabets of letters in circles, squares and flags that have no compatible form: each begins at A. */
const ENCLOSED = [0x1f150, 0x1f170, 0x1f1e6];

function latinOf(point: string): string {
  const known = LATIN.get(point);
  if (known !== undefined) return known;
  const code = point.codePointAt(0) ?? 0;
  const start = ENCLOSED.find((first) => code >= first && code < first + 26);
  return start === undefined ? point : String.fromCodePoint(0x61 + code - start);
}

/** Accents, points and vowel marks that a reader passes over; those that make another syllable (Devanagari, Kana) stay. */
const ACCENTS =
  /[\u0300-\u036F]|[\u0591-\u05C7]|[\u064B-\u065F]|\u0670|[\u1AB0-\u1AFF]|[\u1DC0-\u1DFF]|[\u20D0-\u20FF]|[\uFE20-\uFE2F]|\p{Default_Ignorable_Code_Point}/gu;

/** `text` is decomposed. */
function shapeOf(text: string): string {
  const latin = [...text].map(latinOf).join('').toLowerCase();
  return latin
    .replace(/[^\p{L}\p{N}\p{M}]/gu, '')
    .replace(/i/g, 'l')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/**
 * The skeletons of a name: names that share one are taken for each other. Two where its capitals look like other letters
 * than its small ones do (Η is an H, η an n), else one.
 */
export function skeletonsOf(name: string): readonly string[] {
  const plain = name.normalize('NFKD').replace(ACCENTS, '');
  const shapes = new Set([shapeOf(plain), shapeOf(plain.toLowerCase().normalize('NFKD'))]);
  shapes.delete('');
  // Nothing but pictures: it looks like itself alone.
  return shapes.size > 0 ? [...shapes] : [name.normalize('NFKC').replace(/\s/g, '')];
}

/** The parts of a name that are read by themselves: between spaces, and between whatever else is no letter. */
export function partsOf(name: string): readonly string[] {
  const parts = [...name.split(/\s+/u), ...name.split(/[^\p{L}\p{N}\p{M}]+/u)];
  return [...new Set(parts)].filter((part) => /[\p{L}\p{N}]/u.test(part));
}
