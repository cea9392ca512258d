import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { openDatabase } from '../store/database.ts';
import { openStore, type Store, type StoreObserver } from '../store/index.ts';
import type { Schema } from '../store/schema.ts';
import { sqliteEngine } from '../store/sqlite.ts';
import { storeOver } from '../store/store.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

const logger = pino({ level: 'silent' });

/** Where one database is: it may be opened again and again, by this process and by others. */
export interface DatabasePlace<Url extends string | null = string | null> {
  readonly settings: { readonly dataDir: string; readonly databaseUrl: Url };
  open(observer?: StoreObserver): Promise<Store>;
  /** Makes `append` fail: at its commit, before that took effect or so that only its answer is lost; or at a row it carries. */
  failing(append: (store: Store) => Promise<void>, when: 'before' | 'after' | 'row'): Promise<Store>;
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
    async failing(append, when) {
      const worker = new URL(`./failing-sqlite-worker.ts?when=${when}`, import.meta.url);
      const store = storeOver(await openDatabase(sqliteEngine(dataDir, worker), logger), logger);
      await unavailable(append(store));
      return store;
    },
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
  const open = (observer?: StoreObserver) => openStore(settings, logger, observer);
  return {
    settings,
    open,
    async failing(append, when) {
      const store = await open();
      const table = when === 'row' ? 'outbox' : 'events';
      const deferred = when === 'after' ? 'deferrable initially deferred' : '';
      // A trigger that kills the connection: at the insert, or while the commit itself runs. PostgreSQL has no way to
      // lose only the answer of a commit, so "after" is a commit that failed as late as can be.
      await server.query(
        databaseUrl,
        `create function cut() returns trigger language plpgsql as
         $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
         create constraint trigger cutter after insert on ${table} ${deferred}
         for each row execute function cut()`,
      );
      await unavailable(append(store));
      await server.query(databaseUrl, `drop trigger cutter on ${table}; drop function cut()`);
      return store;
    },
    raw: () => {
      const pool = new pg.Pool({ connectionString: databaseUrl });
      return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    },
    remove: () => undefined,
  };
}

/** A new place for each test of the suite it is called in; all go after the last one. */
export function placeForEachTest(engine: 'sqlite' | 'postgres'): () => DatabasePlace {
  let server: PostgresServer | null = null;
  const places: DatabasePlace[] = [];
  beforeAll(async () => {
    if (engine === 'postgres') server = await startPostgres();
  });
  beforeEach(async () => {
    places.push(server ? await postgresPlace(server) : sqlitePlace());
  });
  afterAll(async () => {
    for (const place of places) place.remove();
    await server?.stop();
  });
  return () => {
    const place = places.at(-1);
    if (!place) throw new Error('no test has begun');
    return place;
  };
}

const unavailable = (appended: Promise<void>): Promise<void> =>
  expect(appended).rejects.toMatchObject({ code: 'unavailable' });
