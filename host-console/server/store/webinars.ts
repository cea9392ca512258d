import {
  EMPTY_PLAN,
  KeptPlan,
  KeptTitle,
  KeptUnixMs,
  type Plan,
  type PlanEvent,
  type PlanFields,
  ProfileNameSchema,
  type RecordingState,
  type WebinarEvent,
  withFields,
} from '@rostrum/contracts';
import type { Selectable, SelectQueryBuilder } from 'kysely';
import { z } from 'zod';
import type { Database, Reader, Tx } from './database.ts';
import type { Append, Claim, CreatedEvent, NewEvent } from './event-log.ts';
import type { Schema } from './schema.ts';

/** What the list of webinars needs, without reading their logs. */
export interface WebinarRow {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: z.infer<typeof ProfileNameSchema>;
  readonly plan: Plan;
  readonly phase: 'scheduled' | 'live' | 'ended';
  /** It is scheduled, and its channel runs already. */
  readonly doorsOpen: boolean;
  readonly recording: RecordingState;
  readonly createdUnixMs: number;
  /** How often all of its links were revoked. */
  readonly linkGeneration: number;
}

/** When a webinar was on the air, and how much of it was recorded. */
export interface AirTime {
  /** null: it was not, or it is not known. */
  readonly liveUnixMs: number | null;
  /** null: it has not ended. */
  readonly endedUnixMs: number | null;
  readonly recordedMs: number | null;
}
type WebinarRows = SelectQueryBuilder<Schema, 'webinars', Selectable<Schema['webinars']>>;

export interface PageOfWebinars {
  readonly limit: number;
  /** When the last one of the page before was created, and its id; null: from the beginning. */
  readonly after: readonly [createdUnixMs: number, webinarId: string] | null;
  readonly recorded: boolean;
  /** Those alone that somebody runs by this account; null: all. */
  readonly of: string | null;
}

export interface PlannedRow extends WebinarRow {
  /** It was given up, before or after it was. */
  readonly cancelled: boolean;
}

/** As lenient as the log's own events: no stored value may take the list of webinars down. */
const Summary = z.object({ title: KeptTitle, startsAtUnixMs: KeptUnixMs, profile: ProfileNameSchema });

/** The webinars' rows, which follow their logs: what is asked of many webinars, and without reading a log. */
export class WebinarRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first, at most `limit`; without those that are listed no more. */
  list(limit: number): Promise<WebinarRow[]> {
    return this.#list(limit, (all) => all);
  }

  /** The same of those that somebody runs by their account. */
  listOf(accountId: string, limit: number): Promise<WebinarRow[]> {
    return this.#list(limit, (all) => runBy(all, accountId));
  }

  async #list(limit: number, among: (all: WebinarRows) => WebinarRows): Promise<WebinarRow[]> {
    const rows = await this.#database.query((db) =>
      among(db.selectFrom('webinars').selectAll())
        .where('phase', 'not in', [...GIVEN_UP])
        .orderBy('created_unix_ms', 'desc')
        .orderBy('webinar_id')
        .limit(limit)
        .execute(),
    );
    return rows.map(webinarRow);
  }

  /** As `list`, after a place in it. `recorded`: those alone that have, or had, a recording. */
  async page({ limit, after, recorded, of }: PageOfWebinars): Promise<WebinarRow[]> {
    const rows = await this.#database.query((db) => {
      const all = db.selectFrom('webinars').selectAll();
      let page = (of === null ? all : runBy(all, of)).where('phase', 'not in', ['cancelled', 'removed']);
      if (recorded) page = page.where('phase', 'in', ['ending', 'ended', 'deleting', 'deleted']);
      if (after) {
        const [createdUnixMs, webinarId] = after;
        page = page.where((eb) =>
          eb.or([
            eb('created_unix_ms', '<', createdUnixMs),
            eb.and([eb('created_unix_ms', '=', createdUnixMs), eb('webinar_id', '>', webinarId)]),
          ]),
        );
      }
      return page.orderBy('created_unix_ms', 'desc').orderBy('webinar_id').limit(limit).execute();
    });
    return rows.map(webinarRow);
  }

  /** Ids of the webinars that are live. */
  live(): Promise<string[]> {
    return this.#inPhases('live');
  }

  /** Ids of those whose channel runs before the show. */
  doorsOpen(): Promise<string[]> {
    return this.#inPhases('doors');
  }

  /** What is planned, in no order, at most `limit`. */
  async planned(limit: number): Promise<WebinarRow[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('webinars')
        .selectAll()
        .where('phase', 'in', ['scheduled', 'doors'])
        .orderBy('created_unix_ms', 'desc')
        .orderBy('webinar_id')
        .limit(limit)
        .execute(),
    );
    return rows.map(webinarRow);
  }

  /** Ids of those that have ended and whose recording is pending, or to be deleted. */
  unsettled(): Promise<string[]> {
    return this.#inPhases('ending', 'deleting');
  }

  /** Ids of those that ended before then and have a recording, at most `limit`. */
  async recordedBefore(endedUnixMs: number, limit: number): Promise<string[]> {
    const rows = await this.#database.query((db) =>
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

  async find(webinarId: string): Promise<WebinarRow | null> {
    const found = await this.#database.query((db) => rowIn(db, webinarId));
    return found ? webinarRow(found) : null;
  }

  /** The same as others see it who plan to come, in a transaction or outside of one. null: no such webinar. */
  async announced(webinarId: string, tx?: Reader): Promise<PlannedRow | null> {
    const found = await (tx ? rowIn(tx, webinarId) : this.#database.query((db) => rowIn(db, webinarId)));
    return found ? { ...webinarRow(found), cancelled: GIVEN_UP.has(found.phase) } : null;
  }

  /** null: no such webinar. */
  async airTime(webinarId: string): Promise<AirTime | null> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('webinars')
        .select(['live_unix_ms', 'ended_unix_ms', 'recorded_ms'])
        .where('webinar_id', '=', webinarId)
        .executeTakeFirst(),
    );
    return row
      ? {
          liveUnixMs: numberOrNull(row.live_unix_ms),
          endedUnixMs: numberOrNull(row.ended_unix_ms),
          recordedMs: numberOrNull(row.recorded_ms),
        }
      : null;
  }

  async #inPhases(...phases: RowPhase[]): Promise<string[]> {
    const rows = await this.#database.query((db) =>
      db.selectFrom('webinars').select('webinar_id').where('phase', 'in', phases).execute(),
    );
    return rows.map((r) => r.webinar_id);
  }
}

/** The row of a new webinar, as it will be read. */
export function newWebinarRow(webinarId: string, { atUnixMs, event }: NewEvent<CreatedEvent>): WebinarRow {
  const { title, startsAtUnixMs, profile, plan } = event;
  return {
    ...{ webinarId, title, startsAtUnixMs, profile },
    plan: planOf(plan ? keptPlan(EMPTY_PLAN, [plan]) : null),
    ...TOLD.scheduled,
    ...{ doorsOpen: false, createdUnixMs: atUnixMs, linkGeneration: 0 },
  };
}

const rowIn = (db: Reader, webinarId: string): Promise<Schema['webinars'] | undefined> =>
  db.selectFrom('webinars').selectAll().where('webinar_id', '=', webinarId).executeTakeFirst();

/** The row of a new webinar, whose log has its first event. */
export async function addWebinar(
  tx: Tx,
  webinarId: string,
  { atUnixMs, event }: NewEvent<CreatedEvent>,
): Promise<void> {
  const { title, startsAtUnixMs, profile, plan } = event;
  await tx
    .insertInto('webinars')
    .values({
      webinar_id: webinarId,
      created_unix_ms: atUnixMs,
      summary: JSON.stringify({ title, startsAtUnixMs, profile }),
      plan: plan ? keptPlan(EMPTY_PLAN, [plan]) : null,
      phase: 'scheduled',
      epoch: 0,
      last_seq: 1,
      link_generation: 0,
    })
    .execute();
}

/** Gives the webinar a new epoch. null: no such webinar. */
export async function claimWebinar(tx: Tx, webinarId: string): Promise<Claim | null> {
  // Under PostgreSQL this waits for an older writer's transaction that holds the row, and then shuts it out.
  const claimed = await tx
    .updateTable('webinars')
    .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
    .where('webinar_id', '=', webinarId)
    .returning(['epoch', 'last_seq'])
    .executeTakeFirst();
  return claimed ? { epoch: claimed.epoch, lastSeq: claimed.last_seq } : null;
}

/**
 * Has the row follow the events, and holds it until the transaction ends. False: epoch or seq are no longer those of the
 * append, and nothing was changed.
 */
export async function moveWebinar(
  tx: Tx,
  { webinarId, epoch, expectedSeq, events }: Append,
): Promise<boolean> {
  const phase = phaseAfter(events.map((e) => e.event));
  const edits = events.flatMap((e) => (e.event.type === 'plan.changed' ? [e.event] : []));
  const planned = edits.length > 0 ? await planAfter(tx, webinarId, edits) : {};
  const endedUnixMs = events.find((e) => e.event.type === 'webinar.ended')?.atUnixMs;
  const liveUnixMs = events.find((e) => e.event.type === 'webinar.wentLive')?.atUnixMs;
  const recordedMs = recordedAfter(events.map((e) => e.event));
  const revocations = events.filter((e) => e.event.type === 'links.revoked').length;
  const updated = await tx
    .updateTable('webinars')
    .set((eb) => ({
      last_seq: expectedSeq + events.length,
      ...(phase ? { phase } : {}),
      ...planned,
      ...(endedUnixMs === undefined ? {} : { ended_unix_ms: endedUnixMs }),
      ...(liveUnixMs === undefined ? {} : { live_unix_ms: liveUnixMs }),
      ...(recordedMs === undefined ? {} : { recorded_ms: recordedMs }),
      ...(revocations > 0 ? { link_generation: eb('link_generation', '+', revocations) } : {}),
    }))
    .where('webinar_id', '=', webinarId)
    .where('epoch', '=', epoch)
    .where('last_seq', '=', expectedSeq)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** What of the row says what is planned. It is read before the row is held: where that has changed since, the append is fenced. */
async function planAfter(
  tx: Tx,
  webinarId: string,
  edits: readonly PlanEvent[],
): Promise<Partial<Pick<Schema['webinars'], 'summary' | 'plan'>>> {
  const row = await tx
    .selectFrom('webinars')
    .select(['summary', 'plan'])
    .where('webinar_id', '=', webinarId)
    .executeTakeFirst();
  if (!row) return {};
  const summary = edits.reduce(
    (before, { title, startsAtUnixMs, profile }) => ({
      title: title ?? before.title,
      startsAtUnixMs: startsAtUnixMs === undefined ? before.startsAtUnixMs : startsAtUnixMs,
      profile: profile ?? before.profile,
    }),
    Summary.parse(JSON.parse(row.summary)),
  );
  const fields = edits.map((edit) => edit.fields);
  return { summary: JSON.stringify(summary), plan: keptPlan(planOf(row.plan), fields) };
}

const keptPlan = (before: Plan, edits: readonly PlanFields[]): string =>
  JSON.stringify(edits.reduce(withFields, before));

const planOf = (text: string | null): Plan => (text === null ? EMPTY_PLAN : KeptPlan.parse(JSON.parse(text)));

/** Whether the webinar was claimed last under this epoch. */
export async function isWriter(db: Reader, webinarId: string, epoch: number): Promise<boolean> {
  const row = await db
    .selectFrom('webinars')
    .select('epoch')
    .where('webinar_id', '=', webinarId)
    .executeTakeFirst();
  return row?.epoch === epoch;
}

type RowPhase = Schema['webinars']['phase'];

/** Of those that are listed no more. */
const GIVEN_UP: ReadonlySet<RowPhase> = new Set(['cancelled', 'removed']);

/** The row's phase after these events; null: as it was. */
function phaseAfter(events: readonly WebinarEvent[]): RowPhase | null {
  return events.reduce<RowPhase | null>((phase, event) => phaseOf(event) ?? phase, null);
}

/** Parts of it that came late make it longer. undefined: as it was. */
function recordedAfter(events: readonly WebinarEvent[]): number | null | undefined {
  return events.reduce<number | null | undefined>((ms, event) => {
    if (event.type === 'recording.erased') return null;
    return event.type === 'webinar.recordingSettled' && event.by ? Math.round(event.by.durationMs) : ms;
  }, undefined);
}

const numberOrNull = (value: number | null): number | null => (value === null ? null : Number(value));

function phaseOf(event: WebinarEvent): RowPhase | null {
  switch (event.type) {
    case 'doors.opened':
      return 'doors';
    case 'doors.closed':
      return 'scheduled';
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
  doors: { phase: 'scheduled', recording: 'none' },
  live: { phase: 'live', recording: 'none' },
  ending: { phase: 'ended', recording: 'pending' },
  ended: { phase: 'ended', recording: 'ready' },
  unrecorded: { phase: 'ended', recording: 'none' },
  cancelled: { phase: 'ended', recording: 'none' },
  deleting: { phase: 'ended', recording: 'deleting' },
  deleted: { phase: 'ended', recording: 'deleted' },
  removed: { phase: 'ended', recording: 'deleted' },
};

const webinarRow = (r: Schema['webinars']): WebinarRow => ({
  webinarId: r.webinar_id,
  ...Summary.parse(JSON.parse(r.summary)),
  plan: planOf(r.plan),
  ...TOLD[r.phase],
  doorsOpen: r.phase === 'doors',
  createdUnixMs: Number(r.created_unix_ms),
  linkGeneration: r.link_generation,
});

/** Those that somebody runs by their account. */
const runBy = (all: WebinarRows, accountId: string): WebinarRows =>
  all.where((eb) =>
    eb.exists(
      eb
        .selectFrom('webinar_members')
        .select('webinar_members.webinar_id')
        .whereRef('webinar_members.webinar_id', '=', 'webinars.webinar_id')
        .where('webinar_members.account_id', '=', accountId),
    ),
  );
