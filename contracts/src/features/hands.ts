/** Raised hands: of the audience, to come to the stage; of the stage, to be heard again. */
import { z } from 'zod';
import { Id } from '../ids.ts';
import { UnixMs } from '../moment.ts';
import { CREW } from '../roles.ts';
import { type Command, None, nothing } from './command.ts';
import { KeptName } from './people.ts';

export const HandsEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hand.raised'), personId: Id, name: KeptName }),
  z.object({ type: z.literal('hand.lowered'), personId: Id }),
  z.object({ type: z.literal('hand.declined'), personId: Id }),
  /** The attendee may now join the stage from the page they are on. */
  z.object({ type: z.literal('hand.accepted'), personId: Id }),
]);
export type HandsEvent = z.infer<typeof HandsEvent>;

export const handsCommands = {
  /** Of the audience: to come to the stage. Of the stage: to be heard again, for who is muted. */
  'hand:raise': { input: nothing, output: None, roles: ['panelist', 'attendee'] },
  'hand:lower': { input: nothing, output: None, roles: ['panelist', 'attendee'] },
  'hand:accept': { input: z.object({ personId: Id }), output: None, roles: CREW },
  'hand:decline': { input: z.object({ personId: Id }), output: None, roles: CREW },
} as const satisfies Record<string, Command>;

export interface Hand {
  readonly personId: string;
  readonly name: string;
  readonly raisedUnixMs: number;
}

export interface HandsState {
  /** In the order they were raised. */
  readonly hands: readonly Hand[];
}

export const HandView = z.object({ personId: Id, name: z.string(), raisedUnixMs: UnixMs });
export type HandView = z.infer<typeof HandView>;

/** `hand` is the viewer's own: accepted means they are a guest and may join the stage. */
export const MyHand = z.enum(['down', 'raised', 'accepted', 'declined']);
export type MyHand = z.infer<typeof MyHand>;

export const HandsDelta = z.object({ type: z.literal('hands'), hands: z.array(HandView) });
