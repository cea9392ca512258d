import type { Database } from './database.ts';

/** Where a broadcaster served pages, and when it last said so. */
export interface PageOrigin {
  readonly origin: string;
  readonly seenUnixMs: number;
}

/** Where broadcasters served pages that may still be open. */
export class PageOriginRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those that were seen since then. */
  async seenSince(unixMs: number): Promise<PageOrigin[]> {
    const rows = await this.#database.query((db) =>
      db.selectFrom('page_origins').selectAll().where('seen_unix_ms', '>=', unixMs).execute(),
    );
    return rows.map((r) => ({ origin: r.origin, seenUnixMs: Number(r.seen_unix_ms) }));
  }

  /** Keeps one, and forgets those that were last seen before then. */
  async keep({ origin, seenUnixMs }: PageOrigin, forgetBeforeUnixMs: number): Promise<void> {
    await this.#database.transact(async (tx) => {
      await tx.deleteFrom('page_origins').where('seen_unix_ms', '<', forgetBeforeUnixMs).execute();
      await tx
        .insertInto('page_origins')
        .values({ origin, seen_unix_ms: seenUnixMs })
        .onConflict((conflict) => conflict.column('origin').doUpdateSet({ seen_unix_ms: seenUnixMs }))
        .execute();
    });
  }
}
