import { RostrumError } from '@rostrum/contracts';
import type { Kysely, Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Schema } from './schema.ts';

/** What reads: the database, or a transaction of it. */
export type Reader = Kysely<Schema>;

/** What writes. It is good for nothing once the work that was given it has ended. */
export type Tx = Transaction<Schema>;

/**
 * The database: SQLite in a thread of its own, or PostgreSQL. Repositories stand on it and are all that knows its tables.
 *
 * Every method rejects with `RostrumError('unavailable')` where the database does not answer, or not as it should.
 */
export interface Database {
  readonly engine: Engine['name'];
  /**
   * What `work` writes, durable as a whole when this resolves. One at a time in this process, in the order of the calls:
   * `work` uses `tx` alone, and waits for nothing else.
   *
   * When it rejects with `unavailable`, all of it or nothing may have become durable (a commit whose answer was lost): who
   * has to know reads it again. The database is opened anew before it is used again.
   */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Reads go beside a commit under way in PostgreSQL; in SQLite they take their turn. */
  query<T>(work: (db: Reader) => Promise<T>): Promise<T>;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
  /** Waits for what is under way; later calls reject with `unavailable`. Idempotent. */
  close(): Promise<void>;
}

/** How a kind of database is opened. Called again after a failed transaction. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  /** Opens, checks and migrates. Throws an error with a message for the operator. */
  open(): Promise<Kysely<Schema>>;
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
        await this.#discard();
        throw unavailable('the database could not be written', error);
      }
    });
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
