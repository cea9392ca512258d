import {
  KeptTitle,
  KeptUnixMs,
  type LoggedEvent,
  ProfileNameSchema,
  RostrumError,
  WebinarEvent,
} from '@rostrum/contracts';
import { Drain } from '@rostrum/service-kit/drain';
import type { Kysely, Transaction } from 'kysely';
import type { Logger } from 'pino';
import { z } from 'zod';
import {
  type Append,
  type Claim,
  type EventStore,
  FencedError,
  type PageOrigin,
  type WebinarRow,
} from './event-store.ts';
import type { Schema } from './schema.ts';
import { KyselySnapshots, type SnapshotStore } from './snapshots.ts';

/** How an engine is opened. Called again after a failed commit. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  /** Opens, checks and migrates. Throws an error with a message for the operator. */
  open(): Promise<Kysely<Schema>>;
}

/** As lenient as the log's own events: no stored value may take the list of webinars down. */
const Summary = z.object({ title: KeptTitle, startsAtUnixMs: KeptUnixMs, profile: ProfileNameSchema });

interface Waiting {
  readonly append: Append;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface StoreObserver {
  committed(commit: { seconds: number; appends: number; events: number }): void;
  commitFailed(): void;
}

/** Rows of one INSERT: five parameters each, well below SQLite's 32,766. */
const ROWS_PER_INSERT = 1000;

/** The event log over any engine Kysely speaks to. See `EventStore` for what it promises. */
export class KyselyEventStore implements EventStore {
  readonly snapshots: SnapshotStore = new KyselySnapshots({
    transact: (work) => this.#transact(work),
    query: (work) => this.#query(work),
  });
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #observer: StoreObserver | null;
  /** null after a failed commit, until the next use opens it anew: what a failed fsync left behind is not to be trusted. */
  #db: Kysely<Schema> | null;
  #opening: Promise<Kysely<Schema>> | null = null;
  #waiting: Waiting[] = [];
  readonly #drain = new Drain(() => this.#commitWaiting());
  #closed = false;
  /** SQLite has one connection: a transaction and what is beside it take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(engine: Engine, db: Kysely<Schema>, logger: Logger, observer: StoreObserver | null) {
    this.#engine = engine;
    this.#db = db;
    this.#logger = logger;
    this.#observer = observer;
  }

  static async open(engine: Engine, logger: Logger, observer?: StoreObserver): Promise<KyselyEventStore> {
    return new KyselyEventStore(engine, await engine.open(), logger, observer ?? null);
  }

  async create(
    webinarId: string,
    first: { atUnixMs: number; event: Extract<WebinarEvent, { type: 'webinar.created' }> },
  ): Promise<void> {
    const { title, startsAtUnixMs, profile } = first.event;
    await this.#transact(async (trx) => {
      await trx
        .insertInto('webinars')
        .values({
          webinar_id: webinarId,
          created_unix_ms: first.atUnixMs,
          summary: JSON.stringify({ title, startsAtUnixMs, profile }),
          phase: 'scheduled',
          epoch: 0,
          last_seq: 1,
          link_generation: 0,
        })
        .execute();
      await trx
        .insertInto('events')
        .values(row(webinarId, 1, first))
        .execute();
    });
  }

  async claim(webinarId: string): Promise<Claim | null> {
    return this.#transact(async (trx) => {
      // Under PostgreSQL this waits for an older writer's transaction that holds the row, and then shuts it out.
      const claimed = await trx
        .updateTable('webinars')
        .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
        .where('webinar_id', '=', webinarId)
        .returning(['epoch', 'last_seq'])
        .executeTakeFirst();
      return claimed ? { epoch: claimed.epoch, lastSeq: claimed.last_seq } : null;
    });
  }

  async read(webinarId: string, afterSeq: number, limit?: number): Promise<LoggedEvent[]> {
    const rows = await this.#query((db) => {
      const after = db
        .selectFrom('events')
        .select(['seq', 'at_unix_ms', 'body'])
        .where('webinar_id', '=', webinarId)
        .where('seq', '>', afterSeq)
        .orderBy('seq');
      return (limit === undefined ? after : after.limit(limit)).execute();
    });
    return rows.map((r) => ({
      seq: r.seq,
      atUnixMs: Number(r.at_unix_ms),
      event: WebinarEvent.parse(JSON.parse(r.body)),
    }));
  }

  append(append: Append): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable('the event log is closed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, resolve, reject });
      this.#drain.wake();
    });
  }

  async list(limit: number): Promise<WebinarRow[]> {
    const rows = await this.#query((db) =>
      db
        .selectFrom('webinars')
        .selectAll()
        .where('phase', 'not in', ['cancelled', 'removed'])
        .orderBy('created_unix_ms', 'desc')
        .orderBy('webinar_id')
        .limit(limit)
        .execute(),
    );
    return rows.map(webinarRow);
  }

  live(): Promise<string[]> {
    return this.#inPhases('live');
  }

  unsettled(): Promise<string[]> {
    return this.#inPhases('ending', 'deleting');
  }

  async recordedBefore(endedUnixMs: number, limit: number): Promise<string[]> {
    const rows = await this.#query((db) =>
      db
        .selectFrom('webinars')
        .select('webinar_id')
        .where('phase', '=', 'ended')
        .where('ended_unix_ms', '<', endedUnixMs)
        .orderBy('ended_unix_ms')
        .limit(limit)
        .execute(),
    );
    return rows.map((r) => r.webinar_id);
  }

  async #inPhases(...phases: RowPhase[]): Promise<string[]> {
    const rows = await this.#query((db) =>
      db.selectFrom('webinars').select('webinar_id').where('phase', 'in', phases).execute(),
    );
    return rows.map((r) => r.webinar_id);
  }

  async find(webinarId: string): Promise<WebinarRow | null> {
    const found = await this.#query((db) =>
      db.selectFrom('webinars').selectAll().where('webinar_id', '=', webinarId).executeTakeFirst(),
    );
    return found ? webinarRow(found) : null;
  }

  async ownerGeneration(): Promise<number> {
    const row = await this.#query((db) =>
      db.selectFrom('installation').select('owner_generation').executeTakeFirst(),
    );
    return row?.owner_generation ?? 0;
  }

  revokeOwnerLinks(): Promise<number> {
    return this.#transact(async (trx) => {
      const row = await trx
        .updateTable('installation')
        .set((eb) => ({ owner_generation: eb('owner_generation', '+', 1) }))
        .returning('owner_generation')
        .executeTakeFirstOrThrow();
      return row.owner_generation;
    });
  }

  async pageOrigins(sinceUnixMs: number): Promise<PageOrigin[]> {
    const rows = await this.#query((db) =>
      db.selectFrom('page_origins').selectAll().where('seen_unix_ms', '>=', sinceUnixMs).execute(),
    );
    return rows.map((r) => ({ origin: r.origin, seenUnixMs: Number(r.seen_unix_ms) }));
  }

  async keepPageOrigin({ origin, seenUnixMs }: PageOrigin, forgetBeforeUnixMs: number): Promise<void> {
    await this.#transact(async (trx) => {
      await trx.deleteFrom('page_origins').where('seen_unix_ms', '<', forgetBeforeUnixMs).execute();
      await trx
        .insertInto('page_origins')
        .values({ origin, seen_unix_ms: seenUnixMs })
        .onConflict((conflict) => conflict.column('origin').doUpdateSet({ seen_unix_ms: seenUnixMs }))
        .execute();
    });
  }

  async check(): Promise<void> {
    await this.#query((db) => db.selectFrom('webinars').select('webinar_id').limit(1).execute());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#drain.settled();
    await this.#exclusively(async () => {
      const db = this.#db;
      this.#db = null;
      await db?.destroy();
    });
  }

  async #commitWaiting(): Promise<void> {
    // Everything that arrives in this round of the event loop shares the first transaction too.
    await new Promise((resolve) => setImmediate(resolve));
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length > 0) await this.#commit(group);
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const startMs = performance.now();
    // One order for all processes, so that two group commits cannot wait for each other's rows.
    const ordered = group.toSorted((a, b) => compare(a.append.webinarId, b.append.webinarId));
    let fenced: Set<Waiting>;
    try {
      fenced = await this.#transact((trx) => writeGroup(trx, ordered));
    } catch (error) {
      this.#observer?.commitFailed();
      this.#logger.error({ err: error, appends: group.length }, 'commit failed');
      const failure =
        error instanceof RostrumError ? error : unavailable('the event log could not be written', error);
      for (const w of group) w.reject(failure);
      return;
    }
    const events = group.reduce((n, w) => n + (fenced.has(w) ? 0 : w.append.events.length), 0);
    this.#observer?.committed({
      seconds: (performance.now() - startMs) / 1000,
      appends: group.length - fenced.size,
      events,
    });
    for (const w of group) {
      if (fenced.has(w)) w.reject(new FencedError(w.append.webinarId));
      else w.resolve();
    }
  }

  #transact<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#exclusively(async () => {
      const db = await this.#open();
      try {
        return await db.transaction().execute(work);
      } catch (error) {
        await this.#discard();
        throw unavailable('the event log could not be written', error);
      }
    });
  }

  /** Reads go beside a commit under way in PostgreSQL; in SQLite they take their turn. */
  #query<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    const run = async () => {
      const db = await this.#open();
      try {
        return await work(db);
      } catch (error) {
        throw unavailable('the event log could not be read', error);
      }
    };
    return this.#engine.name === 'sqlite' ? this.#exclusively(run) : run();
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #open(): Promise<Kysely<Schema>> {
    if (this.#db) return this.#db;
    if (this.#closed) throw unavailable('the event log is closed');
    this.#opening ??= this.#engine.open().finally(() => {
      this.#opening = null;
    });
    try {
      this.#db = await this.#opening;
    } catch (error) {
      throw unavailable('the event log cannot be opened', error);
    }
    this.#logger.info({ engine: this.#engine.name }, 'event log opened again');
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

/** Writes every append whose epoch and seq still hold; answers those that were fenced. */
async function writeGroup(trx: Transaction<Schema>, group: readonly Waiting[]): Promise<Set<Waiting>> {
  const fenced = new Set<Waiting>();
  const rows: Schema['events'][] = [];
  for (const waiting of group) {
    const { webinarId, epoch, expectedSeq, events } = waiting.append;
    const phase = phaseAfter(events.map((e) => e.event));
    const endedUnixMs = events.find((e) => e.event.type === 'webinar.ended')?.atUnixMs;
    const revocations = events.filter((e) => e.event.type === 'links.revoked').length;
    const updated = await trx
      .updateTable('webinars')
      .set((eb) => ({
        last_seq: expectedSeq + events.length,
        ...(phase ? { phase } : {}),
        ...(endedUnixMs === undefined ? {} : { ended_unix_ms: endedUnixMs }),
        ...(revocations > 0 ? { link_generation: eb('link_generation', '+', revocations) } : {}),
      }))
      .where('webinar_id', '=', webinarId)
      .where('epoch', '=', epoch)
      .where('last_seq', '=', expectedSeq)
      .executeTakeFirst();
    if (updated.numUpdatedRows !== 1n) fenced.add(waiting);
    else rows.push(...events.map((e, i) => row(webinarId, expectedSeq + 1 + i, e)));
  }
  for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
    await trx
      .insertInto('events')
      .values(rows.slice(at, at + ROWS_PER_INSERT))
      .execute();
  }
  return fenced;
}

type RowPhase = Schema['webinars']['phase'];

/** The row's phase after these events; null: as it was. */
function phaseAfter(events: readonly WebinarEvent[]): RowPhase | null {
  return events.reduce<RowPhase | null>((phase, event) => phaseOf(event) ?? phase, null);
}

function phaseOf(event: WebinarEvent): RowPhase | null {
  switch (event.type) {
    case 'webinar.wentLive':
      return 'live';
    case 'webinar.ended':
      if (event.recording === undefined) return 'ended';
      return event.recording === 'pending' ? 'ending' : 'unrecorded';
    case 'webinar.recordingSettled':
      return event.recorded ? 'ended' : 'unrecorded';
    case 'recording.deleted':
      return 'deleting';
    case 'recording.erased':
      return 'deleted';
    case 'webinar.cancelled':
      return event.recording === 'deleted' ? 'removed' : 'cancelled';
    default:
      return null;
  }
}

const TOLD: Readonly<Record<RowPhase, Pick<WebinarRow, 'phase' | 'recording'>>> = {
  scheduled: { phase: 'scheduled', recording: 'none' },
  live: { phase: 'live', recording: 'none' },
  ending: { phase: 'ended', recording: 'pending' },
  ended: { phase: 'ended', recording: 'ready' },
  unrecorded: { phase: 'ended', recording: 'none' },
  cancelled: { phase: 'ended', recording: 'none' },
  deleting: { phase: 'ended', recording: 'deleting' },
  deleted: { phase: 'ended', recording: 'deleted' },
  removed: { phase: 'ended', recording: 'deleted' },
};

const row = (
  webinarId: string,
  seq: number,
  { atUnixMs, event }: { atUnixMs: number; event: WebinarEvent },
): Schema['events'] => ({
  webinar_id: webinarId,
  seq,
  at_unix_ms: atUnixMs,
  type: event.type,
  body: JSON.stringify(event),
});

const webinarRow = (r: Schema['webinars']): WebinarRow => ({
  webinarId: r.webinar_id,
  ...Summary.parse(JSON.parse(r.summary)),
  ...TOLD[r.phase],
  createdUnixMs: Number(r.created_unix_ms),
  linkGeneration: r.link_generation,
});

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const unavailable = (message: string, cause?: unknown): RostrumError =>
  cause instanceof RostrumError
    ? cause
    : new RostrumError('unavailable', message, cause === undefined ? {} : { cause });
