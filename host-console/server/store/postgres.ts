import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Engine, Verdict } from './database.ts';
import { migrate } from './migrations.ts';
import type { Schema } from './schema.ts';

/** Raised when the server is set up so that it may lose what it acknowledged. */
export class PostgresNotDurable extends Error {
  readonly code = 'postgres-not-durable';
  constructor(setting: string, value: string, wanted: string) {
    super(
      `PostgreSQL has ${setting}=${value}, so acknowledged events could be lost: set ${setting}=${wanted} for this database (DATABASE_URL)`,
    );
    this.name = 'PostgresNotDurable';
  }
}

/** How long a connection may take to come up, and a statement to run, ms. */
const CONNECT_DEADLINE_MS = 5000;
const STATEMENT_DEADLINE_MS = 8000;
/** The client's own deadline, for a server that does not answer at all. */
const QUERY_DEADLINE_MS = 10_000;

/** PostgreSQL at `databaseUrl`. Refuses a server that answers a commit before it is durable. */
export function postgresEngine(databaseUrl: string, logger: Logger): Engine {
  return {
    name: 'postgres',
    async open() {
      const pool = new pg.Pool({
        connectionString: databaseUrl,
        max: 4,
        connectionTimeoutMillis: CONNECT_DEADLINE_MS,
        statement_timeout: STATEMENT_DEADLINE_MS,
        query_timeout: QUERY_DEADLINE_MS,
        application_name: 'rostrum',
      });
      // A connection that dies, idle or at work, must not end the process by an unheard event; the query finds out.
      const lost = (error: Error) => logger.warn({ err: error }, 'a database connection was lost');
      pool.on('error', lost);
      pool.on('connect', (client) => client.on('error', lost));
      const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
      try {
        await refuseIfNotDurable(db);
        await migrate(db);
      } catch (error) {
        await db.destroy();
        throw error;
      }
      return db;
    },
    verdict,
  };
}

/** Classes of SQLSTATE: connection, resources, an operator's doing, the system, the server itself. */
const TROUBLE_CLASSES: ReadonlySet<string> = new Set(['08', '53', '57', '58', 'XX']);

/** A connection that broke says so in no code, and refuses the next statement too. */
function verdict(error: unknown): Verdict {
  if (!(error instanceof pg.DatabaseError)) return 'other';
  const sqlstateClass = error.code?.slice(0, 2) ?? '';
  if (sqlstateClass === '23') return 'constraint';
  return TROUBLE_CLASSES.has(sqlstateClass) ? 'trouble' : 'other';
}

async function refuseIfNotDurable(db: Kysely<Schema>): Promise<void> {
  const { rows } = await db.executeQuery<{ name: string; setting: string }>(
    CompiledQuery.raw("select name, setting from pg_settings where name in ('fsync', 'synchronous_commit')"),
  );
  for (const { name, setting } of rows) {
    if (setting === 'off') throw new PostgresNotDurable(name, setting, 'on');
  }
}
