import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { openStore, type Store, type StoreObserver } from '../store/index.ts';
import type { Schema } from '../store/schema.ts';
import type { PostgresServer } from './postgres-server.ts';

const logger = pino({ level: 'silent' });

/** Where one database is: it may be opened again and again, by this process and by others. */
export interface DatabasePlace<Url extends string | null = string | null> {
  readonly settings: { readonly dataDir: string; readonly databaseUrl: Url };
  open(observer?: StoreObserver): Promise<Store>;
  /** As it lies there, while no store has it open. */
  raw(): Kysely<Schema>;
  remove(): void;
}

/** A database file in a folder of its own. */
export function sqlitePlace(): DatabasePlace<null> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rostrum-store-'));
  const settings = { dataDir, databaseUrl: null };
  return {
    settings,
    open: (observer) => openStore(settings, logger, observer),
    raw: () => {
      const database = new Database(join(dataDir, 'rostrum.sqlite'));
      return new Kysely<Schema>({ dialect: new SqliteDialect({ database }) });
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** A new database of the server, which goes with it. */
export async function postgresPlace(server: PostgresServer): Promise<DatabasePlace<string>> {
  const databaseUrl = await server.createDatabase();
  const settings = { dataDir: '', databaseUrl };
  return {
    settings,
    open: (observer) => openStore(settings, logger, observer),
    raw: () => {
      const pool = new pg.Pool({ connectionString: databaseUrl });
      return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    },
    remove: () => undefined,
  };
}
