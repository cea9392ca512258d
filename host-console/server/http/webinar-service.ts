import {
  type AttendeeToken,
  accessOf,
  type CreateLink,
  type CreateWebinar,
  idOfAccess,
  isCrew,
  type JoinAsAttendee,
  type Link,
  type LinkClaims,
  type LinkSummary,
  type PhaseView,
  type PublicWebinar,
  publicPlan,
  type QualityRow,
  type RecordingRemains,
  type RecordingTrouble,
  RostrumError,
  signLink,
  type WebinarList,
  type WebinarSummary,
} from '@rostrum/contracts';
import type { z } from 'zod';
import type { GrantedRight, MediaRights } from '../identity/media-rights.ts';
import type { Passcodes } from '../identity/passcode.ts';
import { type Bearer, hosts, plans, runs } from '../identity/rights.ts';
import type { Clock, Ids } from '../ports.ts';
import { takesRegistrations } from '../registration/rules.ts';
import {
  type AccountRepository,
  type Also,
  type EventLog,
  type InstallationRepository,
  newWebinarRow,
  type WebinarRepository,
  type WebinarRow,
} from '../store/index.ts';
import type { Identity } from '../webinars/access.ts';
import type { Decision } from '../webinars/actor.ts';
import { decide } from '../webinars/decide.ts';
import { makeLink, revokeLink } from '../webinars/features/links/links.ts';
import { cancel, deleteRecording } from '../webinars/features/phase/decide.ts';
import { startsAt } from '../webinars/features/plan/start.ts';
import type { FoldedState } from '../webinars/fold.ts';
import { refuseImitation } from '../webinars/names.ts';
import type { Keep } from './v1/idempotency.ts';

const HOUR_MS = 3_600_000;

/** An attendee's token lasts past the recording's first weeks; the same browser stays the same person. */
const ATTENDEE_TOKEN_MS = 30 * 24 * HOUR_MS;
const OWNER_TOKEN_MS = 90 * 24 * HOUR_MS;

const MAX_LISTED = 1000;

/** The page a link of each role opens; the console's, but for attendees, who watch at the origin. */
const PAGE_OF = { host: '/control', moderator: '/control', panelist: '/stage' } as const;

export interface WebinarServiceOptions {
  readonly store: {
    readonly events: Pick<EventLog, 'create'>;
    readonly webinars: Pick<WebinarRepository, 'list' | 'listOf' | 'find'>;
    readonly accounts: Pick<AccountRepository, 'assign'>;
    readonly installation: Pick<InstallationRepository, 'ownerGeneration' | 'revokeOwnerLinks'>;
  };
  readonly clock: Clock;
  readonly ids: Ids;
  readonly secret: string;
  readonly mediaRights: MediaRights;
  readonly passcodes: Pick<Passcodes, 'admit'>;
  readonly publicUrl: () => string;
  /** Of the broadcaster that has the webinar, or will. */
  readonly originUrl: (webinarId: string) => string | null;
  /** At any broadcaster that is connected. */
  readonly recordingTrouble: () => RecordingTrouble | null;
  /** As far as this process knows. */
  readonly recordingRemains: (webinarId: string) => readonly RecordingRemains[] | null;
  /** As a command of the webinar's people would: resolves when what was decided is durable. Throws `not-found`. */
  readonly submit: (webinarId: string, decision: Decision, also?: Also) => Promise<FoldedState>;
  /** The same in turn with going live and ending. */
  readonly submitInTurn: (webinarId: string, decision: Decision) => Promise<FoldedState>;
  /** How many connections stand by each link. */
  readonly connectionsByLink: (webinarId: string) => ReadonlyMap<string, number>;
  /** The phase as the webinar's people are told it; null: not in this process's memory. */
  readonly phaseOf: (webinarId: string) => PhaseView | null;
  /** The quality log of the webinar, oldest first. */
  readonly qualityRows: (webinarId: string) => Promise<readonly QualityRow[]>;
  readonly unattended: (webinarId: string) => WebinarSummary['unattended'];
  /** The state where this process has it in memory. */
  readonly stateOf: (webinarId: string) => FoldedState | null;
  /** Called when all of the owner's links are revoked. */
  readonly ownerLinksRevoked: () => void;
}

/** Plans webinars and signs links to them. Parsed input, an authorised bearer in, contract bodies out. */
export class WebinarService {
  readonly #o: WebinarServiceOptions;

  constructor(options: WebinarServiceOptions) {
    this.#o = options;
  }

  /** Whoever plans it by their account hosts it. */
  async create(
    bearer: Bearer,
    { access, plan: fields, ...input }: z.output<typeof CreateWebinar>,
    keep: Keep | null = null,
  ): Promise<WebinarSummary> {
    if (!plans(bearer)) throw new RostrumError('forbidden', 'only owners and hosts plan webinars');
    const { clock, ids, store, mediaRights } = this.#o;
    if (access === 'private' && !mediaRights.areThere) {
      throw new RostrumError('bad-input', 'private webinars need ROSTRUM_MEDIA_KEYS', { field: 'access' });
    }
    const { account } = bearer;
    const webinarId = idOfAccess(ids.next(), access);
    const startsAtUnixMs = fields.start ? startsAt(fields.start) : input.startsAtUnixMs;
    const event = { type: 'webinar.created', ...input, startsAtUnixMs, plan: fields } as const;
    const first = { atUnixMs: clock.nowUnixMs(), event };
    const made = this.#summary(newWebinarRow(webinarId, first));
    const kept = keep?.(() => made);
    await store.events.create(webinarId, first, async (tx) => {
      if (account) await store.accounts.assign(tx, webinarId, account.accountId, 'host');
      await kept?.(tx);
    });
    return made;
  }

  /** Gives up a webinar without a recording: it has ended and is listed no more. Throws `conflict` for others. */
  async cancel(bearer: LinkClaims, webinarId: string): Promise<WebinarSummary> {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host cancel it');
    }
    await this.#find(webinarId);
    await this.#o.submitInTurn(webinarId, cancel);
    return this.#summary(await this.#find(webinarId));
  }

  /**
   * Deletes an ended webinar's recording for good: nobody is shown it from the answer on, and all there is of it goes. Throws
   * `conflict` where there is none.
   */
  async deleteRecording(bearer: LinkClaims, webinarId: string): Promise<WebinarSummary> {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host delete its recording');
    }
    await this.#find(webinarId);
    await this.#o.submitInTurn(webinarId, deleteRecording);
    return this.#summary(await this.#find(webinarId));
  }

  async list(bearer: Bearer): Promise<WebinarList> {
    if (bearer.role === 'owner') {
      const rows = await this.#o.store.webinars.list(MAX_LISTED);
      return { webinars: rows.map((r) => this.#summary(r)), recording: this.#o.recordingTrouble() };
    }
    if (bearer.account) {
      const rows = await this.#o.store.webinars.listOf(bearer.account.accountId, MAX_LISTED);
      return { webinars: rows.map((r) => this.#summary(r)), recording: null };
    }
    if (!isCrew(bearer.role)) throw new RostrumError('forbidden', 'only the crew lists webinars');
    const own = await this.#o.store.webinars.find(bearer.webinarId);
    return { webinars: own ? [this.#summary(own)] : [], recording: null };
  }

  async get(bearer: LinkClaims, webinarId: string): Promise<WebinarSummary> {
    if (!runs(bearer, webinarId)) throw new RostrumError('forbidden', 'not a webinar of the bearer');
    return this.#summary(await this.#find(webinarId));
  }

  /** How the networks of those on its stage fared, as far as it is kept, oldest first. */
  async quality(bearer: LinkClaims, webinarId: string): Promise<readonly QualityRow[]> {
    if (!runs(bearer, webinarId)) throw new RostrumError('forbidden', 'not a webinar of the bearer');
    await this.#find(webinarId);
    return this.#o.qualityRows(webinarId);
  }

  async createLink(
    bearer: LinkClaims,
    webinarId: string,
    input: z.output<typeof CreateLink>,
    keep: Keep | null = null,
  ): Promise<Link> {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host make links');
    }
    await this.#find(webinarId);
    const { role, name, validHours } = input;
    const { clock, ids, secret } = this.#o;
    const [linkId, personId] = [ids.next(), ids.next()];
    const expiresUnixMs = wholeSeconds(clock.nowUnixMs() + validHours * HOUR_MS);
    let generation = 0;
    const made = async (): Promise<Link> => {
      const claims = { linkId, generation, webinarId, personId, role, name };
      const token = await signLink(claims, secret, expiresUnixMs);
      return { url: this.#linkUrl(role, webinarId, token), token, linkId, personId, role, expiresUnixMs };
    };
    // Known to the log before anybody has it: what is not known cannot be revoked.
    const decision: Decision = (state) => {
      generation = state.generation;
      return makeLink(state, { linkId, personId, role, name, expiresUnixMs });
    };
    await this.#o.submit(webinarId, decision, keep?.(made));
    return made();
  }

  /** Links that were made for somebody, newest first. */
  async links(bearer: LinkClaims, webinarId: string): Promise<{ links: LinkSummary[] }> {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host see its links');
    }
    await this.#find(webinarId);
    const state = await this.#o.submit(webinarId, () => []);
    const connections = this.#o.connectionsByLink(webinarId);
    const nowUnixMs = this.#o.clock.nowUnixMs();
    const links = [...state.links.values()].toReversed().map(({ revoked, ...link }) => ({
      ...link,
      state: state.people.get(link.personId)?.removed
        ? ('removed' as const)
        : revoked
          ? ('revoked' as const)
          : link.expiresUnixMs <= nowUnixMs
            ? ('expired' as const)
            : ('good' as const),
      connections: connections.get(link.linkId) ?? 0,
    }));
    return { links };
  }

  /** Takes one back; whoever is connected by it is not any more. Throws `not-found`. */
  async revokeLink(bearer: LinkClaims, webinarId: string, linkId: string): Promise<Record<string, never>> {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host revoke its links');
    }
    await this.#find(webinarId);
    await this.#o.submit(webinarId, (state) => revokeLink(state, linkId));
    return {};
  }

  /** Removes a person for good, whether or not they ever came. Throws `not-found`, `forbidden` and `conflict` as the command does. */
  async removePerson(
    bearer: LinkClaims,
    webinarId: string,
    personId: string,
  ): Promise<Record<string, never>> {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host remove people here');
    }
    await this.#find(webinarId);
    await this.#o.submit(webinarId, (state) =>
      decide(state, { name: 'person:remove', input: { personId } }, bearer),
    );
    return {};
  }

  /** Takes all back, attendees' too: everybody needs a new one. */
  async revokeLinks(bearer: LinkClaims, webinarId: string): Promise<Record<string, never>> {
    if (bearer.role !== 'owner')
      throw new RostrumError('forbidden', 'only the owner revokes all links of a webinar');
    await this.#find(webinarId);
    await this.#o.submit(webinarId, () => [{ type: 'links.revoked' }]);
    return {};
  }

  /** Takes back every link of the owner but the one that is answered; whoever is signed in needs none, and is answered the console's address. */
  async revokeOwnerLinks(bearer: Bearer): Promise<{ url: string }> {
    if (bearer.role !== 'owner')
      throw new RostrumError('forbidden', 'only the owner revokes the owner’s links');
    await this.#o.store.installation.revokeOwnerLinks();
    this.#o.ownerLinksRevoked();
    return { url: bearer.account ? this.#o.publicUrl() : await this.ownerUrl() };
  }

  /**
   * A token for somebody new, or, with the token an attendee of this webinar already has (`present`), one that names the
   * same person anew. That one expires no later than the present one: a link of one hour cannot be made to last a month.
   * Removed people stay so under any name, since the handshake goes by the person. A name that could be taken for
   * another's is refused as far as the others are known here: an anonymous request loads no webinar, and they are asked
   * again, for certain, where the name is shown. Nobody new comes to a private webinar (`unauthenticated`), or to
   * one that people register for (`forbidden`). Throws `name-taken`, `forbidden` for a present token of another webinar or
   * role, and `not-found`.
   */
  async joinAsAttendee(
    webinarId: string,
    { name, passcode }: z.output<typeof JoinAsAttendee>,
    present: Identity | null,
  ): Promise<z.infer<typeof AttendeeToken>> {
    if (present && (present.claims.role !== 'attendee' || present.claims.webinarId !== webinarId)) {
      throw new RostrumError('forbidden', 'only an attendee of this webinar takes a name in it');
    }
    if (!present && accessOf(webinarId) === 'private') {
      throw new RostrumError('unauthenticated', 'nobody comes to a private webinar without a link');
    }
    const { linkGeneration: generation, plan } = await this.#findPublished(webinarId);
    if (!present && takesRegistrations(plan.join)) {
      throw new RostrumError('forbidden', 'people of this webinar register, and come by their own link', {
        field: 'join',
      });
    }
    if (!present && plan.join === 'passcode') await this.#o.passcodes.admit(webinarId, passcode);
    if (name !== present?.claims.name) refuseImitation(this.#o.stateOf(webinarId), name);
    const linkId = present?.claims.linkId ?? this.#o.ids.next();
    const personId = present?.claims.personId ?? this.#o.ids.next();
    const expiresUnixMs =
      present?.expiresUnixMs ?? wholeSeconds(this.#o.clock.nowUnixMs() + ATTENDEE_TOKEN_MS);
    const by = present?.claims.by;
    const token = await signLink(
      { linkId, generation, webinarId, personId, role: 'attendee', name, ...(by ? { by } : {}) },
      this.#o.secret,
      expiresUnixMs,
    );
    return { token, personId, expiresUnixMs };
  }

  /** Throws `forbidden` for people of another webinar, `not-found` and `unavailable`. */
  async mediaRight(bearer: LinkClaims, webinarId: string): Promise<GrantedRight> {
    if (bearer.role !== 'owner' && bearer.webinarId !== webinarId) {
      throw new RostrumError('forbidden', 'not a webinar of the bearer');
    }
    await this.#find(webinarId);
    return this.#o.mediaRights.grant(webinarId);
  }

  /**
   * Of a private webinar nothing, not even that it is there. `live` comes from memory, where a live webinar is: loading one claims it as its writer, and an anonymous question
   * must not take it from another process. Where it is not, `live` is null and the connection tells. Throws `not-found`.
   */
  async publicView(webinarId: string): Promise<PublicWebinar> {
    if (accessOf(webinarId) === 'private') throw new RostrumError('not-found', 'no such webinar');
    const { title, phase, startsAtUnixMs, profile, plan } = await this.#findPublished(webinarId);
    const known = { webinarId, title, startsAtUnixMs, profile, plan: publicPlan(plan) };
    // Who was let in is told by the connection.
    const inside = takesRegistrations(plan.join) || plan.join === 'passcode';
    if (phase !== 'live' || inside) return { ...known, phase, live: null };
    const now = this.#o.phaseOf(webinarId);
    // It may have ended since the row was read.
    if (now?.phase !== 'live') return { ...known, phase: now?.phase ?? phase, live: null };
    return { ...known, phase, live: { sinceUnixMs: now.sinceUnixMs, playlistUrl: now.playlistUrl } };
  }

  /** The dashboard's URL with the token that runs the whole installation. */
  async ownerUrl(): Promise<string> {
    const generation = await this.#o.store.installation.ownerGeneration();
    const linkId = this.#o.ids.next();
    const token = await signLink(
      { linkId, generation, webinarId: '*', personId: 'owner', role: 'owner', name: 'Owner' },
      this.#o.secret,
      wholeSeconds(this.#o.clock.nowUnixMs() + OWNER_TOKEN_MS),
    );
    return `${this.#o.publicUrl()}/#t=${token}`;
  }

  #linkUrl(role: z.output<typeof CreateLink>['role'], webinarId: string, token: string): string {
    if (role !== 'attendee') return `${this.#o.publicUrl()}${PAGE_OF[role]}#t=${token}`;
    const originUrl = this.#o.originUrl(webinarId);
    if (!originUrl) {
      throw new RostrumError('no-broadcaster', 'no broadcaster is connected, so there is no watch page yet');
    }
    return `${originUrl.replace(/\/+$/, '')}/w/${webinarId}#t=${token}`;
  }

  async #find(webinarId: string): Promise<WebinarRow> {
    const row = await this.#o.store.webinars.find(webinarId);
    if (!row) throw new RostrumError('not-found', 'no such webinar');
    return row;
  }

  /** For who is not of its crew: of a draft not even that it is there. */
  async #findPublished(webinarId: string): Promise<WebinarRow> {
    const row = await this.#find(webinarId);
    if (row.plan.visibility === 'draft') throw new RostrumError('not-found', 'no such webinar');
    return row;
  }

  /** What is told of a row. */
  summaryOf(row: WebinarRow): WebinarSummary {
    return this.#summary(row);
  }

  #summary({ linkGeneration: _, plan, ...row }: WebinarRow): WebinarSummary {
    const originUrl = this.#o.originUrl(row.webinarId);
    const { start, lengthMinutes, cover, visibility, series } = plan;
    return {
      ...row,
      ...{ start, lengthMinutes, cover, visibility, series },
      access: accessOf(row.webinarId),
      remains: row.recording === 'deleting' ? [...(this.#o.recordingRemains(row.webinarId) ?? [])] : [],
      unattended: row.phase === 'live' ? this.#o.unattended(row.webinarId) : null,
      watchUrl: originUrl ? `${originUrl.replace(/\/+$/, '')}/w/${row.webinarId}` : null,
    };
  }
}

/** Tokens expire at whole seconds; what is told is what is signed. */
const wholeSeconds = (unixMs: number): number => Math.floor(unixMs / 1000) * 1000;
