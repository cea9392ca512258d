import { Worker } from 'node:worker_threads';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqlReply, SqlRequest } from './sqlite-worker.ts';

/** A statement that failed; `code` is SQLite's. */
export class SqliteFailure extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'SqliteFailure';
    this.code = code;
  }
}

/** One SQLite file served by a worker thread. */
export class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting: ((reply: SqlReply) => void)[] = [];
  readonly #ended: Promise<void>;
  #alive = true;

  private constructor(file: string, workerUrl: URL) {
    this.#worker = new Worker(workerUrl, { workerData: { file, main: workerUrl.href } });
    this.#worker.on('message', (reply: SqlReply) => this.#waiting.shift()?.(reply));
    this.#ended = new Promise((resolve) => {
      const end = (message: string): void => {
        this.#alive = false;
        for (const waiting of this.#waiting.splice(0)) {
          waiting({ ok: false, code: 'thread-ended', message });
        }
        resolve();
      };
      this.#worker.once('error', (error) => end(error.message));
      this.#worker.once('exit', () => end('the database thread ended'));
    });
  }

  /** Opens the file. Throws `SqliteFailure`, with `SQLITE_BUSY` when another process has it. */
  static async open(file: string, workerUrl: URL): Promise<SqliteThread> {
    const thread = new SqliteThread(file, workerUrl);
    try {
      await thread.#reply();
    } catch (error) {
      await thread.#worker.terminate();
      throw error;
    }
    return thread;
  }

  async run(request: SqlRequest): Promise<Extract<SqlReply, { ok: true }>> {
    if (!this.#alive) throw new SqliteFailure('thread-ended', 'the database thread has ended');
    const reply = this.#reply();
    this.#worker.postMessage(request);
    return reply;
  }

  /** Closes the file, which releases its lock, and ends the thread. */
  async close(): Promise<void> {
    if (this.#alive) this.#worker.postMessage('close');
    await this.#ended;
  }

  /** Replies come in the order of the requests. */
  async #reply(): Promise<Extract<SqlReply, { ok: true }>> {
    const reply = await new Promise<SqlReply>((resolve) => this.#waiting.push(resolve));
    if (!reply.ok) throw new SqliteFailure(reply.code, reply.message);
    return reply;
  }
}

/**
 * SQLite undoes schema changes with their transaction, which Kysely does not count on: a migration that a crash cut in two
 * would be begun again, and fail on its own tables, at every start.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Kysely's SQLite, over a thread. `thread` is closed with the Kysely instance. */
export function sqliteThreadDialect(thread: SqliteThread): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createDriver: () => new ThreadDriver(thread),
  };
}

/** One connection, for which Kysely makes callers take turns. */
class ThreadDriver implements Driver {
  readonly #thread: SqliteThread;
  readonly #connection: DatabaseConnection;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
    this.#connection = {
      async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
        const { rows, changes } = await thread.run({ sql, parameters });
        return { rows: rows as R[], numAffectedRows: BigInt(changes) };
      },
      streamQuery() {
        throw new Error('queries are not streamed from the database thread');
      },
    };
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin'));
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }
  async releaseConnection(): Promise<void> {}
  destroy(): Promise<void> {
    return this.#thread.close();
  }
}
