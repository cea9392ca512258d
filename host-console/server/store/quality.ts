import { QualityRow } from '@rostrum/contracts';
import type { Database } from './database.ts';

const ROWS_AT_ONCE = 500;
/** Of one webinar, the last ones: a full stage writes about seventeen thousand an hour. */
const MOST_READ = 200_000;

/** How networks fared on stages, row by row (`quality/log.ts`). No events: nothing is decided by it. */
export class QualityRepository {
  readonly #database: Database;
  /** Of what was written at the same moment, what comes first. */
  #written = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  async write(rows: readonly QualityRow[]): Promise<void> {
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const values = rows.slice(at, at + ROWS_AT_ONCE).map((row) => {
        this.#written = (this.#written + 1) % 1_000_000;
        return {
          webinar_id: row.webinarId,
          at_unix_ms: Math.round(row.atUnixMs),
          place: this.#written,
          person_id: row.personId,
          body: JSON.stringify(row),
        };
      });
      await this.#database.transact((tx) => tx.insertInto('quality_log').values(values).execute());
    }
  }

  /** Oldest first. */
  async rows(webinarId: string): Promise<QualityRow[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('quality_log')
        .select('body')
        .where('webinar_id', '=', webinarId)
        .orderBy('at_unix_ms', 'desc')
        .orderBy('place', 'desc')
        .limit(MOST_READ)
        .execute(),
    );
    return rows.toReversed().flatMap(({ body }) => {
      // A row of another version is none to stumble over.
      const row = QualityRow.safeParse(JSON.parse(body));
      return row.success ? [row.data] : [];
    });
  }

  /** Removes rows from before then; answers how many. */
  forget(beforeUnixMs: number): Promise<number> {
    return this.#database.transact(async (tx) => {
      const result = await tx
        .deleteFrom('quality_log')
        .where('at_unix_ms', '<', beforeUnixMs)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    });
  }
}
