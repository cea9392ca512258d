/** What a bearer's role allows over HTTP; the same questions are asked for every operation. */
import { isCrew, type LinkClaims } from '@rostrum/contracts';

/** Whether they are of the crew of this webinar, or have them all. */
export const runs = (bearer: Pick<LinkClaims, 'role' | 'webinarId'>, webinarId: string): boolean =>
  bearer.role === 'owner' || (isCrew(bearer.role) && bearer.webinarId === webinarId);

/** Whether they may change what the webinar is and who comes: its owner or host. */
export const hosts = (bearer: Pick<LinkClaims, 'role' | 'webinarId'>, webinarId: string): boolean =>
  runs(bearer, webinarId) && bearer.role !== 'moderator';

/** Whether they may plan a new one. */
export const plans = (bearer: Pick<LinkClaims, 'role'>): boolean => bearer.role === 'owner';
