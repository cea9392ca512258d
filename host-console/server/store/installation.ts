import type { Database, Tx } from './database.ts';

/** What there is once in an installation. */
export class InstallationRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** How often all of the owner's links were revoked. */
  async ownerGeneration(): Promise<number> {
    const row = await this.#database.query((db) =>
      db.selectFrom('installation').select('owner_generation').executeTakeFirst(),
    );
    return row?.owner_generation ?? 0;
  }

  /** Revokes them; resolves with the count when that is durable. */
  revokeOwnerLinks(): Promise<number> {
    return this.#database.transact(async (tx) => {
      const row = await tx
        .updateTable('installation')
        .set((eb) => ({ owner_generation: eb('owner_generation', '+', 1) }))
        .returning('owner_generation')
        .executeTakeFirstOrThrow();
      return row.owner_generation;
    });
  }

  /**
   * Uses up the owner's links of this generation: they open nothing afterwards, and of two who do so at once one does. Answers
   * whether they were still good.
   */
  async useOwnerLinks(tx: Tx, generation: number): Promise<boolean> {
    const { numUpdatedRows } = await tx
      .updateTable('installation')
      .set({ owner_generation: generation + 1 })
      .where('owner_generation', '=', generation)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
}
