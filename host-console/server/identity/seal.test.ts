import { Seal } from './seal.ts';

test('what was sealed is read with the same secret for the same purpose, and whole', () => {
  const seal = new Seal('a secret', 'answers');
  const sealed = seal.seal('token: äöü');
  expect(sealed).not.toContain('token');
  expect(seal.seal('token: äöü')).not.toBe(sealed);
  expect(seal.open(sealed)).toBe('token: äöü');
  expect(new Seal('another', 'answers').open(sealed)).toBeNull();
  expect(new Seal('a secret', 'else').open(sealed)).toBeNull();
  for (const damaged of ['', 'x', sealed.slice(0, -4), `${sealed.slice(0, -6)}AAAAAA`]) {
    expect(seal.open(damaged)).toBeNull();
  }
});
