/** Who is known to a webinar, who of them is heard, and who had to go. */
import { z } from 'zod';
import { ConsentView } from '../consent.ts';
import { displayText, keptText } from '../display-text.ts';
import { Id } from '../ids.ts';
import { CREW, EVERYONE, Role } from '../roles.ts';
import { type Command, None, nothing } from './command.ts';

const NAME = { max: 60 } as const;
export const PersonName = displayText(NAME);
/** In a log or a token that may be older than the rules for it: what can't be shown as it is, is mended. */
export const KeptName = keptText(NAME, 'Guest');

/** What stands in the place of the name of a person who was deleted. */
export const DELETED_NAME = 'Deleted person';

/** How long somebody who was sent out stays out. */
export const SENT_OUT_MS = 5 * 60_000;

export const PeopleEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('person.admitted'), personId: Id, name: KeptName, role: Role }),
  /** For good: the person does not come back, under whatever name. */
  z.object({ type: z.literal('person.removed'), personId: Id }),
  /** For a while (`SENT_OUT_MS`). */
  z.object({ type: z.literal('person.sentOut'), personId: Id }),
  /** Who was sent out is here again. */
  z.object({ type: z.literal('person.cameBack'), personId: Id }),
  /** By the crew: whatever they send, nothing of them is heard. */
  z.object({ type: z.literal('person.muted'), personId: Id, byPersonId: Id, byName: KeptName }),
  /** By the crew, or by themselves where they may. It opens no microphone; it lets its owner open it. */
  z.object({ type: z.literal('person.unmuted'), personId: Id, byPersonId: Id, byName: KeptName }),
  /**
   * On their request: of who they were nothing is left, here and in the events before this one, which were written anew without it.
   * They do not come back.
   */
  z.object({ type: z.literal('person.erased'), personId: Id }),
  /** A guest (accepted attendee) went back to the audience, by themselves or sent by the crew. */
  z.object({ type: z.literal('guest.returned'), personId: Id }),
]);
export type PeopleEvent = z.infer<typeof PeopleEvent>;

export const peopleCommands = {
  'person:mute': { input: z.object({ personId: Id }), output: None, roles: CREW },
  /** Lifts the mute: no microphone is opened by it, its owner may open it again. */
  'person:unmute': { input: z.object({ personId: Id }), output: None, roles: CREW },
  /** The same for oneself, where the webinar lets people (`rules.mayUnmute`). */
  'person:unmuteSelf': { input: nothing, output: None, roles: EVERYONE },
  /** For a while; what they asked stays. */
  'person:sendOut': { input: z.object({ personId: Id }), output: None, roles: CREW },
  /** For good, and with what they asked and is still open. */
  'person:remove': { input: z.object({ personId: Id }), output: None, roles: CREW },
  /** Crew sends a guest back. */
  'guest:return': { input: z.object({ personId: Id }), output: None, roles: CREW },
  /** The guest goes back by themselves. */
  'guest:leave': { input: nothing, output: None, roles: ['attendee'] },
} as const satisfies Record<string, Command>;

export interface Person {
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
  /** An attendee whose hand was accepted. */
  readonly guest: boolean;
  readonly removed: boolean;
  /** Since when they are out; null: they are not, or came back. */
  readonly sentOutUnixMs: number | null;
  /** The name of who of the crew muted them; null: they are not muted by the crew. */
  readonly mutedBy: string | null;
}

export interface PeopleState {
  readonly people: ReadonlyMap<string, Person>;
}

export const PersonView = z.object({
  personId: Id,
  name: z.string(),
  role: Role,
  guest: z.boolean(),
  /** By the crew. */
  muted: z.boolean(),
  /** For the crew only, else null. */
  consent: ConsentView.nullable(),
});
export type PersonView = z.infer<typeof PersonView>;

/** The viewer was muted by the crew. `asked`: they asked to be heard again, by raising their hand. */
export const MutedView = z.object({ byName: z.string(), asked: z.boolean() });
export type MutedView = z.infer<typeof MutedView>;

export const PersonDelta = z.object({ type: z.literal('person'), person: PersonView });
export const PersonGoneDelta = z.object({ type: z.literal('personGone'), personId: Id });
