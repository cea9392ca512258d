import { type LoggedEvent, RostrumError, WebinarEvent } from '@rostrum/contracts';
import { Drain } from '@rostrum/service-kit/drain';
import type { Logger } from 'pino';
import { type Database, type Tx, unavailable } from './database.ts';
import {
  type Also,
  type Append,
  type Claim,
  type Consequence,
  type CreatedEvent,
  type EventLog,
  FencedError,
  type NewEvent,
} from './event-log.ts';
import type { Schema } from './schema.ts';
import { addWebinar, claimWebinar, moveWebinar } from './webinars.ts';

export interface StoreObserver {
  committed(commit: { seconds: number; appends: number; events: number }): void;
  commitFailed(): void;
}

interface Waiting {
  readonly append: Append;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Rows of one INSERT: five parameters each, well below SQLite's 32,766. */
const ROWS_PER_INSERT = 1000;

/** The event log in the database: appends that come together share a transaction. */
export class EventRepository implements EventLog {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #observer: StoreObserver | null;
  readonly #consequences: Consequence[] = [];
  #waiting: Waiting[] = [];
  readonly #drain = new Drain(() => this.#commitWaiting());
  #closed = false;

  constructor(database: Database, logger: Logger, observer: StoreObserver | null) {
    this.#database = database;
    this.#logger = logger;
    this.#observer = observer;
  }

  /** What follows from every event created or appended from now on is written with it. */
  follow(consequence: Consequence): void {
    this.#consequences.push(consequence);
  }

  async create(webinarId: string, first: NewEvent<CreatedEvent>, own?: Also): Promise<void> {
    const also = this.#carried(webinarId, 0, [first], own);
    await this.#database.transact(async (tx) => {
      await addWebinar(tx, webinarId, first);
      await insertEvents(tx, [row(webinarId, 1, first)]);
      await also?.(tx);
    });
  }

  claim(webinarId: string): Promise<Claim | null> {
    return this.#database.transact((tx) => claimWebinar(tx, webinarId));
  }

  async read(webinarId: string, afterSeq: number, limit?: number): Promise<LoggedEvent[]> {
    const rows = await this.#database.query((db) => {
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
      const also = this.#carried(append.webinarId, append.expectedSeq, append.events, append.also);
      this.#waiting.push({ append: { ...append, also }, resolve, reject });
      this.#drain.wake();
    });
  }

  /** Waits for the commit under way; later appends reject with `unavailable`. Idempotent; the database stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#drain.settled();
  }

  /** All that belongs to the events: what their writer brings, and what follows from them. */
  #carried(
    webinarId: string,
    afterSeq: number,
    events: readonly NewEvent[],
    own: Also | undefined,
  ): Also | undefined {
    const numbered = events.map((e, i) => ({ ...e, seq: afterSeq + 1 + i }));
    const carried = this.#consequences.flatMap((of) => of(webinarId, numbered) ?? []);
    if (own) carried.unshift(own);
    if (carried.length === 0) return undefined;
    return async (tx) => {
      for (const also of carried) await also(tx);
    };
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
    let refused: Map<Waiting, Error>;
    try {
      refused = await this.#database.transact((tx) => writeGroup(this.#database, tx, ordered));
    } catch (error) {
      this.#observer?.commitFailed();
      this.#logger.error({ err: error, appends: group.length }, 'commit failed');
      const failure =
        error instanceof RostrumError && error.code === 'unavailable'
          ? error
          : new RostrumError('unavailable', 'the event log could not be written', { cause: error });
      for (const w of group) w.reject(failure);
      return;
    }
    const events = group.reduce((n, w) => n + (refused.has(w) ? 0 : w.append.events.length), 0);
    this.#observer?.committed({
      seconds: (performance.now() - startMs) / 1000,
      appends: group.length - refused.size,
      events,
    });
    for (const w of group) {
      const refusal = refused.get(w);
      if (refusal) this.#refuse(w, refusal);
      else w.resolve();
    }
  }

  #refuse({ append: { webinarId }, reject }: Waiting, refusal: Error): void {
    if (refusal instanceof RostrumError && refusal.code === 'unavailable') {
      this.#logger.error({ err: refusal, webinarId }, 'an append was given up for what it carries');
    }
    reject(refusal);
  }
}

/** Writes every append whose epoch and seq still hold, with its other rows; answers why the rest were not. */
async function writeGroup(
  database: Database,
  tx: Tx,
  group: readonly Waiting[],
): Promise<Map<Waiting, Error>> {
  const refused = new Map<Waiting, Error>();
  const rows: Schema['events'][] = [];
  for (const waiting of group) {
    const { append } = waiting;
    const { also } = append;
    if (!also) {
      if (await moveWebinar(tx, append)) rows.push(...rowsOf(append));
      else refused.set(waiting, new FencedError(append.webinarId));
      continue;
    }
    const attempt = await database.attempt(tx, async () => {
      if (!(await moveWebinar(tx, append))) throw new FencedError(append.webinarId);
      await insertEvents(tx, rowsOf(append));
      await also(tx);
    });
    if (attempt.kind === 'refused') refused.set(waiting, toldOf(attempt.error));
  }
  await insertEvents(tx, rows);
  return refused;
}

/** Mistakes in what `also` does are no answer to anybody, and no other answer than that of a commit that failed. */
const toldOf = (error: Error): Error =>
  error instanceof FencedError || error instanceof RostrumError
    ? error
    : unavailable('what belongs to the events could not be written', error);

async function insertEvents(tx: Tx, rows: readonly Schema['events'][]): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
    await tx
      .insertInto('events')
      .values(rows.slice(at, at + ROWS_PER_INSERT))
      .execute();
  }
}

const rowsOf = ({ webinarId, expectedSeq, events }: Append): Schema['events'][] =>
  events.map((e, i) => row(webinarId, expectedSeq + 1 + i, e));

const row = (webinarId: string, seq: number, { atUnixMs, event }: NewEvent): Schema['events'] => ({
  webinar_id: webinarId,
  seq,
  at_unix_ms: atUnixMs,
  type: event.type,
  body: JSON.stringify(event),
});

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
