import { tokenFromFragment, withToken } from './fragment.ts';

describe('the token in a link', () => {
  test('is read from the fragment', () => {
    expect(tokenFromFragment('#t=abc.def-1_2.ghi')).toBe('abc.def-1_2.ghi');
    expect(tokenFromFragment('#x=1&t=abc')).toBe('abc');
  });

  test('is null where there is none', () => {
    for (const fragment of ['', '#', '#t=', '#t=%20', '#token=abc', '#abc']) {
      expect(tokenFromFragment(fragment)).toBeNull();
    }
  });

  test('written into a path it is read again', () => {
    const path = withToken('/control', 'a+b/c=.d');
    expect(path.startsWith('/control#t=')).toBe(true);
    expect(tokenFromFragment(path.slice(path.indexOf('#')))).toBe('a+b/c=.d');
  });
});
