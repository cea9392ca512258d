import {
  type HandshakeRefusal,
  type LinkClaims,
  PersonHandshake,
  PROTOCOL_VERSION,
  STAGE,
} from '@rostrum/contracts';
import { type Access, NotIdentified, standingOf } from '../webinars/access.ts';
import type { WebinarActor } from '../webinars/actor.ts';

/** Why a connection is refused; `data.code` of the client's `connect_error`. */
export class Refusal extends Error {
  readonly data: { readonly code: HandshakeRefusal };
  constructor(code: HandshakeRefusal, cause?: unknown) {
    super(code, { cause });
    this.name = 'Refusal';
    this.data = { code };
  }
}

export interface Admitted {
  readonly claims: LinkClaims;
  readonly expiresUnixMs: number;
  readonly actor: WebinarActor;
  readonly lastSeq: number | undefined;
}

/**
 * Parses and checks what a client says on connecting, and admits people of the stage to the log. Throws `Refusal`.
 * The owner's token names no webinar, so it opens no connection: owners take a host's link of the webinar.
 */
export async function admit(auth: unknown, access: Access): Promise<Admitted> {
  const protocol = typeof auth === 'object' && auth !== null && 'protocol' in auth ? auth.protocol : null;
  if (protocol !== PROTOCOL_VERSION) throw new Refusal('protocol-mismatch');
  const handshake = PersonHandshake.safeParse(auth);
  if (!handshake.success) throw new Refusal('token-invalid', handshake.error);
  const identity = await access.identify(handshake.data.token).catch((error: unknown) => {
    throw error instanceof NotIdentified ? new Refusal(error.code, error) : error;
  });
  if (identity.is === 'owner') throw new Refusal('webinar-unknown');
  const { claims, actor, expiresUnixMs } = identity;

  const { personId, name, role } = claims;
  const known = actor.state.people.get(personId);
  if (STAGE.includes(role) && (known?.name !== name || known.role !== role)) {
    try {
      await actor.submit((state) => {
        const now = state.people.get(personId);
        const admitted = now?.name === name && now.role === role;
        const good = standingOf(state, claims) === 'good';
        return admitted || !good ? [] : [{ type: 'person.admitted', personId, name, role }];
      });
    } catch (error) {
      throw new Refusal('unavailable', error);
    }
    const standing = standingOf(actor.state, claims);
    if (standing !== 'good') throw new Refusal(standing);
  }
  return { claims, expiresUnixMs, actor, lastSeq: handshake.data.lastSeq };
}
