import { fileNameFrom } from './disposition.ts';

test.each([
  [`attachment; filename="Gro_e.csv"; filename*=UTF-8''Gro%C3%9Fe.csv`, 'Große.csv'],
  ['attachment; filename="quality.csv"', 'quality.csv'],
  [`attachment; filename="plain.csv"; filename*=UTF-8''%E0%A4%A`, 'plain.csv'],
  ['attachment', null],
  [null, null],
])('%s names %s', (header, name) => {
  expect(fileNameFrom(header)).toBe(name);
});
