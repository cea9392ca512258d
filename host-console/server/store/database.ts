import { RostrumError } from '@rostrum/contracts';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Schema } from './schema.ts';

/** What reads: the database, or a transaction of it. */
export type Reader = Kysely<Schema>;

/** What writes. It is good for nothing once the work that was given it has ended. */
export type Tx = Transaction<Schema>;

/**
 * The database: SQLite in a thread of its own, or PostgreSQL. Repositories stand on it and are all that knows its tables.
 *
 * Every method rejects with `RostrumError('unavailable')` where the database does not answer, or not as it should: disk,
 * connection, a deadline, a statement it can make nothing of. `conflict` says that a row may not be: there is one with its
 * key, or none that it points to. Other `RostrumError`s are those that the caller's own work threw.
 */
export interface Database {
  readonly engine: Engine['name'];
  /**
   * What `work` writes, durable as a whole when this resolves. One at a time in this process, in the order of the calls:
   * `work` uses `tx` alone, and waits for nothing else.
   *
   * When it rejects with `unavailable`, all of it or nothing may have become durable (a commit whose answer was lost): who
   * has to know reads it again. The database is opened anew before it is used again. When it rejects with anything else,
   * nothing of it is there.
   */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * A part of a transaction that may be refused by itself: what `work` wrote is undone when it rejects, and the transaction
   * goes on. Rejects when the database is in trouble, and the whole transaction has to.
   */
  attempt<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<Attempt<T>>;
  /** Reads go beside a commit under way in PostgreSQL; in SQLite they take their turn. */
  query<T>(work: (db: Reader) => Promise<T>): Promise<T>;
  /**
   * The database of one moment after the call as a new file. For SQLite, where commits wait for it: about two seconds for each 200 MB;
   * a server of PostgreSQL has tools for it (`conflict`).
   */
  copyTo(file: string): Promise<void>;
  /**
   * Leaves nothing of what was deleted in SQLite's files. `whole`: what was deleted before the file knew to overwrite it, too; commits
   * wait as for `copyTo`. PostgreSQL sees to it by itself, later.
   */
  scrub(whole: boolean): Promise<void>;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
  /** Waits for what is under way; later calls reject with `unavailable`. Idempotent. */
  close(): Promise<void>;
}

export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly error: Error };

/**
 * What an error says of the database. `constraint`: it is well and refused a row. `trouble`: nothing that was not
 * acknowledged is to be trusted. `other`: nothing, or that it could make nothing of a statement.
 */
export type Verdict = 'constraint' | 'trouble' | 'other';

/** How a kind of database is opened. Called again after a failed transaction. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  /** Opens, checks and migrates. Throws an error with a message for the operator. */
  open(): Promise<Kysely<Schema>>;
  verdict(error: unknown): Verdict;
}

/** Throws with a message for the operator. */
export async function openDatabase(engine: Engine, logger: Logger): Promise<Database> {
  return new KyselyDatabase(engine, await engine.open(), logger);
}

class KyselyDatabase implements Database {
  readonly #engine: Engine;
  readonly #logger: Logger;
  /** null after a failed transaction, until the next use opens it anew: what a failed fsync left behind is not to be trusted. */
  #db: Kysely<Schema> | null;
  #opening: Promise<Kysely<Schema>> | null = null;
  #closed = false;
  /** SQLite has one connection: a transaction and what is beside it take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine, db: Kysely<Schema>, logger: Logger) {
    this.#engine = engine;
    this.#db = db;
    this.#logger = logger;
  }

  get engine(): Engine['name'] {
    return this.#engine.name;
  }

  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#exclusively(async () => {
      const db = await this.#open();
      try {
        return await db.transaction().execute(work);
      } catch (error) {
        // Kysely throws what undoing threw, where that failed.
        const refusal = this.#refusal(error);
        if (refusal) throw refusal;
        await this.#discard();
        throw unavailable('the database could not be written', error);
      }
    });
  }

  async attempt<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<Attempt<T>> {
    await sql`savepoint attempt`.execute(tx);
    try {
      const value = await work(tx);
      await sql`release savepoint attempt`.execute(tx);
      return { kind: 'done', value };
    } catch (error) {
      if (this.#engine.verdict(error) === 'trouble') throw error;
      await sql`rollback to savepoint attempt`.execute(tx);
      await sql`release savepoint attempt`.execute(tx);
      const refusal = this.#refusal(error) ?? (error instanceof Error ? error : new Error(String(error)));
      return { kind: 'refused', error: refusal };
    }
  }

  query<T>(work: (db: Reader) => Promise<T>): Promise<T> {
    const run = async () => {
      const db = await this.#open();
      try {
        return await work(db);
      } catch (error) {
        throw unavailable('the database could not be read', error);
      }
    };
    return this.#engine.name === 'sqlite' ? this.#exclusively(run) : run();
  }

  copyTo(file: string): Promise<void> {
    const { name } = this.#engine;
    if (name !== 'sqlite')
      throw new RostrumError('conflict', `a database of ${name} is copied by its own tools`);
    return this.#exclusively(async () => {
      const db = await this.#open();
      try {
        // Not SQLite's page by page backup: better-sqlite3 13 takes a step that met a transaction for the end of it, and removes the copy.
        await sql`vacuum into ${file}`.execute(db);
      } catch (error) {
        throw unavailable('the database could not be copied', error);
      }
    });
  }

  async scrub(whole: boolean): Promise<void> {
    if (this.#engine.name !== 'sqlite') return;
    await this.#exclusively(async () => {
      const db = await this.#open();
      try {
        if (whole) await sql`vacuum`.execute(db);
        // The write-ahead log has pages as they were.
        await sql`pragma wal_checkpoint(truncate)`.execute(db);
      } catch (error) {
        throw unavailable('the database could not be scrubbed', error);
      }
    });
  }

  async check(): Promise<void> {
    await this.query((db) => db.selectFrom('webinars').select('webinar_id').limit(1).execute());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#exclusively(async () => {
      const db = this.#db;
      this.#db = null;
      await db?.destroy();
    });
  }

  /** What a transaction was given up for while the database was well. null: that is not known of it. */
  #refusal(error: unknown): RostrumError | null {
    if (error instanceof RostrumError) return error.code === 'unavailable' ? null : error;
    if (this.#engine.verdict(error) !== 'constraint') return null;
    return new RostrumError('conflict', 'there is one already, or not what it belongs to', { cause: error });
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #open(): Promise<Kysely<Schema>> {
    if (this.#db) return this.#db;
    if (this.#closed) throw unavailable('the database is closed');
    this.#opening ??= this.#engine.open().finally(() => {
      this.#opening = null;
    });
    try {
      this.#db = await this.#opening;
    } catch (error) {
      throw unavailable('the database cannot be opened', error);
    }
    this.#logger.info({ engine: this.#engine.name }, 'database opened again');
    return this.#db;
  }

  async #discard(): Promise<void> {
    const db = this.#db;
    this.#db = null;
    try {
      await db?.destroy();
    } catch (error) {
      this.#logger.warn({ err: error }, 'the failed connection did not close');
    }
  }
}

export const unavailable = (message: string, cause?: unknown): RostrumError =>
  cause instanceof RostrumError
    ? cause
    : new RostrumError('unavailable', message, cause === undefined ? {} : { cause });
