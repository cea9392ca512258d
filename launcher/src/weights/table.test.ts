import { readFileSync } from 'node:fs';
import { checkout } from '../paths.ts';
import { weightTable } from './table.ts';

test('docs/priorities.md has the table as it is', () => {
  const page = readFileSync(`${checkout}/docs/priorities.md`, 'utf8');
  expect(page).toContain(weightTable().join('\n'));
});
