import { existsSync, readFileSync } from 'node:fs';
import type { Figure } from '../result.ts';
import type { Row } from './condition-run.ts';

/** A column of the table: the figure's words, its unit, where it stands in a row, and the goal that holds under which condition. */
interface Column {
  readonly what: string;
  readonly unit: string;
  readonly of: (row: Row) => number | null;
}

const COLUMNS: readonly Column[] = [
  { what: 'stage: holes in the sound', unit: 'ms/min', of: (r) => r.stage.holesMsPerMinute },
  { what: 'stage: sound concealed', unit: '%', of: (r) => r.stage.concealedPercent },
  { what: 'stage: picture received', unit: 'lines', of: (r) => r.stage.height },
  { what: 'stage: freezes', unit: '/min', of: (r) => r.stage.freezesPerMinute },
  { what: 'stage: picture frozen', unit: 'ms/min', of: (r) => r.stage.freezesMsPerMinute },
  { what: 'stage: first lower layer after', unit: 'ms', of: (r) => r.stage.downMs },
  { what: 'stage: whole again after the end', unit: 'ms', of: (r) => r.stage.upMs },
  { what: 'stage: camera to screen, median', unit: 'ms', of: (r) => r.stage.delayMs },
  { what: 'stage: camera to screen, p95', unit: 'ms', of: (r) => r.stage.delayP95Ms },
  { what: 'composite: holes in the sound', unit: 'ms/min', of: (r) => r.composite.holesMsPerMinute },
  { what: 'composite: freezes', unit: '/min', of: (r) => r.composite.freezesPerMinute },
  { what: 'composite: picture frozen', unit: 'ms/min', of: (r) => r.composite.freezesMsPerMinute },
  { what: 'composite: camera to mix, median', unit: 'ms', of: (r) => r.composite.delayMs },
  { what: 'own view: holes in the sound', unit: 'ms/min', of: (r) => r.own.holesMsPerMinute },
  { what: 'own view: sound concealed', unit: '%', of: (r) => r.own.concealedPercent },
  { what: 'own view: picture frozen', unit: 'ms/min', of: (r) => r.own.freezesMsPerMinute },
  { what: 'highest layer sent', unit: 'lines', of: (r) => r.sentHeight },
  { what: 'connections made anew', unit: '', of: (r) => r.reconnects },
];

const wordsOf = (condition: string, { what }: Column): string => `${condition}: ${what}`;

/** NaN: it did not happen, or could not be told. */
export const figuresOf = (rows: readonly Row[]): Figure[] =>
  rows.flatMap((row) =>
    COLUMNS.map((column) => ({
      id: 'R3',
      what: wordsOf(row.condition, column),
      value: column.of(row) ?? Number.NaN,
      unit: column.unit,
      goal: '',
      met: null,
    })),
  );

/**
 * Figures of the conditions that were not measured this time, as they were kept in a result.
 * @param order all conditions, in the order of the table
 */
export function withKept(measured: readonly Figure[], file: string, order: readonly string[]): Figure[] {
  const kept = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { figures: readonly (Figure & { value: number | null })[] })
        .figures
    : [];
  const conditionOf = ({ what }: Figure): string => what.slice(0, what.indexOf(':'));
  const anew = new Set(measured.map(conditionOf));
  const all = [...measured, ...kept.filter((figure) => !anew.has(conditionOf(figure)))];
  return order.flatMap((condition) =>
    all.filter((f) => conditionOf(f) === condition).map((f) => ({ ...f, value: f.value ?? Number.NaN })),
  );
}

/** Conditions across, figures down. */
export function tableOf(figures: readonly Figure[], order: readonly string[]): string {
  const conditions = order.filter((condition) =>
    figures.some(({ what }) => what.startsWith(`${condition}: `)),
  );
  const cell = (condition: string, column: Column): string => {
    const value = figures.find(({ what }) => what === wordsOf(condition, column))?.value ?? Number.NaN;
    if (Number.isNaN(value)) return '-';
    return value < 10 && value % 1 !== 0 ? value.toFixed(1) : value.toFixed(0);
  };
  const lines = COLUMNS.map((column) => [
    `${column.what}${column.unit ? `, ${column.unit}` : ''}`,
    ...conditions.map((condition) => cell(condition, column)),
  ]);
  return [['', ...conditions], ['---', ...conditions.map(() => '--:')], ...lines]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}
