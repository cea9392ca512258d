/** What the crew settles for everybody. */
import { z } from 'zod';
import { CREW } from '../roles.ts';
import { type Command, None } from './command.ts';

/** `open`: what is asked is seen by everybody at once; `moderated`: once somebody of the crew approved it. */
export const Moderation = z.enum(['open', 'moderated']);
export type Moderation = z.infer<typeof Moderation>;

export const RulesEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('moderation.changed'), moderation: Moderation }),
  /** Whether people of the stage may unmute themselves after the crew muted them. */
  z.object({ type: z.literal('unmuting.changed'), mayUnmute: z.boolean() }),
  /** Whether what people on the stage send is kept unmixed too, of those who agree to it. */
  z.object({ type: z.literal('tracks.changed'), record: z.boolean() }),
]);
export type RulesEvent = z.infer<typeof RulesEvent>;

export const rulesCommands = {
  'moderation:set': { input: z.object({ moderation: Moderation }), output: None, roles: CREW },
  'unmuting:set': { input: z.object({ mayUnmute: z.boolean() }), output: None, roles: CREW },
  'tracks:set': { input: z.object({ record: z.boolean() }), output: None, roles: CREW },
} as const satisfies Record<string, Command>;

export interface RulesState {
  readonly moderation: Moderation;
  /** Whether who was muted by the crew may lift that. */
  readonly mayUnmute: boolean;
  /** Whether isolated tracks are recorded, of those who agreed to it. */
  readonly keepsTracks: boolean;
}

export const RulesView = z.object({
  moderation: Moderation,
  mayUnmute: z.boolean(),
  /** Isolated tracks are recorded, of those who agree to it. */
  tracks: z.boolean(),
});
export type RulesView = z.infer<typeof RulesView>;

export const RulesDelta = z.object({ type: z.literal('rules'), rules: RulesView });
