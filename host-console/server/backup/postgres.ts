/** PostgreSQL's own tools, which have snapshot and order of restoring right. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BackupError } from './manifest.ts';

const run = promisify(execFile);

/** Of a URL what libpq takes from the environment: an argument would be read by everybody on the machine. */
const PARAMETERS: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  dbname: 'PGDATABASE',
  sslmode: 'PGSSLMODE',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslrootcert: 'PGSSLROOTCERT',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  options: 'PGOPTIONS',
};

export function libpqEnvironment(databaseUrl: string): Record<string, string> {
  const url = new URL(databaseUrl);
  const told: Record<string, string> = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    dbname: decodeURIComponent(url.pathname.slice(1)),
    ...Object.fromEntries(url.searchParams),
  };
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) => {
      const variable = PARAMETERS[name];
      return variable && value !== '' ? [[variable, value]] : [];
    }),
  );
}

/** One snapshot of the whole database: what commits while it runs is not in it, or not at all. */
export const dump = (databaseUrl: string, file: string): Promise<void> =>
  tool('pg_dump', databaseUrl, ['--format=custom', '--no-owner', '--no-privileges', `--file=${file}`]);

/** All of it, or nothing. */
export const load = (databaseUrl: string, file: string): Promise<void> =>
  tool('pg_restore', databaseUrl, [
    '--no-owner',
    '--no-privileges',
    '--single-transaction',
    '--exit-on-error',
    `--dbname=${libpqEnvironment(databaseUrl).PGDATABASE ?? ''}`,
    file,
  ]);

async function tool(name: string, databaseUrl: string, args: readonly string[]): Promise<void> {
  try {
    await run(name, args, { env: { ...process.env, ...libpqEnvironment(databaseUrl) } });
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    const why =
      code === 'ENOENT' ? 'it is not installed (Debian: postgresql-client)' : stderr?.trim() || String(error);
    throw new BackupError(`${name}: ${why}`);
  }
}
