/** The database thread, whose first commit of appended events to a file fails: before it took effect, or after. */
import { existsSync, writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { serveSqlite } from '../store/sqlite-worker.ts';

const when = new URL(import.meta.url).searchParams.get('when');
// A file, since the store opens anew in another thread.
const failed = `${workerData.file}.failed`;
let armed = false;

serveSqlite((database) => {
  const prepare = database.prepare.bind(database);
  database.prepare = ((sql: string) => {
    if (sql.startsWith('insert into "events"')) armed = !existsSync(failed);
    if (armed && sql === 'commit') {
      armed = false;
      writeFileSync(failed, '');
      if (when === 'after') prepare('commit').run();
      throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
    }
    return prepare(sql);
  }) as typeof database.prepare;
  return database;
});
