/** What those on the stage answered when they were asked whether they may be recorded. */
import { z } from 'zod';
import { type Consents, ConsentTextVersion, ConsentTo } from '../consent.ts';
import { Id } from '../ids.ts';
import { EVERYONE } from '../roles.ts';
import { type Command, None } from './command.ts';

export const ConsentEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('consent.given'),
    personId: Id,
    to: ConsentTo,
    textVersion: ConsentTextVersion,
  }),
  /** Asked, or after it was given: from here on. `erase`: what was recorded of it before is to be deleted. */
  z.object({
    type: z.literal('consent.refused'),
    personId: Id,
    to: ConsentTo,
    textVersion: ConsentTextVersion,
    erase: z.boolean().optional(),
  }),
]);
export type ConsentEvent = z.infer<typeof ConsentEvent>;

export const consentCommands = {
  /**
   * Whether one may be recorded, before the first media is sent and at any time after: a refusal holds from then on. `erase`, of a
   * refusal of tracks: those that were recorded before are to be deleted. Throws `not-on-stage`.
   */
  'consent:answer': {
    input: z.object({
      to: ConsentTo,
      given: z.boolean(),
      textVersion: ConsentTextVersion,
      erase: z.boolean().default(false),
    }),
    output: None,
    roles: EVERYONE,
  },
} as const satisfies Record<string, Command>;

export interface ConsentState {
  /** What people answered when they were asked whether they may be recorded; also of those who are gone. */
  readonly consents: ReadonlyMap<string, Consents>;
}
