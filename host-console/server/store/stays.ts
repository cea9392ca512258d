import type { Browser, Device, Role } from '@rostrum/contracts';
import { sql } from 'kysely';
import type { Database, Reader, Tx } from './database.ts';
import type { Schema } from './schema.ts';

/** Somebody was here from then to then. */
export interface Stay {
  readonly personId: string;
  readonly device: Device;
  readonly browser: Browser;
  /** Country code. */
  readonly region: string | null;
  /** The SFU node that carried their media. */
  readonly node: string | null;
  readonly joinedUnixMs: number;
  /** null: they are here. */
  readonly leftUnixMs: number | null;
}

/** The same as it is written. */
export interface StayRow extends Stay {
  readonly stayId: string;
  readonly webinarId: string;
  readonly name: string;
  readonly role: Role;
}

export interface Attendant {
  readonly personId: string;
  /** As they called themselves last. */
  readonly name: string;
  readonly role: Role;
  /** The first time. */
  readonly joinedUnixMs: number;
}

/** Where a page of them begins: after this one, in the order in which they came. */
export type AfterAttendant = Pick<Attendant, 'joinedUnixMs' | 'personId'>;

/** Rows of one transaction, for which appends of the log wait; about ten parameters each. */
const ROWS_AT_ONCE = 500;

/**
 * Who was connected to which webinar, from when to when. No events: of a webinar of thousands thousands come and go within a
 * minute, and nothing is decided by it. A stay that a process left open ended when that process was last known to be there.
 */
export class StayRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether no other process writes here: what an earlier one left open is over. */
  get isAlone(): boolean {
    return this.#database.engine === 'sqlite';
  }

  /**
   * Writes that this process is there, and stays that began or changed in it: those that were written before are brought up to
   * date. False: the process was not known to be there.
   */
  async write(writerId: string, seenUnixMs: number, rows: readonly StayRow[]): Promise<boolean> {
    // First: a stay without a writer would never be over.
    const known = await this.#database.transact(async (tx) => {
      const seen = { seen_unix_ms: seenUnixMs };
      const { numUpdatedRows } = await tx
        .updateTable('stay_writers')
        .set(seen)
        .where('writer_id', '=', writerId)
        .executeTakeFirst();
      if (numUpdatedRows > 0n) return true;
      await tx
        .insertInto('stay_writers')
        .values({ writer_id: writerId, ...seen })
        .execute();
      return false;
    });
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      await this.#database.transact((tx) => writeStays(tx, writerId, rows.slice(at, at + ROWS_AT_ONCE)));
    }
    return known;
  }

  /** Ends the stays of processes that were last there before then; answers how many. */
  closeOfLost(seenBeforeUnixMs: number): Promise<number> {
    return this.#database.transact(async (tx) => {
      const lost = await tx
        .selectFrom('stay_writers')
        .selectAll()
        .where('seen_unix_ms', '<', seenBeforeUnixMs)
        .execute();
      let closed = 0;
      for (const { writer_id, seen_unix_ms } of lost) {
        const seen = Number(seen_unix_ms);
        const { numUpdatedRows } = await tx
          .updateTable('stays')
          .set((eb) => ({
            left_unix_ms: eb
              .case()
              .when('joined_unix_ms', '>', seen)
              .then(eb.ref('joined_unix_ms'))
              .else(eb.val(seen))
              .end(),
          }))
          .where('writer_id', '=', writer_id)
          .where('left_unix_ms', 'is', null)
          .executeTakeFirst();
        closed += Number(numUpdatedRows);
        await tx.deleteFrom('stay_writers').where('writer_id', '=', writer_id).execute();
      }
      return closed;
    });
  }

  /** Removes the stays that ended before then, and people who have no other; answers how many stays. */
  forget(leftBeforeUnixMs: number): Promise<number> {
    return this.#database.transact(async (tx) => {
      const { numDeletedRows } = await tx
        .deleteFrom('stays')
        .where('left_unix_ms', '<', leftBeforeUnixMs)
        .executeTakeFirst();
      // Without their last stay they have come before then too.
      if (numDeletedRows > 0n) {
        await tx
          .deleteFrom('attendants')
          .where('joined_unix_ms', '<', leftBeforeUnixMs)
          .where((eb) =>
            eb.not(
              eb.exists(
                eb
                  .selectFrom('stays')
                  .select('stay_id')
                  .whereRef('stays.webinar_id', '=', 'attendants.webinar_id')
                  .whereRef('stays.person_id', '=', 'attendants.person_id'),
              ),
            ),
          )
          .execute();
      }
      return Number(numDeletedRows);
    });
  }

  /** In the order in which they came, at most `limit`; `search`: of their names. */
  async attendants(
    webinarId: string,
    page: { readonly after: AfterAttendant | null; readonly limit: number; readonly search: string | null },
  ): Promise<Attendant[]> {
    const { after, limit, search } = page;
    const rows = await this.#database.query((db) => {
      let query = db.selectFrom('attendants').selectAll().where('webinar_id', '=', webinarId);
      if (after) {
        query = query.where((eb) =>
          eb.or([
            eb('joined_unix_ms', '>', after.joinedUnixMs),
            eb.and([eb('joined_unix_ms', '=', after.joinedUnixMs), eb('person_id', '>', after.personId)]),
          ]),
        );
      }
      if (search !== null) {
        const pattern = `%${searched(search).replaceAll(/[\\%_]/g, '\\$&')}%`;
        query = query.where(sql<boolean>`name_searched like ${pattern} escape '\\'`);
      }
      return query.orderBy('joined_unix_ms').orderBy('person_id').limit(limit).execute();
    });
    return rows.map((r) => ({
      personId: r.person_id,
      name: String(JSON.parse(r.name)),
      role: r.role,
      joinedUnixMs: Number(r.joined_unix_ms),
    }));
  }

  /**
   * Of these people, or of all; in the order in which they began. Those that a process left open which was last there before
   * `lostBeforeUnixMs` have ended then.
   */
  async stays(
    webinarId: string,
    personIds: readonly string[] | null,
    lostBeforeUnixMs: number,
  ): Promise<Stay[]> {
    if (personIds?.length === 0) return [];
    const rows = await this.#database.query((db) => {
      const all = staysIn(db, webinarId);
      return (personIds ? all.where('person_id', 'in', personIds) : all).execute();
    });
    return rows.map((r) => ({
      personId: r.person_id,
      device: r.device,
      browser: r.browser,
      region: r.region,
      node: r.node,
      joinedUnixMs: Number(r.joined_unix_ms),
      leftUnixMs: leftAt(r, lostBeforeUnixMs),
    }));
  }

  /** Ids of everybody who is no attendee: crew and stage. */
  async others(webinarId: string): Promise<ReadonlySet<string>> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('attendants')
        .select('person_id')
        .where('webinar_id', '=', webinarId)
        .where('role', '!=', 'attendee')
        .execute(),
    );
    return new Set(rows.map((r) => r.person_id));
  }
}

const staysIn = (db: Reader, webinarId: string) =>
  db
    .selectFrom('stays')
    .leftJoin('stay_writers', 'stay_writers.writer_id', 'stays.writer_id')
    .select(['person_id', 'device', 'browser', 'region', 'node', 'joined_unix_ms', 'left_unix_ms'])
    .select('stay_writers.seen_unix_ms as seen_unix_ms')
    .where('webinar_id', '=', webinarId)
    .orderBy('joined_unix_ms')
    .orderBy('stay_id');

function leftAt(
  row: Pick<Schema['stays'], 'joined_unix_ms' | 'left_unix_ms'> & { readonly seen_unix_ms: number | null },
  lostBeforeUnixMs: number,
): number | null {
  if (row.left_unix_ms !== null) return Number(row.left_unix_ms);
  const seen = Number(row.seen_unix_ms ?? 0);
  return seen >= lostBeforeUnixMs ? null : Math.max(seen, Number(row.joined_unix_ms));
}

async function writeStays(tx: Tx, writerId: string, rows: readonly StayRow[]): Promise<void> {
  // A statement may write no row twice. Their last name holds, and their first coming.
  const people = new Map<string, Schema['attendants']>();
  for (const row of rows) {
    const key = `${row.webinarId} ${row.personId}`;
    const first = people.get(key)?.joined_unix_ms ?? row.joinedUnixMs;
    people.set(key, { ...attendantRow(row), joined_unix_ms: Math.min(first, row.joinedUnixMs) });
  }
  await tx
    .insertInto('attendants')
    .values([...people.values()])
    .onConflict((conflict) =>
      conflict.columns(['webinar_id', 'person_id']).doUpdateSet((eb) => ({
        name: eb.ref('excluded.name'),
        name_searched: eb.ref('excluded.name_searched'),
        role: eb.ref('excluded.role'),
      })),
    )
    .execute();
  await tx
    .insertInto('stays')
    .values(rows.map((row) => stayRow(writerId, row)))
    .onConflict((conflict) =>
      conflict.column('stay_id').doUpdateSet((eb) => ({
        node: eb.ref('excluded.node'),
        left_unix_ms: eb.ref('excluded.left_unix_ms'),
      })),
    )
    .execute();
}

const attendantRow = (row: StayRow): Schema['attendants'] => ({
  webinar_id: row.webinarId,
  person_id: row.personId,
  name: JSON.stringify(row.name),
  name_searched: searched(row.name),
  role: row.role,
  joined_unix_ms: row.joinedUnixMs,
});

const stayRow = (writerId: string, row: StayRow): Schema['stays'] => ({
  stay_id: row.stayId,
  webinar_id: row.webinarId,
  person_id: row.personId,
  writer_id: writerId,
  device: row.device,
  browser: row.browser,
  region: row.region,
  node: row.node,
  joined_unix_ms: row.joinedUnixMs,
  left_unix_ms: row.leftUnixMs,
});

/** Databases differ in what is a small letter; none takes U+0000. */
const searched = (name: string): string =>
  name.normalize('NFKC').toLowerCase().toWellFormed().replaceAll('\0', '');
