import {
  type HandshakeRefusal,
  type LinkClaims,
  PersonHandshake,
  PROTOCOL_VERSION,
  STAGE,
  verifyLink,
} from '@rostrum/contracts';
import type { WebinarActor } from '../webinars/actor.ts';
import type { WebinarRegistry } from '../webinars/registry.ts';

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
export async function admit(
  auth: unknown,
  deps: { secret: string; registry: WebinarRegistry; nowUnixMs: number },
): Promise<Admitted> {
  const protocol = typeof auth === 'object' && auth !== null && 'protocol' in auth ? auth.protocol : null;
  if (protocol !== PROTOCOL_VERSION) throw new Refusal('protocol-mismatch');
  const handshake = PersonHandshake.safeParse(auth);
  if (!handshake.success) throw new Refusal('token-invalid', handshake.error);
  const verified = await verifyLink(handshake.data.token, deps.secret, deps.nowUnixMs);
  if (!verified.ok) throw new Refusal(verified.code);
  const { claims } = verified;
  if (claims.webinarId === '*') throw new Refusal('webinar-unknown');

  let actor: WebinarActor | null;
  try {
    actor = await deps.registry.get(claims.webinarId);
  } catch (error) {
    throw new Refusal('unavailable', error);
  }
  if (!actor) throw new Refusal('webinar-unknown');
  const known = actor.state.people.get(claims.personId);
  if (known?.removed) throw new Refusal('removed');

  const { personId, name, role } = claims;
  if (STAGE.includes(role) && (known?.name !== name || known.role !== role)) {
    try {
      await actor.submit((state) => {
        const now = state.people.get(personId);
        const admitted = now?.name === name && now.role === role;
        return admitted || now?.removed ? [] : [{ type: 'person.admitted', personId, name, role }];
      });
    } catch (error) {
      throw new Refusal('unavailable', error);
    }
    if (actor.state.people.get(personId)?.removed) throw new Refusal('removed');
  }
  return {
    claims,
    expiresUnixMs: verified.expiresUnixMs,
    actor,
    lastSeq: handshake.data.lastSeq,
  };
}
