import { readFileSync } from 'node:fs';
import { staleNpmPackages } from './npm-packages.ts';
import { checkout } from './paths.ts';

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

  test('the lock file has every build for another system, and no address of a registry', () => {
    const text = readFileSync(`${checkout}/package-lock.json`, 'utf8');
    const { packages } = JSON.parse(text) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    // npm leaves those out that the registry at hand does not carry, and `npm ci` then refuses the file.
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
    expect(text).not.toMatch(/"resolved": "https?:/);
  });
});
