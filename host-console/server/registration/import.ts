/** People out of a table that somebody exported elsewhere. Pure. */
import { type ImportProblem, lengthOf, mailAddress, PersonName, RostrumError } from '@rostrum/contracts';
import Papa from 'papaparse';
import type { ByHand } from './registrations.ts';

export interface ReadTable {
  readonly people: readonly ByHand[];
  readonly problems: readonly {
    readonly line: number;
    readonly problem: ImportProblem;
    readonly text: string;
  }[];
}

/** More is not one webinar's list, and would hold up everybody else. */
const MOST_LINES = 5000;
const SHOWN = 80;

/** What columns are called elsewhere, without case, spaces and signs. */
const COLUMNS = {
  name: ['name', 'fullname', 'vollstandigername', 'anzeigename', 'displayname', 'teilnehmer', 'participant'],
  first: ['firstname', 'vorname', 'givenname'],
  last: ['lastname', 'nachname', 'surname', 'familyname'],
  address: ['email', 'mail', 'emailaddress', 'mailaddress', 'emailadresse', 'mailadresse', 'useremail'],
  locale: ['language', 'locale', 'sprache'],
} as const;
type Column = keyof typeof COLUMNS;

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z]/g, '');

/** Throws `bad-input` where there is no column of addresses, `too-large` for too many lines. */
export function readTable(csv: string, locale: 'en' | 'de'): ReadTable {
  const { data } = Papa.parse<string[]>(csv.replace(/^\ufeff/, ''), { skipEmptyLines: false });
  const [head = [], ...lines] = data;
  if (lines.length > MOST_LINES) throw new RostrumError('too-large', `at most ${MOST_LINES} lines at once`);
  const at = columnsOf(head);
  if (at.address === undefined) {
    throw new RostrumError('bad-input', 'the first line names no column for e-mail addresses', {
      field: 'csv',
    });
  }
  if (at.name === undefined && at.first === undefined && at.last === undefined) {
    throw new RostrumError('bad-input', 'the first line names no column for names', { field: 'csv' });
  }
  const people: ByHand[] = [];
  const problems: ReadTable['problems'][number][] = [];
  const seen = new Set<string>();
  for (const [i, cells] of lines.entries()) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    const read = readLine(cells, at, seen);
    if ('problem' in read) problems.push({ line: i + 2, ...read });
    else {
      seen.add(read.address);
      people.push({ ...read, locale: languageOf(cells[at.locale ?? -1]) ?? locale, answers: {} });
    }
  }
  return { people, problems };
}

function columnsOf(head: readonly string[]): Partial<Record<Column, number>> {
  const found: Partial<Record<Column, number>> = {};
  for (const [i, cell] of head.entries()) {
    for (const [column, names] of Object.entries(COLUMNS) as [Column, readonly string[]][]) {
      if (found[column] === undefined && names.includes(plain(cell))) found[column] = i;
    }
  }
  return found;
}

function readLine(
  cells: readonly string[],
  at: Partial<Record<Column, number>>,
  seen: ReadonlySet<string>,
):
  | { readonly name: string; readonly address: string }
  | { readonly problem: ImportProblem; readonly text: string } {
  const cell = (column: Column): string => cells[at[column] ?? -1]?.trim() ?? '';
  const said = unprefixed(cell('address'));
  const text = clip(said === '' ? cells.join(', ') : said);
  if (said === '') return { problem: 'no-address', text };
  const address = mailAddress(said);
  if (address === null) return { problem: 'bad-address', text };
  const called = unprefixed(cell('name') || `${cell('first')} ${cell('last')}`.trim());
  if (called === '') return { problem: 'no-name', text };
  const name = PersonName.safeParse(called);
  if (!name.success) return { problem: 'bad-name', text };
  return seen.has(address) ? { problem: 'twice', text } : { name: name.data, address };
}

/** Exports put an apostrophe before what a spreadsheet would compute. */
const unprefixed = (text: string): string => (/^'[=+\-@]/.test(text) ? text.slice(1) : text);
const clip = (text: string): string =>
  lengthOf(text) > SHOWN ? `${[...text].slice(0, SHOWN).join('')}…` : text;
const languageOf = (cell: string | undefined): 'en' | 'de' | null => {
  const language = cell?.trim().toLowerCase().slice(0, 2);
  return language === 'en' || language === 'de' ? language : null;
};
