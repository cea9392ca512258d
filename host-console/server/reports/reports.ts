import {
  type AttendanceSummary,
  Id,
  type LinkClaims,
  type Participant,
  type ParticipantPage,
  type ParticipantQuery,
  type ParticipantSession,
  type QualityRow,
  RostrumError,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { CsvColumn } from '../csv.ts';
import { hosts } from '../identity/rights.ts';
import type { Clock } from '../ports.ts';
import type {
  AfterAttendant,
  AirTime,
  Attendant,
  StayRepository,
  WebinarRepository,
} from '../store/index.ts';
import { LOST_AFTER_MS } from './presence.ts';
import { participantOf, turnoutOf } from './sessions.ts';

export interface ReportsOptions {
  readonly store: {
    readonly webinars: Pick<WebinarRepository, 'find' | 'airTime'>;
    readonly stays: Pick<StayRepository, 'attendants' | 'stays' | 'others'>;
  };
  readonly clock: Clock;
}

/** People whose stays are asked for at once; below what a statement of SQLite may have as parameters. */
const PEOPLE_AT_ONCE = 500;

/** What a webinar came to. Every method throws `forbidden`, `not-found` and `unavailable`. */
export class Reports {
  readonly #o: ReportsOptions;

  constructor(options: ReportsOptions) {
    this.#o = options;
  }

  async attendance(bearer: LinkClaims, webinarId: string): Promise<AttendanceSummary> {
    const { title, phase, air } = await this.#find(bearer, webinarId);
    const { store, clock } = this.#o;
    const nowUnixMs = clock.nowUnixMs();
    const [stays, others] = await Promise.all([
      store.stays.stays(webinarId, null, nowUnixMs - LOST_AFTER_MS),
      store.stays.others(webinarId),
    ]);
    const { liveUnixMs, endedUnixMs } = air;
    const turnout = turnoutOf(
      stays.filter(({ personId }) => !others.has(personId)),
      air,
      nowUnixMs,
    );
    return { title, phase, liveUnixMs, endedUnixMs, others: others.size, ...turnout };
  }

  async participants(
    bearer: LinkClaims,
    webinarId: string,
    { limit, cursor, search }: z.output<typeof ParticipantQuery>,
  ): Promise<ParticipantPage> {
    const { air } = await this.#find(bearer, webinarId);
    const after = cursor === undefined ? null : afterOf(cursor);
    // One more says whether there is another page.
    const page = { after, limit: limit + 1, search: search ?? null };
    const found = await this.#o.store.stays.attendants(webinarId, page);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      participants: await this.#withStays(webinarId, found.slice(0, limit), air),
      next: last ? cursorOf(last) : null,
    };
  }

  /** In the order in which they first came. */
  async everybody(
    bearer: LinkClaims,
    webinarId: string,
  ): Promise<{ readonly title: string; readonly participants: readonly Participant[] }> {
    const { title, air } = await this.#find(bearer, webinarId);
    const participants: Participant[] = [];
    let after: Attendant | null = null;
    do {
      const page: { after: Attendant | null; limit: number; search: null } = {
        after,
        limit: PEOPLE_AT_ONCE,
        search: null,
      };
      const found: Attendant[] = await this.#o.store.stays.attendants(webinarId, page);
      participants.push(...(await this.#withStays(webinarId, found, air)));
      after = found.at(-1) ?? null;
    } while (after !== null);
    return { title, participants };
  }

  async #withStays(
    webinarId: string,
    attendants: readonly Attendant[],
    air: AirTime,
  ): Promise<Participant[]> {
    const nowUnixMs = this.#o.clock.nowUnixMs();
    const ids = attendants.map(({ personId }) => personId);
    const stays = await this.#o.store.stays.stays(webinarId, ids, nowUnixMs - LOST_AFTER_MS);
    const byPerson = Map.groupBy(stays, (stay) => stay.personId);
    return attendants.map((who) => participantOf(who, byPerson.get(who.personId) ?? [], air, nowUnixMs));
  }

  async #find(bearer: LinkClaims, webinarId: string) {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host see who was there');
    }
    const { webinars } = this.#o.store;
    const [row, air] = [await webinars.find(webinarId), await webinars.airTime(webinarId)];
    if (!row || !air) throw new RostrumError('not-found', 'no such webinar');
    return { title: row.title, phase: row.phase, air };
  }
}

const Cursor = z.tuple([z.int(), Id]);

const cursorOf = ({ joinedUnixMs, personId }: AfterAttendant): string =>
  Buffer.from(JSON.stringify([joinedUnixMs, personId])).toString('base64url');

function afterOf(cursor: string): AfterAttendant {
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8');
    const [joinedUnixMs, personId] = Cursor.parse(JSON.parse(text));
    return { joinedUnixMs, personId };
  } catch (error) {
    throw new RostrumError('bad-input', 'no cursor of these pages', { field: 'cursor', cause: error });
  }
}

/** ISO 8601, which spreadsheets read; none at a time that is none. */
const iso = (unixMs: number | null): string | null => {
  const date = new Date(unixMs ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};
const minutes = (ms: number): number => Math.round(ms / 6000) / 10;

const DEVICE: readonly CsvColumn<ParticipantSession>[] = [
  { name: 'device', of: (s) => s.device },
  { name: 'browser', of: (s) => s.browser },
  { name: 'country', of: (s) => s.region },
  { name: 'node', of: (s) => s.node },
];

/** Columns of what is exported. Their names are part of the interface: others read them by these. */
export const TABLES = {
  participants: [
    { name: 'name', of: (p) => p.name },
    { name: 'role', of: (p) => p.role },
    { name: 'joined', of: (p) => iso(p.joinedUnixMs) },
    { name: 'left', of: (p) => iso(p.leftUnixMs) },
    { name: 'minutes', of: (p) => minutes(p.presentMs) },
    { name: 'minutes live', of: (p) => minutes(p.presentLiveMs) },
    { name: 'sessions', of: (p) => p.sessions.length },
    ...DEVICE.map(({ name, of }) => ({
      name,
      of: ({ sessions: [first] }: Participant) => (first ? of(first) : null),
    })),
    { name: 'person id', of: (p) => p.personId },
  ] satisfies CsvColumn<Participant>[],
  sessions: [
    { name: 'name', of: ({ who }) => who.name },
    { name: 'role', of: ({ who }) => who.role },
    { name: 'joined', of: ({ session }) => iso(session.joinedUnixMs) },
    { name: 'left', of: ({ session }) => iso(session.leftUnixMs) },
    ...DEVICE.map(({ name, of }) => ({ name, of: ({ session }: SessionRow) => of(session) })),
    { name: 'person id', of: ({ who }) => who.personId },
  ] satisfies CsvColumn<SessionRow>[],
  quality: [
    { name: 'at', of: (q) => iso(q.atUnixMs) },
    { name: 'person id', of: (q) => q.personId },
    { name: 'direction', of: (q) => q.direction },
    { name: 'event', of: (q) => q.event },
    { name: 'packet loss', of: (q) => q.packetLoss },
    { name: 'round trip ms', of: (q) => q.roundTripMs },
    { name: 'jitter ms', of: (q) => q.jitterMs },
    { name: 'codec', of: (q) => q.codec },
    { name: 'layer', of: (q) => q.layer },
    { name: 'relay', of: (q) => q.relay },
  ] satisfies CsvColumn<QualityRow>[],
} as const;

interface SessionRow {
  readonly who: Participant;
  readonly session: ParticipantSession;
}
