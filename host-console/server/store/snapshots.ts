import { createHash } from 'node:crypto';
import type { Database, Tx } from './database.ts';
import type { Schema } from './schema.ts';
import { isWriter } from './webinars.ts';

/** A snapshot that is whole: its last row is written when all of it is durable. */
export interface SnapshotHead {
  readonly snapshotId: string;
  /** Of the last event in it. */
  readonly seq: number;
  /** Of what the parts say, and how. */
  readonly version: number;
  readonly parts: number;
  readonly checksum: string;
}

/** What is read is not what was written. */
export class SnapshotDamaged extends Error {
  readonly snapshotId: string;
  constructor(snapshotId: string, message: string, options?: ErrorOptions) {
    super(`snapshot ${snapshotId}: ${message}`, options);
    this.name = 'SnapshotDamaged';
    this.snapshotId = snapshotId;
  }
}

/**
 * States of webinars at some event, beside their logs. A snapshot is text in parts, so that neither writing nor reading a
 * large one holds anything else up. All methods throw `unavailable` when the database does not answer.
 */
export interface SnapshotStore {
  /** Newest first. */
  heads(webinarId: string): Promise<SnapshotHead[]>;
  /** The parts in order. Throws `SnapshotDamaged`, at the end at the latest: nothing is to be trusted before. */
  read(head: SnapshotHead): AsyncIterable<string>;
  /** Writes one, durable when it resolves, and forgets all but the newest two. False: fenced, and nothing is there. */
  write(snapshot: NewSnapshot, parts: Iterable<string>): Promise<boolean>;
  forget(snapshotId: string): Promise<void>;
  /**
   * Removes the events up to `throughSeq` that are older than `beforeUnixMs`, in order: none that has one in front of it
   * which stays. Answers how many. The caller has made sure that snapshots have what they came to.
   */
  prune(events: {
    readonly webinarId: string;
    readonly epoch: number;
    readonly throughSeq: number;
    readonly beforeUnixMs: number;
  }): Promise<number>;
  /** Ids of webinars that have ended, and whose first event is older than `beforeUnixMs` and has `spare` others after it. */
  prunable(beforeUnixMs: number, spare: number, limit: number): Promise<string[]>;
}

export interface NewSnapshot {
  readonly snapshotId: string;
  readonly webinarId: string;
  /** From `claim`. */
  readonly epoch: number;
  readonly seq: number;
  readonly version: number;
}

/** Snapshots of a webinar that are kept: a second one for when the first can't be read. */
const KEPT = 2;
/** Events removed in one transaction: others wait for it. */
const PRUNED_AT_ONCE = 5000;

const ENDED: readonly Schema['webinars']['phase'][] = ['ending', 'ended', 'unrecorded', 'cancelled'];

export class SnapshotRepository implements SnapshotStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async heads(webinarId: string): Promise<SnapshotHead[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('snapshots')
        .selectAll()
        .where('webinar_id', '=', webinarId)
        .orderBy('seq', 'desc')
        .orderBy('snapshot_id')
        .execute(),
    );
    return rows.map((r) => ({
      snapshotId: r.snapshot_id,
      seq: r.seq,
      version: r.version,
      parts: r.parts,
      checksum: r.checksum,
    }));
  }

  async *read(head: SnapshotHead): AsyncGenerator<string> {
    const hash = hashOf(head);
    for (let part = 0; part < head.parts; part += 1) {
      const row = await this.#database.query((db) =>
        db
          .selectFrom('snapshot_parts')
          .select('body')
          .where('snapshot_id', '=', head.snapshotId)
          .where('part', '=', part)
          .executeTakeFirst(),
      );
      if (!row) throw new SnapshotDamaged(head.snapshotId, `part ${part} is missing`);
      hash.update(`${row.body}\n`);
      yield row.body;
    }
    if (hash.digest('hex') !== head.checksum) {
      throw new SnapshotDamaged(head.snapshotId, 'the checksum is another');
    }
  }

  async write(snapshot: NewSnapshot, parts: Iterable<string>): Promise<boolean> {
    const { snapshotId, webinarId, epoch, seq, version } = snapshot;
    const hash = hashOf(snapshot);
    let count = 0;
    for (const body of parts) {
      hash.update(`${body}\n`);
      const row = { snapshot_id: snapshotId, webinar_id: webinarId, part: count, body };
      await this.#database.transact((tx) => tx.insertInto('snapshot_parts').values(row).execute());
      count += 1;
    }
    const checksum = hash.digest('hex');
    return this.#database.transact(async (tx) => {
      if (!(await isWriter(tx, webinarId, epoch))) {
        await tx.deleteFrom('snapshot_parts').where('snapshot_id', '=', snapshotId).execute();
        return false;
      }
      const row = { snapshot_id: snapshotId, webinar_id: webinarId, seq, version, parts: count, checksum };
      await tx.insertInto('snapshots').values(row).execute();
      await forgetAllBut(tx, webinarId, snapshotId);
      return true;
    });
  }

  async forget(snapshotId: string): Promise<void> {
    await this.#database.transact(async (tx) => {
      await tx.deleteFrom('snapshots').where('snapshot_id', '=', snapshotId).execute();
      await tx.deleteFrom('snapshot_parts').where('snapshot_id', '=', snapshotId).execute();
    });
  }

  async prune({ webinarId, epoch, throughSeq, beforeUnixMs }: Parameters<SnapshotStore['prune']>[0]) {
    const [first, kept] = await this.#database.query(async (db) => {
      const events = db.selectFrom('events').select('seq').where('webinar_id', '=', webinarId).orderBy('seq');
      return [
        await events.limit(1).executeTakeFirst(),
        await events.where('at_unix_ms', '>=', beforeUnixMs).limit(1).executeTakeFirst(),
      ] as const;
    });
    const last = Math.min(throughSeq, kept ? kept.seq - 1 : throughSeq);
    let pruned = 0;
    for (let seq = first?.seq ?? last + 1; seq <= last; seq += PRUNED_AT_ONCE) {
      const upTo = Math.min(last, seq + PRUNED_AT_ONCE - 1);
      const deleted = await this.#database.transact(async (tx) => {
        if (!(await isWriter(tx, webinarId, epoch))) return null;
        const result = await tx
          .deleteFrom('events')
          .where('webinar_id', '=', webinarId)
          .where('seq', '<=', upTo)
          .executeTakeFirst();
        return Number(result.numDeletedRows);
      });
      if (deleted === null) break;
      pruned += deleted;
    }
    return pruned;
  }

  async prunable(beforeUnixMs: number, spare: number, limit: number): Promise<string[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('webinars as w')
        .select('w.webinar_id')
        .where('w.phase', 'in', ENDED)
        // By the key, webinar by webinar: a join has SQLite look at every event there is.
        .where((eb) =>
          eb(
            eb
              .selectFrom('events as e')
              .select('e.at_unix_ms')
              .whereRef('e.webinar_id', '=', 'w.webinar_id')
              .where((of) => of('e.seq', '<=', of('w.last_seq', '-', spare)))
              .orderBy('e.seq')
              .limit(1),
            '<',
            beforeUnixMs,
          ),
        )
        .orderBy('w.created_unix_ms')
        .limit(limit)
        .execute(),
    );
    return rows.map((r) => r.webinar_id);
  }
}

const hashOf = ({ seq, version }: { readonly seq: number; readonly version: number }) =>
  createHash('sha256').update(`${version} ${seq}\n`);

/** The one just written, and the newest of the others; with what a writer left that died before its last row. */
async function forgetAllBut(tx: Tx, webinarId: string, written: string): Promise<void> {
  const others = await tx
    .selectFrom('snapshots')
    .select('snapshot_id')
    .where('webinar_id', '=', webinarId)
    .where('snapshot_id', '!=', written)
    .orderBy('seq', 'desc')
    .limit(KEPT - 1)
    .execute();
  const kept = [written, ...others.map((r) => r.snapshot_id)];
  for (const table of ['snapshots', 'snapshot_parts'] as const) {
    await tx
      .deleteFrom(table)
      .where('webinar_id', '=', webinarId)
      .where('snapshot_id', 'not in', kept)
      .execute();
  }
}
