/** What a bearer's role allows over HTTP; the same questions are asked for every operation. */
import { type AccountRole, isCrew, type LinkClaims } from '@rostrum/contracts';

/** Somebody by their account, in a session. */
export interface SignedIn {
  readonly accountId: string;
  readonly sessionId: string;
  readonly role: AccountRole;
}

/** Who asks. `account`: they are signed in, and the claims say who that is in the webinar that was asked about. */
export type Bearer = LinkClaims & { readonly account?: SignedIn };

/** The webinar of whoever is signed in and is nobody in the one that was asked about: no id is like it. */
export const NO_WEBINAR = '-';

/** Whether they are of the crew of this webinar, or have them all. */
export const runs = (bearer: Pick<LinkClaims, 'role' | 'webinarId'>, webinarId: string): boolean =>
  bearer.role === 'owner' || (isCrew(bearer.role) && bearer.webinarId === webinarId);

/** Whether they may change what the webinar is and who comes: its owner or host. */
export const hosts = (bearer: Pick<LinkClaims, 'role' | 'webinarId'>, webinarId: string): boolean =>
  runs(bearer, webinarId) && bearer.role !== 'moderator';

/** Whether they may plan a new one: an owner, or a host by their account. */
export const plans = (bearer: Pick<Bearer, 'role' | 'account'>): boolean =>
  bearer.role === 'owner' || bearer.account?.role === 'host';

/** Whether they may say who else signs in, and see what everybody did. */
export const administers = (bearer: Pick<Bearer, 'role'>): boolean => bearer.role === 'owner';
