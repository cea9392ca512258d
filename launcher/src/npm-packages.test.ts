import { staleNpmPackages } from './npm-packages.ts';

describe('npm packages', () => {
  const wanted = {
    '': { version: '1.0.0' },
    contracts: { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/b-darwin': { version: '1.0.0', integrity: 'sha512-b', optional: true },
    'contracts/node_modules/c': { version: '1.0.0', integrity: 'sha512-c' },
  };

  test('nothing is stale when all that the lock file names is there, builds for other systems aside', () => {
    const { 'node_modules/b-darwin': _other, ...installed } = wanted;
    expect(staleNpmPackages(wanted, installed)).toEqual([]);
  });

  test('a missing package, another version and another content are stale', () => {
    expect(staleNpmPackages(wanted, {})).toEqual(['node_modules/a', 'contracts/node_modules/c']);
    expect(staleNpmPackages(wanted, { ...wanted, 'node_modules/a': { version: '1.0.1' } })).toEqual([
      'node_modules/a',
    ]);
    expect(
      staleNpmPackages(wanted, { ...wanted, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-z' } }),
    ).toEqual(['node_modules/a']);
  });
});
