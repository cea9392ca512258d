import type { LoggedEvent, ProfileNameSchema, RecordingState, WebinarEvent } from '@rostrum/contracts';
import type { z } from 'zod';
import type { SnapshotStore } from './snapshots.ts';

/** What the list of webinars needs, without reading their logs. */
export interface WebinarRow {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: z.infer<typeof ProfileNameSchema>;
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: RecordingState;
  readonly createdUnixMs: number;
  /** How often all of its links were revoked. */
  readonly linkGeneration: number;
}

export interface Append {
  readonly webinarId: string;
  /** From `claim`; an append under an older epoch is refused with `FencedError`. */
  readonly epoch: number;
  /** Seq of the last event the writer knows; the first of `events` gets the next one. */
  readonly expectedSeq: number;
  /** At least one. */
  readonly events: readonly { readonly atUnixMs: number; readonly event: WebinarEvent }[];
}

export interface Claim {
  readonly epoch: number;
  /** Seq of the last event in the log. */
  readonly lastSeq: number;
}

/** Where a broadcaster served pages, and when it last said so. */
export interface PageOrigin {
  readonly origin: string;
  readonly seenUnixMs: number;
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
 * has to `claim` again, which waits out or fences whatever was under way, and to read what is there.
 */
export interface EventStore {
  readonly snapshots: SnapshotStore;
  create(
    webinarId: string,
    first: { atUnixMs: number; event: Extract<WebinarEvent, { type: 'webinar.created' }> },
  ): Promise<void>;
  /** Makes the caller the webinar's only writer. null: no such webinar. */
  claim(webinarId: string): Promise<Claim | null>;
  /** The log after `afterSeq`, in order, `limit` events of it at most. Empty for an unknown webinar. */
  read(webinarId: string, afterSeq: number, limit?: number): Promise<LoggedEvent[]>;
  /** All appends that arrive while a commit runs go into the next transaction. */
  append(append: Append): Promise<void>;
  /** Newest first, at most `limit`; without those that are listed no more. */
  list(limit: number): Promise<WebinarRow[]>;
  /** Ids of the webinars that are live. */
  live(): Promise<string[]>;
  /** Ids of those that have ended and whose recording is pending, or to be deleted. */
  unsettled(): Promise<string[]>;
  /** Ids of those that ended before then and have a recording, at most `limit`. */
  recordedBefore(endedUnixMs: number, limit: number): Promise<string[]>;
  find(webinarId: string): Promise<WebinarRow | null>;
  /** How often all of the owner's links were revoked. */
  ownerGeneration(): Promise<number>;
  /** Revokes them; resolves with the count when that is durable. */
  revokeOwnerLinks(): Promise<number>;
  /** Those that were seen since then. */
  pageOrigins(sinceUnixMs: number): Promise<PageOrigin[]>;
  /** Keeps one, and forgets those that were last seen before then. */
  keepPageOrigin(origin: PageOrigin, forgetBeforeUnixMs: number): Promise<void>;
  /** Throws `unavailable` when the database does not answer. */
  check(): Promise<void>;
  /** Waits for the commit under way; later calls reject with `unavailable`. Idempotent. */
  close(): Promise<void>;
}
