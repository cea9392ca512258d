/**
 * Who somebody is, and whether they still are: the one place that answers it, for sockets and HTTP alike. A signature says
 * who was let in once; the webinar's state says who was removed, and whose link was taken back since.
 */
import {
  type ApiScope,
  type HandshakeRefusal,
  type LinkClaims,
  RostrumError,
  verifyLink,
} from '@rostrum/contracts';
import { joinModeOf } from '../identity/limits.ts';
import type { Clock } from '../ports.ts';
import { takesRegistrations } from '../registration/rules.ts';
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

interface Bearer {
  readonly claims: LinkClaims;
  readonly expiresUnixMs: number;
}

/** The owner has every webinar; everybody else is somebody in one, whose actor knows them. */
export type PersonIdentity =
  | (Bearer & { readonly is: 'owner' })
  | (Bearer & { readonly is: 'member'; readonly actor: WebinarActor });

/** A person, or a program with a secret of the owner's making: with the owner's rights, as far as its scopes go. */
export type Identity =
  | PersonIdentity
  | (Bearer & { readonly is: 'token'; readonly tokenId: string; readonly scopes: readonly ApiScope[] });

export type IdentityRefusal = Extract<
  HandshakeRefusal,
  'token-invalid' | 'token-expired' | 'revoked' | 'removed' | 'sent-out' | 'webinar-unknown' | 'unavailable'
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
}

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
      const generation = await this.#o.ownerGeneration().catch((error: unknown) => {
        throw new NotIdentified('unavailable', error);
      });
      if (claims.generation < generation) throw new NotIdentified('revoked');
      return { is: 'owner', claims, expiresUnixMs };
    }
    const actor = await this.#o.registry.get(claims.webinarId).catch((error: unknown) => {
      throw new NotIdentified('unavailable', error);
    });
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
}
