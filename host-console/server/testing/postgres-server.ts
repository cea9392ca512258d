import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const BIN = '/usr/lib/postgresql/15/bin';

export interface PostgresServer {
  /** A new, empty database on the server; its URL. `folder`: where its tables lie, empty and the server's own. */
  createDatabase(folder?: string): Promise<string>;
  /** Runs SQL as the administrator in the given database. */
  query(databaseUrl: string, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

let databases = 0;

/**
 * The server of `ROSTRUM_TEST_DATABASE_URL`, or one of its own from Debian's package, in a temporary folder and on a
 * Unix socket only; always that for `own`, whose files the test means to reach. Throws when neither is there: tests on PostgreSQL fail rather than pass unseen.
 */
export async function startPostgres(whose: 'any' | 'own' = 'any'): Promise<PostgresServer> {
  const given = whose === 'any' ? process.env.ROSTRUM_TEST_DATABASE_URL : undefined;
  if (given) return face(given, async () => undefined);
  if (!existsSync(join(BIN, 'initdb'))) {
    throw new Error(
      'no PostgreSQL to test on: install postgresql-15, or name a server in ROSTRUM_TEST_DATABASE_URL',
    );
  }
  const dir = mkdtempSync(join(tmpdir(), 'rostrum-postgres-'));
  // PostgreSQL refuses to run as root; its package made a user for it.
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : null;
  const user = owner ?? {};
  if (owner) chownSync(dir, owner.uid, owner.gid);
  const data = join(dir, 'data');
  execFileSync(
    join(BIN, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--encoding=UTF8', '--no-locale'],
    {
      ...user,
      cwd: dir,
      stdio: 'pipe',
    },
  );
  const server = spawn(
    join(BIN, 'postgres'),
    ['-D', data, '-k', dir, '-c', 'listen_addresses=', '-c', 'shared_buffers=16MB'],
    { ...user, cwd: dir, stdio: 'ignore' },
  );
  const url = `postgres://postgres@localhost/postgres?host=${dir}`;
  try {
    await untilItAnswers(url, server);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  return face(url, async () => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await gone;
    rmSync(dir, { recursive: true, force: true });
  });
}

function face(url: string, stop: () => Promise<void>): PostgresServer {
  const query = async (databaseUrl: string, sql: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql, values)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    async createDatabase(folder) {
      databases += 1;
      // Test files that share a server share a process at times, and count from 1 each.
      const name = `rostrum_test_${process.pid}_${databases}_${randomBytes(4).toString('hex')}`;
      if (folder !== undefined) await query(url, `create tablespace ${name} location '${folder}'`);
      await query(url, `create database ${name}${folder === undefined ? '' : ` tablespace ${name}`}`);
      const made = new URL(url);
      made.pathname = `/${name}`;
      return made.href;
    },
    query,
    stop,
  };
}

const idOf = (flag: '-u' | '-g'): number =>
  Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      // Not yet.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error('postgres did not answer in 30 s');
}
