import type { Database } from './database.ts';

/** Hashes of passcodes, one a webinar. */
export class PasscodeRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** null: there is none. */
  async find(webinarId: string): Promise<string | null> {
    const row = await this.#database.query((db) =>
      db.selectFrom('passcodes').select('hash').where('webinar_id', '=', webinarId).executeTakeFirst(),
    );
    return row?.hash ?? null;
  }

  /** null: takes it away. Resolves when it is durable. */
  async set(webinarId: string, hash: string | null, nowUnixMs: number): Promise<void> {
    await this.#database.transact(async (tx) => {
      await tx.deleteFrom('passcodes').where('webinar_id', '=', webinarId).execute();
      if (hash === null) return;
      await tx
        .insertInto('passcodes')
        .values({ webinar_id: webinarId, hash, set_unix_ms: nowUnixMs })
        .execute();
    });
  }
}
