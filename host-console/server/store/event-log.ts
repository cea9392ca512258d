import type { LoggedEvent, WebinarEvent } from '@rostrum/contracts';
import type { Tx } from './database.ts';

/** An event that has no `seq` yet. */
export interface NewEvent<E extends WebinarEvent = WebinarEvent> {
  readonly atUnixMs: number;
  readonly event: E;
}

export type CreatedEvent = Extract<WebinarEvent, { type: 'webinar.created' }>;

/**
 * Writes rows of other repositories that are durable with an append or not at all: a mail to be sent because of what
 * happened, a registration that somebody was admitted by. It runs after the append's events were written, while their
 * webinar's row is held, and only where the append is not fenced; all appends of the same commit wait for it. So it waits
 * for nothing but `tx`, and writes no row that another webinar's append may write too: two commits of different processes
 * could wait for each other. When it rejects, nothing of its append is there, and the others of the commit go on.
 */
export type Also = (tx: Tx) => Promise<void>;

/**
 * What follows from events in other tables, whoever wrote them: a row of a report, a message, a webhook to be told. null:
 * nothing. It is asked before the commit, of events that may yet be refused, so it only looks at them.
 */
export type Consequence = (webinarId: string, events: readonly NumberedEvent[]) => Also | null;

/** An event as it is about to be written. */
export interface NumberedEvent extends NewEvent {
  readonly seq: number;
}

export interface Append {
  readonly webinarId: string;
  /** From `claim`; an append under an older epoch is refused with `FencedError`. */
  readonly epoch: number;
  /** Seq of the last event the writer knows; the first of `events` gets the next one. */
  readonly expectedSeq: number;
  /** At least one. */
  readonly events: readonly NewEvent[];
  readonly also?: Also | undefined;
}

export interface Claim {
  readonly epoch: number;
  /** Seq of the last event in the log. */
  readonly lastSeq: number;
}

/** Another writer has claimed the webinar, or wrote to it: this one must let go. Nothing was appended. */
export class FencedError extends Error {
  readonly webinarId: string;
  constructor(webinarId: string) {
    super(`webinar ${webinarId} has another writer`);
    this.name = 'FencedError';
    this.webinarId = webinarId;
  }
}

/**
 * The webinars' event logs: append only, `seq` from 1 without a hole, one writer per webinar at a time.
 *
 * A promise of `create` and `append` resolves only when the events are durable. When it rejects with
 * `RostrumError('unavailable')`, the events may or may not be in the log (a commit whose answer was lost): the writer
 * has to `claim` again, which waits out or fences whatever was under way, and to read what is there. With what else of
 * `RostrumError` its own `also` threw, or met (`conflict`), an append rejects as it is, and nothing was appended.
 */
export interface EventLog {
  /** Rejects with `conflict` where there is one of this id. */
  create(webinarId: string, first: NewEvent<CreatedEvent>, also?: Also): Promise<void>;
  /** Makes the caller the webinar's only writer. null: no such webinar. */
  claim(webinarId: string): Promise<Claim | null>;
  /** The log after `afterSeq`, in order, `limit` events of it at most. Empty for an unknown webinar. */
  read(webinarId: string, afterSeq: number, limit?: number): Promise<LoggedEvent[]>;
  /** All appends that arrive while a commit runs go into the next transaction. */
  append(append: Append): Promise<void>;
}
