import type { LinkClaims, WebinarState } from '@rostrum/contracts';
import type { Rate } from '../token-bucket.ts';

/**
 * How somebody came to be somebody in a webinar, from which follows what it costs to be one more. `invited`: a link was made
 * for them by the crew, or sent to them when they registered. `open`: the watch page lets in who comes. Ways that cost something in between get a row of their own
 * in `Limits.identity`.
 */
export type JoinMode = 'invited' | 'open';

export function joinModeOf(state: Pick<WebinarState, 'links'>, { role, linkId, by }: LinkClaims): JoinMode {
  // Whoever registered has a mailbox that answers, and does not count among strangers of the same address.
  if (by === 'registration') return 'invited';
  return role === 'attendee' && !state.links.has(linkId) ? 'open' : 'invited';
}

/** What one address gets of identities made in one way. */
export interface IdentityCost {
  /** Of their votes on one question so many count. */
  readonly votes: number;
  /** Of their raised hands so many are listed. */
  readonly hands: number;
  /** So many questions of theirs the webinar holds. */
  readonly questions: number;
}

/** Of those that whoever asks is given. */
export interface FreeIdentityCost extends IdentityCost {
  /** New ones in a webinar. */
  readonly made: Rate;
}

/**
 * Attempts to sign in. `both`: with one account's address from one address, which is what somebody does who mistypes. `account`: from
 * anywhere: several guesses a minute, so that many addresses together guess little, and still let its owner in between.
 */
export interface SignInRates {
  readonly address: Rate;
  readonly account: Rate;
  readonly both: Rate;
}

/** Rates by address are generous, since a whole office may sit behind one; those by room are for ten thousand who come at once. */
export interface Limits {
  readonly identity: { readonly invited: IdentityCost; readonly open: FreeIdentityCost };
  /** At once, of everybody and of one address. */
  readonly connections: { readonly all: number; readonly perClient: number };
  /** New attendees of a webinar, whatever their address. */
  readonly madeInRoom: Rate;
  readonly http: { readonly person: Rate; readonly room: Rate };
  /** `sockets`: of one address, also of who never says who they are. The others are the audience's. */
  readonly handshakes: { readonly sockets: Rate; readonly address: Rate; readonly room: Rate };
  /** The audience's. Crew and stage have their own by person, and are not held up by a crowd. */
  readonly commands: { readonly address: Rate; readonly room: Rate };
  readonly signIn: SignInRates;
  /** Connections of one person at once; the newest stay. */
  readonly socketsPerPerson: number;
}

export const LIMITS: Limits = {
  identity: {
    invited: { votes: Infinity, hands: Infinity, questions: Infinity },
    // An office of three hundred comes in at once, and after that twenty a minute.
    open: { made: { burst: 400, perSecond: 1 / 3 }, votes: 25, hands: 25, questions: 100 },
  },
  // An office of three hundred, each with a page of a dozen connections.
  connections: { all: 30_000, perClient: 4000 },
  madeInRoom: { burst: 20_000, perSecond: 500 },
  http: { person: { burst: 300, perSecond: 30 }, room: { burst: 20_000, perSecond: 1000 } },
  handshakes: {
    sockets: { burst: 2000, perSecond: 100 },
    address: { burst: 1000, perSecond: 50 },
    room: { burst: 40_000, perSecond: 2000 },
  },
  commands: { address: { burst: 600, perSecond: 100 }, room: { burst: 20_000, perSecond: 2000 } },
  signIn: {
    // An office signs in at nine.
    address: { burst: 60, perSecond: 1 / 3 },
    account: { burst: 60, perSecond: 1 / 6 },
    both: { burst: 8, perSecond: 1 / 30 },
  },
  socketsPerPerson: 6,
};

/** `votes` of one address count on a question, and as many hands are listed; 0: all. */
export function limitsWith(votes: number): Limits {
  const { open } = LIMITS.identity;
  const all = votes === 0 ? Infinity : votes;
  const counted = { votes: all, hands: all, questions: Math.max(open.questions, all) };
  return { ...LIMITS, identity: { ...LIMITS.identity, open: { ...open, ...counted } } };
}
