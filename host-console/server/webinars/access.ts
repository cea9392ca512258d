/**
 * Who somebody is, and whether they still are: the one place that answers it, for sockets and HTTP alike. A signature says
 * who was let in once; the webinar's state says who was removed, and whose link was taken back since.
 */
import {
  type AccountRole,
  type ApiScope,
  type HandshakeRefusal,
  type LinkClaims,
  RostrumError,
  verifyLink,
} from '@rostrum/contracts';
import { hashOf } from '../identity/accounts/session-cookie.ts';
import { joinModeOf } from '../identity/limits.ts';
import { type Bearer, NO_WEBINAR } from '../identity/rights.ts';
import type { Clock } from '../ports.ts';
import { takesRegistrations } from '../registration/rules.ts';
import type { KnownSession, WebinarRole } from '../store/index.ts';
import type { WebinarActor } from './actor.ts';
import { isSentOut } from './features/people/standing.ts';
import type { FoldedState } from './fold.ts';
import type { WebinarRegistry } from './registry.ts';

/** What became of a link that was good when it was signed. */
export function standingOf(
  state: Pick<FoldedState, 'people' | 'links' | 'generation'>,
  claims: Pick<LinkClaims, 'linkId' | 'personId' | 'generation'>,
  nowUnixMs: number,
): 'good' | 'removed' | 'revoked' | 'sent-out' {
  const person = state.people.get(claims.personId);
  if (person?.removed) return 'removed';
  const revoked = claims.generation < state.generation || state.links.get(claims.linkId)?.revoked === true;
  if (revoked) return 'revoked';
  return isSentOut(person, nowUnixMs) ? 'sent-out' : 'good';
}

interface Known {
  readonly claims: Bearer;
  readonly expiresUnixMs: number;
}

export type Member = Known & { readonly is: 'member'; readonly actor: WebinarActor };

/**
 * The owner has every webinar; a member is somebody in one, whose actor knows them; an account is signed in, and nobody in the
 * webinar that was asked about.
 */
export type PersonIdentity =
  | (Known & { readonly is: 'owner' })
  | Member
  | (Known & { readonly is: 'account' });

/** A person, or a program with a secret of the owner's making: with the owner's rights, as far as its scopes go. */
export type Identity =
  | PersonIdentity
  | (Known & { readonly is: 'token'; readonly tokenId: string; readonly scopes: readonly ApiScope[] });

export type IdentityRefusal = Extract<
  HandshakeRefusal,
  | 'token-invalid'
  | 'token-expired'
  | 'signed-out'
  | 'revoked'
  | 'removed'
  | 'sent-out'
  | 'webinar-unknown'
  | 'unavailable'
>;

/** Why a token is nobody. */
export class NotIdentified extends Error {
  readonly code: IdentityRefusal;

  constructor(code: IdentityRefusal, cause?: unknown) {
    super(code, { cause });
    this.name = 'NotIdentified';
    this.code = code;
  }

  /** For HTTP. */
  toRostrumError(): RostrumError {
    return this.code === 'unavailable'
      ? new RostrumError('unavailable', 'the webinar could not be read', { cause: this })
      : new RostrumError('unauthenticated', this.code, { cause: this });
  }
}

export interface AccessOptions {
  readonly secret: string;
  readonly registry: WebinarRegistry;
  readonly clock: Clock;
  /** How often the owner's links were all revoked. */
  readonly ownerGeneration: () => Promise<number>;
  readonly sessions: {
    /** By the hash of a session's secret, and who that is in a webinar. */
    find(tokenHash: string, webinarId: string | null, nowUnixMs: number): Promise<KnownSession | null>;
    /** It was used now. Returns at once. */
    used(session: KnownSession): void;
  };
}

/** No revocation of links concerns whoever is signed in. */
const NO_GENERATION = Number.MAX_SAFE_INTEGER;

export class Access {
  readonly #o: AccessOptions;

  constructor(options: AccessOptions) {
    this.#o = options;
  }

  /** Throws `NotIdentified`. */
  async identify(token: string): Promise<PersonIdentity> {
    const verified = await verifyLink(token, this.#o.secret, this.#o.clock.nowUnixMs());
    if (!verified.ok) throw new NotIdentified(verified.code);
    const { claims, expiresUnixMs } = verified;
    if (claims.webinarId === '*') {
      const generation = await this.#o.ownerGeneration().catch(notNow);
      if (claims.generation < generation) throw new NotIdentified('revoked');
      return { is: 'owner', claims, expiresUnixMs };
    }
    const actor = await this.#o.registry.get(claims.webinarId).catch(notNow);
    if (!actor) throw new NotIdentified('webinar-unknown');
    // For who may still have a link to what was taken back into a draft.
    if (claims.role === 'attendee' && actor.state.plan.visibility === 'draft') {
      throw new NotIdentified('webinar-unknown');
    }
    // And for who came by themselves, before it was for people who register.
    if (takesRegistrations(actor.state.plan.join) && joinModeOf(actor.state, claims) === 'open') {
      throw new NotIdentified('revoked');
    }
    const standing = standingOf(actor.state, claims, this.#o.clock.nowUnixMs());
    if (standing !== 'good') throw new NotIdentified(standing);
    return { is: 'member', claims, expiresUnixMs, actor };
  }

  /**
   * Who is signed in by this secret, and who that is in `webinarId` (null: no webinar is asked about). Throws `NotIdentified`
   * with `signed-out` or `unavailable`.
   */
  async identifySession(secret: string, webinarId: string | null): Promise<PersonIdentity> {
    const { clock, sessions, registry } = this.#o;
    const nowUnixMs = clock.nowUnixMs();
    const session = await sessions.find(hashOf(secret), webinarId, nowUnixMs).catch(notNow);
    if (!session) throw new NotIdentified('signed-out');
    sessions.used(session);
    const { account, sessionId, expiresUnixMs } = session;
    const { accountId, name, role } = account;
    const claims = {
      ...{ linkId: sessionId, generation: NO_GENERATION, personId: accountId, name },
      account: { accountId, sessionId, role },
    };
    if (role === 'owner') {
      return { is: 'owner', claims: { ...claims, webinarId: '*', role }, expiresUnixMs };
    }
    const roleHere = roleIn(role, session.webinarRole);
    const actor =
      webinarId !== null && roleHere !== null ? await registry.get(webinarId).catch(notNow) : null;
    if (actor && roleHere !== null && !actor.state.people.get(accountId)?.removed) {
      const here = { ...claims, webinarId: actor.webinarId, role: roleHere };
      return { is: 'member', claims: here, expiresUnixMs, actor };
    }
    return { is: 'account', claims: { ...claims, webinarId: NO_WEBINAR, role }, expiresUnixMs };
  }

  /**
   * The same for whoever comes into the webinar: an owner is a host there. Throws `webinar-unknown` for who is nobody in it,
   * whether or not it is there.
   */
  async identifySessionIn(secret: string, webinarId: string): Promise<Member> {
    const identity = await this.identifySession(secret, webinarId);
    if (identity.is === 'member') return identity;
    if (identity.is === 'account') throw new NotIdentified('webinar-unknown');
    const actor = await this.#o.registry.get(webinarId).catch(notNow);
    if (!actor) throw new NotIdentified('webinar-unknown');
    const claims: Bearer = { ...identity.claims, webinarId, role: 'host' };
    return { is: 'member', claims, expiresUnixMs: identity.expiresUnixMs, actor };
  }
}

/** Who an account is in a webinar that it was assigned to: who moderates by their account hosts nothing. null: nobody. */
export const roleIn = (role: AccountRole, assigned: WebinarRole | null): WebinarRole | null =>
  role === 'owner' ? 'host' : role === 'moderator' && assigned !== null ? 'moderator' : assigned;

const notNow = (error: unknown): never => {
  throw new NotIdentified('unavailable', error);
};
