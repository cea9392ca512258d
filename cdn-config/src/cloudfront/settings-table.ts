/** The table of settings in docs/cdn.md: `node src/cloudfront/settings-table.ts` prints it. */
import { CdnSettings } from './settings.ts';

export function settingsTable(): string {
  const rows = Object.entries(CdnSettings.shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined);
    const preset = unset.success ? unset.data : undefined;
    const shown = !unset.success
      ? '(needed)'
      : preset === undefined || String(preset) === ''
        ? 'none'
        : `\`${preset}\``;
    return [`\`${name}\``, shown, schema.description ?? ''];
  });
  return table([['variable', 'default', 'what it is'], ...rows]);
}

/** Markdown, its columns as wide as what is in them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...others] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n');
}

if (import.meta.main) process.stdout.write(`${settingsTable()}\n`);
