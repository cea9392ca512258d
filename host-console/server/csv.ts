/**
 * Tables as CSV (RFC 4180): every export is written here, since what people typed is opened in spreadsheets, which compute
 * cells that look like formulas. Such a cell gets an apostrophe before it (CWE-1236), by which they take it for text.
 */
import Papa from 'papaparse';

/** A number is written as one, and is never taken for a formula: one that is negative is a value. null is an empty cell. */
export type CsvCell = string | number | boolean | null;

export interface CsvColumn<Row> {
  readonly name: string;
  readonly of: (row: Row) => CsvCell;
}

export interface CsvOptions {
  /** With the mark by which Excel knows UTF-8 (U+FEFF); default: with it. */
  readonly byteOrderMark?: boolean;
}

/** Content-Type of an export. */
export const CSV_TYPE = 'text/csv; charset=utf-8';

const LINE_END = '\r\n';

/** A header, then a line a row, each ended by CRLF. */
export function toCsv<Row>(
  columns: readonly CsvColumn<Row>[],
  rows: readonly Row[],
  { byteOrderMark = true }: CsvOptions = {},
): string {
  const lines = [
    columns.map(({ name }) => written(name)),
    ...rows.map((row) => columns.map(({ of }) => written(of(row)))),
  ];
  const text = Papa.unparse(lines, { newline: LINE_END });
  return `${byteOrderMark ? Papa.BYTE_ORDER_MARK : ''}${text}${LINE_END}`;
}

const written = (cell: CsvCell): CsvCell => {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  return typeof cell === 'string' ? harmless(cell) : cell;
};

/** What starts a formula, with the forms that East Asian spreadsheets and NFKC make the same of. */
const FORMULA = /[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]/u;
/**
 * After these a program may see another cell, whatever the quotes say: one that splits by line, or, since its decimal sign is a
 * comma, by semicolon.
 */
const CELL_END = /[\t\n\v\f\r;\u0085\u2028\u2029]/u;
/** What programs trim, do not show, or take for quotes, so that a formula may stand behind it. */
const SKIPPED = /[\s\p{Z}\p{Cc}\p{Cf}"]/u;

/** The text, such that no program that reads it as a cell, or by other rules as several, computes any of it. */
export function harmless(text: string): string {
  // A cell that starts with one of these may be cut there.
  let safe = /^[\t\r]/u.test(text) ? "'" : '';
  let atStart = true;
  for (const character of text) {
    if (atStart && FORMULA.test(character)) safe += "'";
    safe += character;
    atStart = CELL_END.test(character) || (atStart && SKIPPED.test(character));
  }
  return safe;
}
