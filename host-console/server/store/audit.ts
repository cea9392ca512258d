import type { Database, Tx } from './database.ts';

export interface AuditRow {
  readonly auditId: string;
  readonly atUnixMs: number;
  /** An account's id, or `owner-link`. */
  readonly actor: string;
  readonly actorName: string;
  readonly action: string;
  /** What it was done to: words by name, no secrets among them. */
  readonly subject: Readonly<Record<string, string>>;
}

/** Rows that follow `before` in the order they are shown in: the newest first. */
export type AuditCursor = Pick<AuditRow, 'atUnixMs' | 'auditId'>;

/** Who did what. A row is written in the transaction of what was done, so that neither is there without the other. */
export class AuditRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(tx: Tx, row: AuditRow): Promise<void> {
    await tx
      .insertInto('audit')
      .values({
        audit_id: row.auditId,
        at_unix_ms: row.atUnixMs,
        actor: row.actor,
        actor_name: row.actorName,
        action: row.action,
        subject: JSON.stringify(row.subject),
      })
      .execute();
  }

  /** The newest first. */
  async page(limit: number, before: AuditCursor | null): Promise<AuditRow[]> {
    const rows = await this.#database.query((db) => {
      const all = db
        .selectFrom('audit')
        .selectAll()
        .orderBy('at_unix_ms', 'desc')
        .orderBy('audit_id', 'desc')
        .limit(limit);
      if (before === null) return all.execute();
      return all
        .where((eb) =>
          eb.or([
            eb('at_unix_ms', '<', before.atUnixMs),
            eb.and([eb('at_unix_ms', '=', before.atUnixMs), eb('audit_id', '<', before.auditId)]),
          ]),
        )
        .execute();
    });
    return rows.map((row) => ({
      auditId: row.audit_id,
      atUnixMs: Number(row.at_unix_ms),
      actor: row.actor,
      actorName: row.actor_name,
      action: row.action,
      subject: JSON.parse(row.subject) as Record<string, string>,
    }));
  }
}
