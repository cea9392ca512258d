/** The table of settings in docs/cdn.md: `node src/cloudfront/settings-table.ts` prints it. */
import { table } from '../markdown.ts';
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

if (import.meta.main) process.stdout.write(`${settingsTable()}\n`);
