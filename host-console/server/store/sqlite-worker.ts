/**
 * SQLite on a thread of its own: a commit waits for the disk, and the coordinator's thread, which also signals for the
 * stage, must not. Answers one statement after the other. The other end is `sqlite-thread.ts`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

export interface SqlRequest {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}
export type SqlReply =
  | { readonly ok: true; readonly rows: unknown[]; readonly changes: number }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Opens `workerData.file` and serves the parent until it ends the thread. The first message tells how the opening went. */
export function serveSqlite(prepared: (database: Database.Database) => Database.Database = (d) => d): void {
  const port = parentPort;
  if (!port) throw new Error('this file runs as a worker thread');
  const { file } = workerData as { file: string };
  let database: Database.Database;
  try {
    database = prepared(open(file));
  } catch (error) {
    port.postMessage(failure(error));
    return;
  }
  port.postMessage({ ok: true, rows: [], changes: 0 } satisfies SqlReply);
  port.on('message', (request: SqlRequest | 'close') => {
    if (request === 'close') {
      database.close();
      port.close();
      return;
    }
    port.postMessage(answer(database, request));
  });
}

/**
 * An acknowledged commit is on the disk: WAL with synchronous=FULL syncs the log at every commit. The file lock that
 * EXCLUSIVE mode holds from the start is the data folder's lock: the system releases it however the process ends.
 */
function open(file: string): Database.Database {
  const database = new Database(file, { timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    // What is deleted is overwritten: of a person who is to be forgotten nothing stays in the file.
    database.pragma('secure_delete = ON');
    // In EXCLUSIVE mode the first write takes the lock and keeps it.
    database.exec('BEGIN IMMEDIATE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function answer(database: Database.Database, { sql, parameters }: SqlRequest): SqlReply {
  try {
    const statement = database.prepare(sql);
    if (statement.reader) return { ok: true, rows: statement.all(...parameters), changes: 0 };
    return { ok: true, rows: [], changes: statement.run(...parameters).changes };
  } catch (error) {
    return failure(error);
  }
}

const failure = (error: unknown): SqlReply => ({
  ok: false,
  code: error instanceof Database.SqliteError ? error.code : 'unknown',
  message: error instanceof Error ? error.message : String(error),
});

// Imported by a thread that serves in its own way, this file only lends its functions.
if (workerData?.main === import.meta.url) serveSqlite();
