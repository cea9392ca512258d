import { z } from 'zod';

/** `owner` runs the installation (every webinar); the others belong to one webinar. */
export const Role = z.enum(['owner', 'host', 'moderator', 'panelist', 'attendee']);
export type Role = z.infer<typeof Role>;

/** Roles that direct the show, see the whole room and its queue. */
export const CREW: readonly Role[] = ['owner', 'host', 'moderator'];
/** Roles that may connect to the stage by right; an attendee only after their hand was accepted. */
export const STAGE: readonly Role[] = ['owner', 'host', 'moderator', 'panelist'];
export const EVERYONE: readonly Role[] = ['owner', 'host', 'moderator', 'panelist', 'attendee'];

export const isCrew = (role: Role): boolean => CREW.includes(role);
