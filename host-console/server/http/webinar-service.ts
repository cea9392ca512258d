import {
  type AttendeeToken,
  type CreateLink,
  type CreateWebinar,
  isCrew,
  type JoinAsAttendee,
  type Link,
  type LinkClaims,
  type PhaseView,
  type PublicWebinar,
  RostrumError,
  signLink,
  type WebinarSummary,
} from '@rostrum/contracts';
import type { z } from 'zod';
import type { Clock, Ids } from '../ports.ts';
import type { EventStore, WebinarRow } from '../store/index.ts';
import type { Decision } from '../webinars/actor.ts';
import { cancel } from '../webinars/decide.ts';

const HOUR_MS = 3_600_000;

/** An attendee's token lasts past the recording's first weeks; the same browser stays the same person. */
const ATTENDEE_TOKEN_MS = 30 * 24 * HOUR_MS;
const OWNER_TOKEN_MS = 90 * 24 * HOUR_MS;

const MAX_LISTED = 1000;

/** The page a link of each role opens; the console's, but for attendees, who watch at the origin. */
const PAGE_OF = { host: '/control', moderator: '/control', panelist: '/stage' } as const;

/** A verified token. */
export interface Bearer {
  readonly claims: LinkClaims;
  readonly expiresUnixMs: number;
}

export interface WebinarServiceOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly secret: string;
  readonly publicUrl: () => string;
  readonly originUrl: () => string | null;
  /** As a command of the webinar's people would: resolves when what was decided is durable. */
  readonly submit: (webinarId: string, decision: Decision) => Promise<void>;
  /** The phase as the webinar's people are told it; null: not in this process's memory. */
  readonly phaseOf: (webinarId: string) => PhaseView | null;
  readonly unattended: (webinarId: string) => WebinarSummary['unattended'];
}

/** Plans webinars and signs links to them. Parsed input, an authorised bearer in, contract bodies out. */
export class WebinarService {
  readonly #o: WebinarServiceOptions;

  constructor(options: WebinarServiceOptions) {
    this.#o = options;
  }

  async create(bearer: LinkClaims, input: z.output<typeof CreateWebinar>): Promise<WebinarSummary> {
    if (bearer.role !== 'owner') throw new RostrumError('forbidden', 'only the owner plans webinars');
    const { clock, ids, store } = this.#o;
    const webinarId = ids.next();
    const createdUnixMs = clock.nowUnixMs();
    await store.create(webinarId, {
      atUnixMs: createdUnixMs,
      event: { type: 'webinar.created', ...input },
    });
    return this.#summary({ webinarId, ...input, phase: 'scheduled', recording: 'none', createdUnixMs });
  }

  /** Gives up a webinar without a recording: it has ended and is listed no more. Throws `conflict` for others. */
  async cancel(bearer: LinkClaims, webinarId: string): Promise<WebinarSummary> {
    if (!runs(bearer, webinarId) || bearer.role === 'moderator') {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host cancel it');
    }
    await this.#find(webinarId);
    await this.#o.submit(webinarId, cancel);
    return this.#summary(await this.#find(webinarId));
  }

  async list(bearer: LinkClaims): Promise<{ webinars: WebinarSummary[] }> {
    if (bearer.role === 'owner') {
      const rows = await this.#o.store.list(MAX_LISTED);
      return { webinars: rows.map((r) => this.#summary(r)) };
    }
    if (!isCrew(bearer.role)) throw new RostrumError('forbidden', 'only the crew lists webinars');
    const own = await this.#o.store.find(bearer.webinarId);
    return { webinars: own ? [this.#summary(own)] : [] };
  }

  async get(bearer: LinkClaims, webinarId: string): Promise<WebinarSummary> {
    if (!runs(bearer, webinarId)) throw new RostrumError('forbidden', 'not a webinar of the bearer');
    return this.#summary(await this.#find(webinarId));
  }

  async createLink(bearer: LinkClaims, webinarId: string, input: z.output<typeof CreateLink>): Promise<Link> {
    if (!runs(bearer, webinarId) || bearer.role === 'moderator') {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host make links');
    }
    await this.#find(webinarId);
    const { role, name, validHours } = input;
    const { clock, ids, secret } = this.#o;
    const personId = ids.next();
    const expiresUnixMs = wholeSeconds(clock.nowUnixMs() + validHours * HOUR_MS);
    const token = await signLink({ webinarId, personId, role, name }, secret, expiresUnixMs);
    return { url: this.#linkUrl(role, webinarId, token), token, personId, role, expiresUnixMs };
  }

  /**
   * A token for somebody new, or, with the token an attendee of this webinar already has (`present`), one that names the
   * same person anew. That one expires no later than the present one: a link of one hour cannot be made to last a month.
   * Removed people stay so under any name, since the handshake goes by the person. Throws `forbidden` for a present
   * token of another webinar or role, and `not-found`.
   */
  async joinAsAttendee(
    webinarId: string,
    { name }: z.output<typeof JoinAsAttendee>,
    present: Bearer | null,
  ): Promise<z.infer<typeof AttendeeToken>> {
    if (present && (present.claims.role !== 'attendee' || present.claims.webinarId !== webinarId)) {
      throw new RostrumError('forbidden', 'only an attendee of this webinar takes a name in it');
    }
    await this.#find(webinarId);
    const personId = present?.claims.personId ?? this.#o.ids.next();
    const expiresUnixMs =
      present?.expiresUnixMs ?? wholeSeconds(this.#o.clock.nowUnixMs() + ATTENDEE_TOKEN_MS);
    const token = await signLink(
      { webinarId, personId, role: 'attendee', name },
      this.#o.secret,
      expiresUnixMs,
    );
    return { token, personId, expiresUnixMs };
  }

  /**
   * `live` comes from memory, where a live webinar is: loading one claims it as its writer, and an anonymous question
   * must not take it from another process. Where it is not, `live` is null and the connection tells. Throws `not-found`.
   */
  async publicView(webinarId: string): Promise<PublicWebinar> {
    const { title, phase, startsAtUnixMs, profile } = await this.#find(webinarId);
    const known = { webinarId, title, startsAtUnixMs, profile };
    if (phase !== 'live') return { ...known, phase, live: null };
    const now = this.#o.phaseOf(webinarId);
    // It may have ended since the row was read.
    if (now?.phase !== 'live') return { ...known, phase: now?.phase ?? phase, live: null };
    return { ...known, phase, live: { sinceUnixMs: now.sinceUnixMs, playlistUrl: now.playlistUrl } };
  }

  /** The dashboard's URL with the token that runs the whole installation. */
  async ownerUrl(): Promise<string> {
    const token = await signLink(
      { webinarId: '*', personId: 'owner', role: 'owner', name: 'Owner' },
      this.#o.secret,
      wholeSeconds(this.#o.clock.nowUnixMs() + OWNER_TOKEN_MS),
    );
    return `${this.#o.publicUrl()}/#t=${token}`;
  }

  #linkUrl(role: z.output<typeof CreateLink>['role'], webinarId: string, token: string): string {
    if (role !== 'attendee') return `${this.#o.publicUrl()}${PAGE_OF[role]}#t=${token}`;
    const originUrl = this.#o.originUrl();
    if (!originUrl) {
      throw new RostrumError('no-broadcaster', 'no broadcaster is connected, so there is no watch page yet');
    }
    return `${originUrl.replace(/\/+$/, '')}/w/${webinarId}#t=${token}`;
  }

  async #find(webinarId: string): Promise<WebinarRow> {
    const row = await this.#o.store.find(webinarId);
    if (!row) throw new RostrumError('not-found', 'no such webinar');
    return row;
  }

  #summary(row: WebinarRow): WebinarSummary {
    const originUrl = this.#o.originUrl();
    return {
      ...row,
      unattended: row.phase === 'live' ? this.#o.unattended(row.webinarId) : null,
      watchUrl: originUrl ? `${originUrl.replace(/\/+$/, '')}/w/${row.webinarId}` : null,
    };
  }
}

/** Whether the bearer is of the crew of this webinar. */
const runs = (bearer: LinkClaims, webinarId: string): boolean =>
  bearer.role === 'owner' || (isCrew(bearer.role) && bearer.webinarId === webinarId);

/** Tokens expire at whole seconds; what is told is what is signed. */
const wholeSeconds = (unixMs: number): number => Math.floor(unixMs / 1000) * 1000;
