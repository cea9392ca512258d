import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import type { Engine } from './kysely-event-store.ts';
import { migrate, type Schema } from './schema.ts';

/** Raised when another process has the data folder. */
export class DataFolderInUse extends Error {
  readonly code = 'data-folder-in-use';
  constructor(dataDir: string, cause: unknown) {
    super(
      `another process uses the data folder ${dataDir}: stop it, or give this one a folder of its own (ROSTRUM_DATA_DIR)`,
      { cause },
    );
    this.name = 'DataFolderInUse';
  }
}

/**
 * SQLite in `dataDir`. An acknowledged commit is on the disk (WAL with synchronous=FULL syncs the log at every
 * commit), and the file lock that EXCLUSIVE mode holds from the start is the folder's lock: the system releases it
 * however the process ends.
 */
export function sqliteEngine(
  dataDir: string,
  openFile: (file: string) => Database.Database = (file) => new Database(file, { timeout: 0 }),
): Engine {
  return {
    name: 'sqlite',
    async open() {
      mkdirSync(dataDir, { recursive: true });
      let database: Database.Database | null = null;
      try {
        database = openFile(join(dataDir, 'rostrum.sqlite'));
        database.pragma('locking_mode = EXCLUSIVE');
        database.pragma('journal_mode = WAL');
        database.pragma('synchronous = FULL');
        database.pragma('foreign_keys = ON');
        // In EXCLUSIVE mode the first write takes the lock and keeps it.
        database.exec('BEGIN IMMEDIATE; COMMIT');
      } catch (error) {
        database?.close();
        throw error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
          ? new DataFolderInUse(dataDir, error)
          : error;
      }
      const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database }) });
      try {
        await migrate(db);
      } catch (error) {
        await db.destroy();
        throw error;
      }
      return db;
    },
  };
}
