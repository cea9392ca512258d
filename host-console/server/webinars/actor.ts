import { type LoggedEvent, RostrumError, type WebinarEvent } from '@rostrum/contracts';
import { Drain } from '@rostrum/service-kit/drain';
import type { Logger } from 'pino';
import { type Clock, type Ids, randomIds } from '../ports.ts';
import { type Also, FencedError, type WebinarLog } from '../store/index.ts';
import { condense, type Decided } from './condense.ts';
import { Doubt } from './doubt.ts';
import { Draft, emptyState, type FoldedState, foldAll } from './fold.ts';
import { SNAPSHOT_POLICY, type SnapshotPolicy, Snapshots } from './snapshots.ts';
import { Toggles } from './toggles.ts';

/** Decides on the newest state. Returns events (none: nothing changes) or throws `RostrumError`. Must be pure. */
export type Decision = (state: FoldedState) => readonly WebinarEvent[];

export interface ActorEvents {
  /** Durable events, in order, and the state after them. Must not throw. */
  committed(actor: WebinarActor, events: readonly LoggedEvent[], state: FoldedState): void;
  /** Another writer has the webinar; this actor answers nothing any more. */
  fenced(actor: WebinarActor): void;
}

interface Waiting {
  readonly decision: Decision;
  /** Rows that are durable with its events. */
  readonly also?: Also | undefined;
  readonly resolve: (state: FoldedState) => void;
  readonly reject: (error: unknown) => void;
}

/** Events kept in memory for clients that come back. */
export const TAIL_EVENTS = 500;

/** Events read from the log at once. */
const PAGE_EVENTS = 2000;

/** How often it is looked whether what was held back may go on, ms. */
const TOGGLE_BEAT_MS = 250;

/** With which a webinar's phase begins. */
export const PHASE_EVENTS: ReadonlySet<WebinarEvent['type']> = new Set([
  'doors.opened',
  'doors.closed',
  'webinar.wentLive',
  'webinar.ended',
  'webinar.cancelled',
  'recording.deleted',
]);

/** How it stands with the log. `unsure`: an append failed, so the log may hold more than `state`. */
type Standing =
  | { readonly kind: 'writing'; readonly epoch: number }
  | { readonly kind: 'unsure' }
  | { readonly kind: 'fenced' };

/**
 * The single writer of one webinar's log, with its state in memory. Commands that arrive while a commit runs are
 * decided one after the other, each on the state the one before it leads to, and share the next commit; none is
 * answered before it is durable.
 */
export class WebinarActor {
  readonly webinarId: string;
  readonly #store: WebinarLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #events: ActorEvents;
  #state: FoldedState;
  #standing: Standing;
  #tail: LoggedEvent[];
  #waiting: Waiting[] = [];
  readonly #toggles = new Toggles<Waiting>();
  #beat: NodeJS.Timeout | null = null;
  readonly #drain = new Drain(() => this.#commitWaiting());
  readonly #doubt: Doubt;
  readonly #snapshots: Snapshots;

  private constructor(options: ActorOptions, snapshots: Snapshots, found: Found, epoch: number) {
    this.webinarId = options.webinarId;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger.child({ webinarId: options.webinarId });
    this.#events = options.events;
    this.#doubt = new Doubt(
      () => this.#clock.nowMs(),
      this.#logger,
      () => this.#drain.wake(),
    );
    this.#state = found.state;
    this.#standing = { kind: 'writing', epoch };
    this.#tail = found.tail;
    this.#snapshots = snapshots;
    snapshots.look(found.state, epoch);
  }

  /** Claims the webinar and reads its newest snapshot and the log after that. null: no such webinar. */
  static async load(options: ActorOptions): Promise<WebinarActor | null> {
    const { webinarId, store, clock, logger } = options;
    const claim = await store.events.claim(webinarId);
    if (!claim) return null;
    const snapshots = new Snapshots({
      ...{ webinarId, store, clock, logger, spareEvents: TAIL_EVENTS },
      ids: options.ids ?? randomIds,
      policy: options.snapshots ?? SNAPSHOT_POLICY,
    });
    const base = await snapshots.newest(claim.lastSeq);
    const found = await readLog(store, base ?? emptyState(webinarId), claim.lastSeq);
    return new WebinarActor(options, snapshots, found, claim.epoch);
  }

  /** What is durable. */
  get state(): FoldedState {
    return this.#state;
  }

  /** Nothing is under way, nor in doubt. */
  get idle(): boolean {
    return (
      this.#drain.idle && this.#standing.kind !== 'unsure' && !this.#toggles.holding && this.#snapshots.idle
    );
  }

  /** The events after `seq`; null when they are no longer in memory, or `seq` is not of this log. */
  eventsAfter(seq: number): LoggedEvent[] | null {
    const missed = this.#state.seq - seq;
    if (missed < 0 || missed > Math.min(TAIL_EVENTS, this.#tail.length)) return null;
    return missed === 0 ? [] : this.#tail.slice(-missed);
  }

  /**
   * Resolves with the state once the decided events are durable. Rejects with what `decision` threw, or `unavailable`.
   * `toggled`: what the decision moves, where that may be moved back and forth for ever; see `Toggles`. `also`: rows that are
   * written with its events, and not where it decides on none; what it refuses is rejected with, and nothing was appended.
   */
  submit(decision: Decision, toggled: string | null = null, also?: Also): Promise<FoldedState> {
    return new Promise((resolve, reject) => {
      const waiting = { decision, also, resolve, reject };
      if (toggled === null) this.#enqueue([waiting]);
      else this.#enqueue(this.#toggles.move(toggled, waiting, this.#clock.nowMs()));
    });
  }

  /** Resolves when nothing waits; what was held back goes on now. */
  async settled(): Promise<void> {
    this.#enqueue(this.#toggles.all());
    await this.#drain.settled();
  }

  /** Answers nothing any more: what it has in memory is no longer what the log says. */
  letGo(): void {
    this.#letGo();
  }

  /** Shortens the log as the settings allow, where this process writes it. */
  async retain(): Promise<void> {
    if (this.#standing.kind === 'writing') await this.#snapshots.retain(this.#state, this.#standing.epoch);
  }

  #enqueue(ready: readonly Waiting[]): void {
    if (ready.length > 0) {
      this.#waiting.push(...ready);
      this.#drain.wake();
    }
    if (this.#beat || !this.#toggles.holding) return;
    this.#beat = setTimeout(() => {
      this.#beat = null;
      this.#enqueue(this.#toggles.due(this.#clock.nowMs()));
    }, TOGGLE_BEAT_MS);
  }

  async #commitWaiting(): Promise<void> {
    // Whether a failed append is in the log is found out at once, not when somebody next says something.
    if (this.#standing.kind === 'unsure') await this.#writableEpoch();
    while (this.#waiting.length > 0) {
      const epoch = await this.#writableEpoch();
      if (epoch === null) {
        for (const w of this.#waiting.splice(0)) w.reject(unavailable(this.webinarId));
        return;
      }
      await this.#commitBatch(epoch);
    }
  }

  async #commitBatch(epoch: number): Promise<void> {
    const before = this.#state;
    const draft = new Draft(before);
    const raw: Decided[] = [];
    const decided: Waiting[] = [];
    let also: Also | undefined;
    while (this.#waiting.length > 0) {
      // What carries rows goes alone: what they are refused for is nobody else's fault.
      if (also || (raw.length > 0 && this.#waiting[0]?.also)) break;
      const waiting = this.#waiting.shift();
      if (!waiting) break;
      const atUnixMs = this.#clock.nowUnixMs();
      let added: readonly WebinarEvent[];
      try {
        added = waiting.decision(draft.state);
      } catch (error) {
        waiting.reject(error);
        continue;
      }
      for (const event of added) {
        draft.apply({ seq: draft.state.seq + 1, atUnixMs, event });
        raw.push({ atUnixMs, event });
      }
      decided.push(waiting);
      if (added.length > 0) also = waiting.also;
      // Whoever watches the phase is shown the very state that it began with.
      if (added.some((e) => PHASE_EVENTS.has(e.type))) break;
    }
    const condensed = condense(before, raw);
    const events = condensed.map((e, i): LoggedEvent => ({ seq: before.seq + 1 + i, ...e }));
    if (events.length > 0) {
      try {
        await this.#store.events.append({
          webinarId: this.webinarId,
          epoch,
          expectedSeq: before.seq,
          events,
          also,
        });
      } catch (error) {
        if (also && error instanceof RostrumError && error.code !== 'unavailable') {
          for (const w of decided) w.reject(error);
          return;
        }
        this.#appendFailed(error);
        for (const w of decided) w.reject(unavailable(this.webinarId, error));
        return;
      }
      this.#accept(events, condensed === raw ? draft.state : foldAll(before, events));
    }
    for (const w of decided) w.resolve(this.#state);
  }

  #accept(events: readonly LoggedEvent[], state: FoldedState): void {
    this.#state = state;
    this.#tail.push(...events);
    if (this.#tail.length > 2 * TAIL_EVENTS) this.#tail = this.#tail.slice(-TAIL_EVENTS);
    this.#events.committed(this, events, state);
    if (this.#standing.kind === 'writing') this.#snapshots.look(state, this.#standing.epoch);
  }

  #appendFailed(error: unknown): void {
    if (error instanceof FencedError) {
      this.#letGo();
      return;
    }
    this.#logger.error({ err: error }, 'append failed; the log has to be read again');
    this.#standing = { kind: 'unsure' };
    this.#doubt.arose();
    this.#drain.wake();
  }

  #letGo(): void {
    if (this.#standing.kind === 'fenced') return;
    this.#standing = { kind: 'fenced' };
    this.#logger.warn('another writer has taken over');
    this.#events.fenced(this);
  }

  /** The epoch to write under, after reading again what a failed append left in doubt. null: cannot write now. */
  async #writableEpoch(): Promise<number | null> {
    const standing = this.#standing;
    switch (standing.kind) {
      case 'writing':
        return standing.epoch;
      case 'fenced':
        return null;
      case 'unsure': {
        if (!this.#doubt.mayLook()) return null;
        try {
          const claim = await this.#store.events.claim(this.webinarId);
          if (!claim) throw new Error('the webinar is gone from the log');
          const missed = await this.#store.events.read(this.webinarId, this.#state.seq);
          const state = foldAll(this.#state, missed);
          this.#standing = { kind: 'writing', epoch: claim.epoch };
          this.#doubt.cleared();
          if (missed.length > 0) this.#accept(missed, state);
          this.#logger.info({ found: missed.length }, 'the log is written again');
          return claim.epoch;
        } catch (error) {
          this.#doubt.failed(error);
          return null;
        }
      }
    }
  }
}

interface Found {
  readonly state: FoldedState;
  readonly tail: LoggedEvent[];
}

/** The state at `lastSeq`, from one before it, and the last events up to there. Throws when the log does not have them. */
async function readLog(store: WebinarLog, base: FoldedState, lastSeq: number): Promise<Found> {
  const draft = new Draft(base);
  let tail: LoggedEvent[] = [];
  let readSeq = Math.max(0, Math.min(base.seq, lastSeq - TAIL_EVENTS));
  for (;;) {
    const page = await store.events.read(base.webinarId, readSeq, PAGE_EVENTS);
    for (const logged of page) if (logged.seq > base.seq) draft.apply(logged);
    tail = [...tail, ...page].slice(-TAIL_EVENTS);
    readSeq = page.at(-1)?.seq ?? readSeq;
    if (page.length < PAGE_EVENTS) break;
  }
  if (draft.state.seq < lastSeq) {
    throw new Error(`the log of webinar ${base.webinarId} ends at ${draft.state.seq}, not ${lastSeq}`);
  }
  return { state: draft.state, tail };
}

export interface ActorOptions {
  readonly webinarId: string;
  readonly store: WebinarLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: ActorEvents;
  readonly ids?: Ids;
  /** Default `SNAPSHOT_POLICY`. */
  readonly snapshots?: SnapshotPolicy | undefined;
}

const unavailable = (webinarId: string, cause?: unknown): RostrumError =>
  new RostrumError('unavailable', `webinar ${webinarId} cannot be written to just now`, { cause });
