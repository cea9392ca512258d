import { priorities } from '@rostrum/service-kit/priorities';

/** The table of priorities as lines of a Markdown table, who goes first at the top. `doctor` shows it, docs/priorities.md holds it. */
export function weightTable(): string[] {
  const rows = [
    ['who', 'weight of its group', 'niceness in it', 'why there'],
    ...Object.entries(priorities).map(([role, { groupNice, nice, why }]) => [
      role,
      groupNice === null ? '' : String(groupNice),
      String(nice),
      why,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lineOf = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [lineOf(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(lineOf)];
}
