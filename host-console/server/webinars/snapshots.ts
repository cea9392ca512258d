import type { Logger } from 'pino';
import type { Clock, Ids } from '../ports.ts';
import { SnapshotDamaged, type SnapshotHead, type WebinarLog } from '../store/index.ts';
import type { FoldedState } from './fold.ts';
import { SNAPSHOT_VERSION, SnapshotReader, writeSnapshot } from './snapshot.ts';

export interface SnapshotPolicy {
  /** A snapshot is written when there are so many events after the last one: as many a start has to read. */
  readonly everyEvents: number;
  /** Events older than this are removed once two snapshots have them; 0: never. */
  readonly logKeepMs: number;
}

export const SNAPSHOT_POLICY: SnapshotPolicy = { everyEvents: 5000, logKeepMs: 0 };

export interface SnapshotsOptions {
  readonly webinarId: string;
  readonly store: WebinarLog;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly policy: SnapshotPolicy;
  /** Events that stay in the log however old they are: those that clients who come back may ask for. */
  readonly spareEvents: number;
}

/** A webinar's snapshots: read at a start, and written beside the work, one at a time. A failure is told and costs nothing else. */
export class Snapshots {
  readonly #o: SnapshotsOptions;
  /** Of the last snapshot that was tried. */
  #seq = 0;
  #running: Promise<void> | null = null;

  constructor(options: SnapshotsOptions) {
    this.#o = options;
  }

  get idle(): boolean {
    return this.#running === null;
  }

  /** Resolves when none is being written. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** The newest state that can be read, up to `lastSeq`; null: the log has to be read from its beginning. */
  async newest(lastSeq: number): Promise<FoldedState | null> {
    const { store, webinarId } = this.#o;
    for (const head of await store.snapshots.heads(webinarId)) {
      if (head.seq > lastSeq) continue;
      const state = await this.#read(head);
      if (!state) continue;
      this.#seq = state.seq;
      return state;
    }
    return null;
  }

  /** Call when the state has changed: writes it when that is due. `epoch`: of the caller's claim. */
  look(state: FoldedState, epoch: number): void {
    if (this.#running || state.seq - this.#seq < this.#o.policy.everyEvents) return;
    this.#seq = state.seq;
    this.#start(async () => {
      if (await this.#write(state, epoch)) await this.#shorten(state, epoch);
    });
  }

  /** Removes events that are old enough, after making sure that what they came to is kept twice. */
  async retain(state: FoldedState, epoch: number): Promise<void> {
    await this.settled();
    this.#start(() => this.#shorten(state, epoch));
    await this.settled();
  }

  #start(work: () => Promise<void>): void {
    const { logger, webinarId } = this.#o;
    this.#running = work()
      .catch((error: unknown) => logger.warn({ err: error, webinarId }, 'no snapshot was written'))
      .finally(() => {
        this.#running = null;
      });
  }

  async #write(state: FoldedState, epoch: number): Promise<boolean> {
    const { store, webinarId, ids, logger } = this.#o;
    const { seq } = state;
    const snapshot = { snapshotId: ids.next(), webinarId, epoch, seq, version: SNAPSHOT_VERSION };
    const written = await store.snapshots.write(snapshot, writeSnapshot(state));
    if (written) logger.debug({ webinarId, seq }, 'snapshot written');
    return written;
  }

  /** null: it does not fit, or is damaged; that is told. */
  async #read(head: SnapshotHead): Promise<FoldedState | null> {
    const { store, webinarId, logger } = this.#o;
    if (head.version !== SNAPSHOT_VERSION) return null;
    const reader = new SnapshotReader(webinarId, head.seq);
    const parts = store.snapshots.read(head);
    try {
      for await (const part of parts) add(reader, part, head);
      return reader.state();
    } catch (error) {
      if (!(error instanceof SnapshotDamaged)) throw error;
      logger.error({ err: error, webinarId, seq: head.seq }, 'a snapshot is damaged and left out');
      return null;
    }
  }

  async #shorten(state: FoldedState, epoch: number): Promise<void> {
    const { store, webinarId, policy, clock, logger, spareEvents } = this.#o;
    if (policy.logKeepMs === 0 || state.seq <= spareEvents) return;
    const beforeUnixMs = clock.nowUnixMs() - policy.logKeepMs;
    const [first] = await store.events.read(webinarId, 0, 1);
    if (!first || first.atUnixMs >= beforeUnixMs) return;
    const kept = await this.#keptTwice(state, epoch);
    if (kept === null) return;
    const throughSeq = Math.min(kept, state.seq - spareEvents);
    const pruned = await store.snapshots.prune({ webinarId, epoch, throughSeq, beforeUnixMs });
    if (pruned > 0) logger.info({ webinarId, pruned }, 'old events were removed; snapshots have them');
  }

  /** Up to which event two snapshots that were read again have everything. null: another writer has the webinar. */
  async #keptTwice(state: FoldedState, epoch: number): Promise<number | null> {
    const { snapshots } = this.#o.store;
    for (let tries = 0; tries <= 2; tries += 1) {
      const good: number[] = [];
      for (const head of await snapshots.heads(this.#o.webinarId)) {
        if (head.seq <= state.seq && (await this.#read(head))) good.push(head.seq);
        else await snapshots.forget(head.snapshotId);
      }
      const second = good[1];
      if (second !== undefined) return second;
      if (!(await this.#write(state, epoch))) return null;
    }
    return null;
  }
}

/** A part whose bytes are right but that says something else comes from a version that forgot to say so. */
function add(reader: SnapshotReader, part: string, head: SnapshotHead): void {
  try {
    reader.add(part);
  } catch (error) {
    throw new SnapshotDamaged(head.snapshotId, 'a part says something else', { cause: error });
  }
}
