import fc from 'fast-check';
import Papa from 'papaparse';
import { type CsvCell, harmless, toCsv } from './csv.ts';

const columns = ['a', 'b', 'c'].map((name, at) => ({
  name,
  of: (row: readonly CsvCell[]) => row[at] ?? null,
}));
const one = (cell: CsvCell): string =>
  toCsv(columns, [[cell, null, null]], { byteOrderMark: false }).slice('a,b,c\r\n'.length, -'\r\n'.length);
const read = (csv: string, delimiter = ','): string[][] =>
  Papa.parse<string[]>(csv.replace(/\r\n$/, ''), { delimiter, newline: '\r\n' }).data;

/** What a spreadsheet computes: after what it trims, a sign that starts a formula. */
const isFormula = (cell: string): boolean =>
  /^[\s\p{Z}\p{Cc}\p{Cf}"]*[=+\-@]/u.test(cell.normalize('NFKC')) || /^[\t\r]/.test(cell);

/** Texts full of what matters here. */
const nasty = fc
  .array(
    fc.constantFrom(
      ...[
        '=',
        '+',
        '-',
        '@',
        '\uff1d',
        '\uff0b',
        '\uff0d',
        '\uff20',
        '\u2212',
        '\t',
        '\r',
        '\n',
        '\r\n',
        ' ',
      ],
      ...[
        '\u00a0',
        '\u200b',
        '\ufeff',
        '\u2028',
        '\0',
        '"',
        "'",
        ',',
        ';',
        '1',
        'A1',
        'ü',
        '😀',
        'HYPERLINK("x")',
      ],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const texts = fc.oneof(nasty, fc.string({ unit: 'binary' }));
const cells = fc.oneof<fc.Arbitrary<CsvCell>[]>(
  texts,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);

describe('a CSV file', () => {
  test('has a header, ends each line with CRLF, and starts with a byte order mark unless that is not wanted', () => {
    const rows = [
      ['Bo', 3, true],
      ['Zoë, "Zo"\nLee', -1.5, null],
    ];
    const csv = 'a,b,c\r\nBo,3,true\r\n"Zoë, ""Zo""\nLee",-1.5,\r\n';
    expect(toCsv(columns, rows, { byteOrderMark: false })).toBe(csv);
    expect(toCsv(columns, rows)).toBe(`\ufeff${csv}`);
    expect(toCsv(columns, [], { byteOrderMark: false })).toBe('a,b,c\r\n');
  });

  test('is read back to what was written, apart from the apostrophes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cells, cells, cells), { maxLength: 6 }), (rows) => {
        const [header, ...lines] = read(toCsv(columns, rows, { byteOrderMark: false }));
        expect(header).toEqual(['a', 'b', 'c']);
        expect(lines).toEqual(
          rows.map((row) =>
            row.map((cell) => (typeof cell === 'string' ? harmless(cell) : String(cell ?? ''))),
          ),
        );
      }),
    );
  });

  test('has no cell that a spreadsheet would compute, in its header neither, whichever way it splits cells and lines', () => {
    fc.assert(
      fc.property(texts, texts, texts, (name, a, b) => {
        const named = [
          { name, of: () => a },
          { name: 'b', of: () => b },
        ];
        const csv = toCsv(named, [null], { byteOrderMark: false });
        expect(read(csv).flat().filter(isFormula)).toEqual([]);
        // One that knows no quotes about line breaks, and one whose separator is the semicolon, or a tab.
        for (const cell of [name, a, b]) {
          expect(
            harmless(cell)
              .split(/[\r\n;\t\v\f\u0085\u2028\u2029]/u)
              .filter(isFormula),
          ).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['=1+1', "'=1+1"],
  ['+49 30 1234', "'+49 30 1234"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['  =1', "  '=1"],
  ['\u00a0\u200b=1', "\u00a0\u200b'=1"],
  ['\uff1dcmd', "'\uff1dcmd"],
  ['\tx', "'\tx"],
  ['\rx', "'\rx"],
  ['fine\n=1', "fine\n'=1"],
  ['fine\r\n  @x\n-y', "fine\r\n  '@x\n'-y"],
  ['fine;=1', "fine;'=1"],
  ['";"=1', '";"\'=1'],
  ['a=b, c-d', 'a=b, c-d'],
  ['bo@example.org', 'bo@example.org'],
  ['', ''],
])('of %j becomes %j', (text, safe) => {
  expect(harmless(text)).toBe(safe);
});

test('numbers stay numbers, and what is none is an empty cell', () => {
  expect([-1.5, 0, 1e21, Number.NaN, Number.NEGATIVE_INFINITY].map(one)).toEqual([
    '-1.5,,',
    '0,,',
    '1e+21,,',
    ',,',
    ',,',
  ]);
});
