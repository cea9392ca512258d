import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkout } from './paths.ts';

interface LockedPackage {
  version?: string;
  integrity?: string;
  optional?: boolean;
}

type Packages = Record<string, LockedPackage>;

/**
 * What node_modules lacks or has in another version than the lock file says, as its paths. npm keeps the list
 * of what it installed in node_modules/.package-lock.json and writes that last, so a broken-off `npm ci`
 * counts as nothing installed.
 */
export function staleNpmPackages(wanted: Packages, installed: Packages): string[] {
  return Object.entries(wanted)
    .filter(([path, want]) => {
      if (!path.includes('node_modules/')) return false;
      const have = installed[path];
      // Optional packages are mostly the builds for other platforms.
      if (!have) return !want.optional;
      return have.version !== want.version || have.integrity !== want.integrity;
    })
    .map(([path]) => path);
}

function packagesOf(file: string): Packages {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { packages?: Packages }).packages ?? {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

// Run by `./rostrum` itself, before there may be any package: exit code 0 when `npm ci` is not needed.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = staleNpmPackages(
    packagesOf(`${checkout}/package-lock.json`),
    packagesOf(`${checkout}/node_modules/.package-lock.json`),
  );
  process.exitCode = stale.length === 0 ? 0 : 1;
}
