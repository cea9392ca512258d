import {
  type HandshakeRefusal,
  type Person,
  PersonHandshake,
  PROTOCOL_VERSION,
  STAGE,
  type WebinarEvent,
} from '@rostrum/contracts';
import type { Bearer } from '../identity/rights.ts';
import type { Clock } from '../ports.ts';
import { type Access, NotIdentified, type PersonIdentity, standingOf } from '../webinars/access.ts';
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
  readonly claims: Bearer;
  readonly expiresUnixMs: number;
  readonly actor: WebinarActor;
  readonly lastSeq: number | undefined;
}

/**
 * Parses and checks what a client says on connecting, and logs people of the stage, and whoever was sent out and is back. Throws `Refusal`.
 * The owner's token names no webinar, so it opens no connection: owners take a host's link of the webinar, or sign in.
 * @param session the secret of the browser's session
 */
export async function admit(
  auth: unknown,
  access: Access,
  clock: Clock,
  session: string | null,
): Promise<Admitted> {
  const protocol = typeof auth === 'object' && auth !== null && 'protocol' in auth ? auth.protocol : null;
  if (protocol !== PROTOCOL_VERSION) throw new Refusal('protocol-mismatch');
  const handshake = PersonHandshake.safeParse(auth);
  if (!handshake.success) throw new Refusal('token-invalid', handshake.error);
  const identity = await identify(handshake.data, access, session).catch((error: unknown) => {
    throw error instanceof NotIdentified ? new Refusal(error.code, error) : error;
  });
  if (identity.is !== 'member') throw new Refusal('webinar-unknown');
  const { claims, actor, expiresUnixMs } = identity;

  const { personId, name, role } = claims;
  const toLog = (known: Person | undefined): WebinarEvent[] => [
    ...(STAGE.includes(role) && (known?.name !== name || known.role !== role)
      ? [{ type: 'person.admitted' as const, personId, name, role }]
      : []),
    ...(known && known.sentOutUnixMs !== null ? [{ type: 'person.cameBack' as const, personId }] : []),
  ];
  if (toLog(actor.state.people.get(personId)).length > 0) {
    try {
      await actor.submit((state) => {
        const good = standingOf(state, claims, clock.nowUnixMs()) === 'good';
        return good ? toLog(state.people.get(personId)) : [];
      });
    } catch (error) {
      throw new Refusal('unavailable', error);
    }
    const standing = standingOf(actor.state, claims, clock.nowUnixMs());
    if (standing !== 'good') throw new Refusal(standing);
  }
  return { claims, expiresUnixMs, actor, lastSeq: handshake.data.lastSeq };
}

async function identify(
  handshake: PersonHandshake,
  access: Access,
  session: string | null,
): Promise<PersonIdentity> {
  if ('token' in handshake) return access.identify(handshake.token);
  if (session === null) throw new Refusal('signed-out');
  return access.identifySessionIn(session, handshake.webinarId);
}
