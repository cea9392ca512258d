import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import type { Engine, Verdict } from './database.ts';
import { migrate } from './migrations.ts';
import type { Schema } from './schema.ts';
import { SqliteFailure, SqliteThread, sqliteThreadDialect } from './sqlite-thread.ts';

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

/** In the data folder. */
export const SQLITE_FILE = 'rostrum.sqlite';

const WORKER = new URL('./sqlite-worker.ts', import.meta.url);

/** SQLite in `dataDir`, on a thread of its own (`sqlite-worker.ts` says what makes it durable). */
export function sqliteEngine(dataDir: string, workerUrl: URL = WORKER): Engine {
  return {
    name: 'sqlite',
    async open() {
      mkdirSync(dataDir, { recursive: true });
      let thread: SqliteThread;
      try {
        thread = await SqliteThread.open(join(dataDir, SQLITE_FILE), workerUrl);
      } catch (error) {
        const busy = error instanceof SqliteFailure && error.code.startsWith('SQLITE_BUSY');
        throw busy ? new DataFolderInUse(dataDir, error) : error;
      }
      const db = new Kysely<Schema>({ dialect: sqliteThreadDialect(thread) });
      try {
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

/** Of statements that SQLite can make nothing of; `unknown`: its binding threw. The file is as well as before. */
const STATEMENT_CODES: ReadonlySet<string> = new Set([
  'SQLITE_ERROR',
  'SQLITE_MISMATCH',
  'SQLITE_RANGE',
  'SQLITE_TOOBIG',
  'unknown',
]);

function verdict(error: unknown): Verdict {
  if (!(error instanceof SqliteFailure)) return 'other';
  if (error.code.startsWith('SQLITE_CONSTRAINT')) return 'constraint';
  return STATEMENT_CODES.has(error.code) ? 'other' : 'trouble';
}
