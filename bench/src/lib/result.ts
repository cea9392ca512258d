import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** One measured figure. `goal` is what GOALS asks, in words; `met` is null where there is no goal to hold it against. */
export interface Figure {
  /** Goal's id, e.g. "P1"; empty for side figures. */
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string;
  readonly met: boolean | null;
}

/** A figure, or with a goal one of `goalId`. */
export const figure =
  (goalId: string) =>
  (what: string, value: number, unit: string, goal = '', met: boolean | null = null): Figure => ({
    ...{ id: goal === '' ? '' : goalId, what, value, unit, goal, met },
  });

/** Value at quantile `q` (0..1) by the nearest-rank method. NaN for no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

/** Where results are kept; ends with a slash. */
export const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url));

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: RESULTS, encoding: 'utf8' }).trim();
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') ? '+changes' : ''}`;
}

/**
 * Prints the figures (a table for people, one line of JSON with `--json`) and writes them to `bench/results/<name>.json`
 * with machine, date and commit. `series`: raw values worth keeping.
 */
export function report(
  name: string,
  figures: readonly Figure[],
  series: Record<string, readonly number[]> = {},
): void {
  mkdirSync(RESULTS, { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
  const result = {
    name,
    date: new Date().toISOString(),
    commit: commit(),
    machine,
    node: process.version,
    figures,
    series,
  };
  // A series on one line: a change of it is one line of a diff.
  const text = JSON.stringify(result, null, 1).replace(/\[[-\d\s,.]*\]/g, (list) => list.replace(/\s+/g, ''));
  writeFileSync(`${RESULTS}${name}.json`, `${text}\n`);
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const round = (n: number): string => (Math.abs(n) >= 100 ? n.toFixed(0) : n.toPrecision(3));
  for (const f of figures) {
    const verdict = f.met === null ? '' : f.met ? '  met' : '  NOT MET';
    process.stdout.write(
      `${f.id.padEnd(4)} ${f.what.padEnd(58)} ${`${round(f.value)} ${f.unit}`.padStart(14)}   ${f.goal}${verdict}\n`,
    );
  }
}

/** Progress of a benchmark, on stderr so that `--json` stays clean. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
