import { RegistrationAnswers, type RegistrationStateName, RostrumError } from '@rostrum/contracts';
import { z } from 'zod';
import type { Database, Reader, Tx } from './database.ts';
import type { Schema } from './schema.ts';

/** Somebody who registered. */
export interface RegistrationRow {
  readonly registrationId: string;
  readonly webinarId: string;
  /** From 1, in the order in which they came: the first who waits is the first to have a place. */
  readonly number: number;
  /** As `mailAddress` has it; one registration each in a webinar. */
  readonly address: string;
  readonly name: string;
  readonly answers: RegistrationAnswers;
  readonly locale: 'en' | 'de';
  readonly state: RegistrationStateName;
  readonly createdUnixMs: number;
  readonly changedUnixMs: number;
  /** Who they are in the webinar, by their personal link. */
  readonly personId: string;
  readonly linkId: string;
  readonly joinedUnixMs: number | null;
  readonly unsubscribedUnixMs: number | null;
}

export type NewRegistration = Omit<RegistrationRow, 'number' | 'joinedUnixMs' | 'unsubscribedUnixMs'>;

/** What a webinar's registrations share. Held by whoever has it of a transaction, until that ends. */
export interface RegistrationDesk {
  readonly webinarId: string;
  /** Of the calendar entries that are mailed (RFC 5546 section 2.1.4): how often what they say was changed. */
  readonly sequence: number;
  /** What was mailed last of when it is, as JSON; null: nothing yet. */
  readonly told: string | null;
}

/** What is to be done for all of a webinar's registrations, one after the other. */
export interface RegistrationTask {
  readonly webinarId: string;
  readonly kind: string;
  /** Of the desk's `sequence` when it was put there: mails of the same version are sent once. */
  readonly version: number;
  readonly dueUnixMs: number;
  /** It is done for those up to this number. */
  readonly afterNumber: number;
}

export interface RegistrationQuery {
  readonly webinarId: string;
  readonly state: RegistrationStateName | null;
  /** Part of name or address, whatever its case. */
  readonly search: string;
  /** Those with smaller numbers; null: from the newest on. */
  readonly beforeNumber: number | null;
  readonly limit: number;
}

/** Nobody holds a webinar of more: what strangers write has an end. */
const MOST = 200_000;

/** Who registered for webinars, and what is to be told to them. */
export class RegistrationRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Holds the webinar's desk until the transaction ends, so that nothing of its registrations changes meanwhile. Throws `conflict` for an unknown webinar. */
  async hold(tx: Tx, webinarId: string): Promise<RegistrationDesk> {
    await tx
      .insertInto('registration_desks')
      .values({ webinar_id: webinarId, last_number: 0, sequence: 0, told: null })
      .onConflict((conflict) => conflict.column('webinar_id').doNothing())
      .execute();
    const row = await tx
      .updateTable('registration_desks')
      .set((eb) => ({ sequence: eb.ref('sequence') }))
      .where('webinar_id', '=', webinarId)
      .returningAll()
      .executeTakeFirstOrThrow();
    return { webinarId, sequence: row.sequence, told: row.told };
  }

  /** As it is now, for who only looks. */
  deskOf(webinarId: string): Promise<RegistrationDesk> {
    return this.#database.query(async (db) => {
      const row = await db
        .selectFrom('registration_desks')
        .selectAll()
        .where('webinar_id', '=', webinarId)
        .executeTakeFirst();
      return { webinarId, sequence: row?.sequence ?? 0, told: row?.told ?? null };
    });
  }

  /** Of a desk that is held. */
  async setDesk(tx: Tx, { webinarId, sequence, told }: RegistrationDesk): Promise<void> {
    await tx
      .updateTable('registration_desks')
      .set({ sequence, told })
      .where('webinar_id', '=', webinarId)
      .execute();
  }

  /** Of a desk that is held. Throws `conflict` where the address is registered already, and `limit-reached`. */
  async add(tx: Tx, registration: NewRegistration): Promise<RegistrationRow> {
    const number = await nextNumber(tx, registration.webinarId);
    const row = { ...registration, number, joinedUnixMs: null, unsubscribedUnixMs: null };
    await tx.insertInto('registrations').values(written(row)).execute();
    return row;
  }

  /** Somebody who had cancelled is there anew, behind all who came meanwhile; their old link is good for nothing. */
  async renew(tx: Tx, registration: NewRegistration): Promise<RegistrationRow> {
    const number = await nextNumber(tx, registration.webinarId);
    const row = { ...registration, number, joinedUnixMs: null, unsubscribedUnixMs: null };
    const { registration_id: id, ...values } = written(row);
    await tx.updateTable('registrations').set(values).where('registration_id', '=', id).execute();
    return row;
  }

  async setState(
    tx: Tx,
    registrationIds: readonly string[],
    state: RegistrationStateName,
    changedUnixMs: number,
  ): Promise<void> {
    if (registrationIds.length === 0) return;
    await tx
      .updateTable('registrations')
      .set({ state, changed_unix_ms: changedUnixMs })
      .where('registration_id', 'in', [...registrationIds])
      .execute();
  }

  async ofAddress(db: Reader, webinarId: string, address: string): Promise<RegistrationRow | null> {
    const row = await db
      .selectFrom('registrations')
      .selectAll()
      .where('webinar_id', '=', webinarId)
      .where('address', '=', address)
      .executeTakeFirst();
    return row ? read(row) : null;
  }

  /** Those of the webinar with these ids, in their order of coming. */
  async withIds(db: Reader, webinarId: string, ids: readonly string[]): Promise<RegistrationRow[]> {
    if (ids.length === 0) return [];
    const rows = await db
      .selectFrom('registrations')
      .selectAll()
      .where('webinar_id', '=', webinarId)
      .where('registration_id', 'in', [...ids])
      .orderBy('number')
      .execute();
    return rows.map(read);
  }

  find(registrationId: string): Promise<RegistrationRow | null> {
    return this.#database.query(async (db) => {
      const row = await db
        .selectFrom('registrations')
        .selectAll()
        .where('registration_id', '=', registrationId)
        .executeTakeFirst();
      return row ? read(row) : null;
    });
  }

  /** In the order in which they came, those behind `afterNumber`. */
  async inOrder(
    db: Reader,
    webinarId: string,
    states: readonly RegistrationStateName[],
    afterNumber: number,
    limit: number,
  ): Promise<RegistrationRow[]> {
    const rows = await db
      .selectFrom('registrations')
      .selectAll()
      .where('webinar_id', '=', webinarId)
      .where('state', 'in', [...states])
      .where('number', '>', afterNumber)
      .orderBy('number')
      .limit(limit)
      .execute();
    return rows.map(read);
  }

  page(
    webinarId: string,
    states: readonly RegistrationStateName[],
    afterNumber: number,
    limit: number,
  ): Promise<RegistrationRow[]> {
    return this.#database.query((db) => this.inOrder(db, webinarId, states, afterNumber, limit));
  }

  /** The newest first. */
  list({ webinarId, state, search, beforeNumber, limit }: RegistrationQuery): Promise<RegistrationRow[]> {
    return this.#database.query(async (db) => {
      let query = db.selectFrom('registrations').selectAll().where('webinar_id', '=', webinarId);
      if (state !== null) query = query.where('state', '=', state);
      if (beforeNumber !== null) query = query.where('number', '<', beforeNumber);
      const wanted = search.trim().toLowerCase();
      if (wanted !== '') {
        query = query.where((eb) =>
          eb(eb.fn<number>(POSITION[this.#database.engine], ['search', eb.val(wanted)]), '>', 0),
        );
      }
      const rows = await query.orderBy('number', 'desc').limit(limit).execute();
      return rows.map(read);
    });
  }

  async counts(db: Reader, webinarId: string): Promise<Record<RegistrationStateName, number>> {
    const rows = await db
      .selectFrom('registrations')
      .select(['state', (eb) => eb.fn.countAll().as('many')])
      .where('webinar_id', '=', webinarId)
      .groupBy('state')
      .execute();
    const counts = { pending: 0, approved: 0, waiting: 0, refused: 0, cancelled: 0 };
    for (const { state, many } of rows) counts[state] = Number(many);
    return counts;
  }

  countsOf(webinarId: string): Promise<Record<RegistrationStateName, number>> {
    return this.#database.query((db) => this.counts(db, webinarId));
  }

  /** The first time counts. */
  async markJoined(registrationId: string, atUnixMs: number): Promise<void> {
    await this.#database.transact((tx) =>
      tx
        .updateTable('registrations')
        .set({ joined_unix_ms: atUnixMs })
        .where('registration_id', '=', registrationId)
        .where('joined_unix_ms', 'is', null)
        .execute(),
    );
  }

  /** null: they want mails again. */
  async setUnsubscribed(tx: Tx, registrationId: string, atUnixMs: number | null): Promise<void> {
    await tx
      .updateTable('registrations')
      .set({ unsubscribed_unix_ms: atUnixMs })
      .where('registration_id', '=', registrationId)
      .execute();
  }

  /** Instead of the one of its kind, where there is one. */
  async putTask(tx: Tx, task: RegistrationTask): Promise<void> {
    const { webinarId, kind, version, dueUnixMs, afterNumber } = task;
    const values = { version, due_unix_ms: dueUnixMs, after_number: afterNumber };
    await tx
      .insertInto('registration_tasks')
      .values({ webinar_id: webinarId, kind, ...values })
      .onConflict((conflict) => conflict.columns(['webinar_id', 'kind']).doUpdateSet(values))
      .execute();
  }

  async dropTasks(tx: Tx, webinarId: string, kinds: readonly string[]): Promise<void> {
    await tx
      .deleteFrom('registration_tasks')
      .where('webinar_id', '=', webinarId)
      .where('kind', 'in', [...kinds])
      .execute();
  }

  /** The first ones that are due. */
  dueTasks(nowUnixMs: number, limit: number): Promise<RegistrationTask[]> {
    return this.#database.query(async (db) => {
      const rows = await db
        .selectFrom('registration_tasks')
        .selectAll()
        .where('due_unix_ms', '<=', nowUnixMs)
        .orderBy('due_unix_ms')
        .orderBy('webinar_id')
        .limit(limit)
        .execute();
      return rows.map(task);
    });
  }

  /** As it is now; null: it is done, or was dropped. */
  async task(db: Reader, webinarId: string, kind: string): Promise<RegistrationTask | null> {
    const row = await db
      .selectFrom('registration_tasks')
      .selectAll()
      .where('webinar_id', '=', webinarId)
      .where('kind', '=', kind)
      .executeTakeFirst();
    return row ? task(row) : null;
  }

  /** All that is known of somebody in it. */
  async forget(tx: Tx, registrationIds: readonly string[]): Promise<void> {
    if (registrationIds.length === 0) return;
    await tx
      .deleteFrom('registrations')
      .where('registration_id', 'in', [...registrationIds])
      .execute();
  }
}

/** Where a text stands in another one: the same function by two names. */
const POSITION = { sqlite: 'instr', postgres: 'strpos' } as const;

async function nextNumber(tx: Tx, webinarId: string): Promise<number> {
  const { last_number: number } = await tx
    .updateTable('registration_desks')
    .set((eb) => ({ last_number: eb('last_number', '+', 1) }))
    .where('webinar_id', '=', webinarId)
    .returning('last_number')
    .executeTakeFirstOrThrow();
  if (number > MOST) throw new RostrumError('limit-reached', `a webinar has at most ${MOST} registrations`);
  return number;
}

const Details = z.object({
  name: z.string().catch(''),
  answers: RegistrationAnswers.catch({}),
});

function written(row: RegistrationRow): Schema['registrations'] {
  const { name, answers, address } = row;
  return {
    registration_id: row.registrationId,
    webinar_id: row.webinarId,
    number: row.number,
    address,
    search: `${name}\n${address}`.toLowerCase(),
    details: JSON.stringify({ name, answers }),
    locale: row.locale,
    state: row.state,
    created_unix_ms: row.createdUnixMs,
    changed_unix_ms: row.changedUnixMs,
    person_id: row.personId,
    link_id: row.linkId,
    joined_unix_ms: row.joinedUnixMs,
    unsubscribed_unix_ms: row.unsubscribedUnixMs,
  };
}

const read = (row: Schema['registrations']): RegistrationRow => ({
  registrationId: row.registration_id,
  webinarId: row.webinar_id,
  number: row.number,
  address: row.address,
  ...Details.parse(JSON.parse(row.details)),
  locale: row.locale,
  state: row.state,
  createdUnixMs: Number(row.created_unix_ms),
  changedUnixMs: Number(row.changed_unix_ms),
  personId: row.person_id,
  linkId: row.link_id,
  joinedUnixMs: numberOrNull(row.joined_unix_ms),
  unsubscribedUnixMs: numberOrNull(row.unsubscribed_unix_ms),
});

const task = (row: Schema['registration_tasks']): RegistrationTask => ({
  webinarId: row.webinar_id,
  kind: row.kind,
  version: row.version,
  dueUnixMs: Number(row.due_unix_ms),
  afterNumber: row.after_number,
});

/** PostgreSQL's driver answers a `bigint` as text. */
const numberOrNull = (value: number | string | null): number | null =>
  value === null ? null : Number(value);
