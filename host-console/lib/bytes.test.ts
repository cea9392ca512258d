import { formatBytes } from './bytes.ts';

test('sizes are told in the unit in which they are short', () => {
  expect([812, 34_600, 5_400_000, 1_260_000_000].map(formatBytes)).toEqual([
    '1 kB',
    '35 kB',
    '5 MB',
    '1.3 GB',
  ]);
});
