/**
 * The database thread, whose first commit of appended events to a file fails: before it took effect, or after. `row`: the
 * disk fails before that, at a row that an append carries.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { serveSqlite } from '../store/sqlite-worker.ts';

// Of the address it was started by: `import.meta.url` of a thread's first module has no query.
const when = new URL(workerData.main).searchParams.get('when');
if (when === null) throw new Error('when to fail is not said');
// A file, since the store opens anew in another thread.
const failed = `${workerData.file}.failed`;
let armed = false;

serveSqlite((database) => {
  const prepare = database.prepare.bind(database);
  database.prepare = ((sql: string) => {
    if (when === 'row' && sql.startsWith('insert into outbox') && !existsSync(failed)) {
      writeFileSync(failed, '');
      throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_WRITE');
    }
    if (sql.startsWith('insert into "events"')) armed = !existsSync(failed);
    if (when !== 'row' && armed && sql === 'commit') {
      armed = false;
      writeFileSync(failed, '');
      if (when === 'after') prepare('commit').run();
      throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
    }
    return prepare(sql);
  }) as typeof database.prepare;
  return database;
});
