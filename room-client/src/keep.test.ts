import { keepIn } from './keep.ts';

test('storage that is forbidden keeps nothing and breaks nothing', () => {
  const keep = keepIn(() => {
    throw new Error('SecurityError');
  });
  keep.write('a', 'b');
  expect(keep.read('a')).toBeNull();
});
