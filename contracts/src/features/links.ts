/** Personal links, which those who run the webinar make and take back. Nobody's view holds them. */
import { z } from 'zod';
import { Id } from '../ids.ts';
import { KeptUnixMs } from '../moment.ts';
import { Role } from '../roles.ts';
import { KeptName } from './people.ts';

export const LinksEvent = z.discriminatedUnion('type', [
  /** For somebody of the crew or the stage, or one attendee. Those whom a watch page lets in have links that are not listed. */
  z.object({
    type: z.literal('link.made'),
    linkId: Id,
    personId: Id,
    name: KeptName,
    role: Role,
    expiresUnixMs: KeptUnixMs,
  }),
  z.object({ type: z.literal('link.revoked'), linkId: Id }),
  /** All that were made before, listed or not. */
  z.object({ type: z.literal('links.revoked') }),
]);
export type LinksEvent = z.infer<typeof LinksEvent>;

/** A link that was made for somebody. */
export interface MadeLink {
  readonly linkId: string;
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
  readonly madeUnixMs: number;
  readonly expiresUnixMs: number;
  readonly revoked: boolean;
}

export interface LinksState {
  readonly links: ReadonlyMap<string, MadeLink>;
  /** How often all links were revoked. */
  readonly generation: number;
}
