import type { Database, Tx } from './database.ts';

export interface GivenAnswer {
  readonly caller: string;
  readonly keyHash: string;
  readonly requestHash: string;
  readonly status: number;
  /** As the caller of this sealed it. */
  readonly answer: string;
  readonly createdUnixMs: number;
}

/** Answers that were given under a client's own key. */
export class IdempotencyRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those of a key since then: one, but for requests that came at the same time to different processes. */
  async find(caller: string, keyHash: string, sinceUnixMs: number): Promise<GivenAnswer[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('idempotency_keys')
        .selectAll()
        .where('caller', '=', caller)
        .where('key_hash', '=', keyHash)
        .where('created_unix_ms', '>', sinceUnixMs)
        .execute(),
    );
    return rows.map((r) => ({
      ...{ caller: r.caller, keyHash: r.key_hash, requestHash: r.request_hash, status: r.status },
      ...{ answer: r.answer, createdUnixMs: Number(r.created_unix_ms) },
    }));
  }

  /**
   * Rejects with `conflict` where there is one, which is what keeps the same request from being done twice. The request is part
   * of the key: no two webinars' appends ever write the same row, so that none waits for another's commit.
   */
  async add(tx: Tx, given: GivenAnswer, forgottenBeforeUnixMs: number): Promise<void> {
    await tx
      .deleteFrom('idempotency_keys')
      .where('caller', '=', given.caller)
      .where('key_hash', '=', given.keyHash)
      .where('request_hash', '=', given.requestHash)
      .where('created_unix_ms', '<=', forgottenBeforeUnixMs)
      .execute();
    await tx
      .insertInto('idempotency_keys')
      .values({
        ...{ caller: given.caller, key_hash: given.keyHash, request_hash: given.requestHash },
        ...{ status: given.status, answer: given.answer, created_unix_ms: given.createdUnixMs },
      })
      .execute();
  }

  async forget(beforeUnixMs: number): Promise<void> {
    await this.#database.transact(async (tx) => {
      await tx.deleteFrom('idempotency_keys').where('created_unix_ms', '<=', beforeUnixMs).execute();
    });
  }
}
