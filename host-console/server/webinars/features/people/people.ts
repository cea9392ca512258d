/** Who is known to a webinar, who of them is heard, and who had to go. */
import {
  DELETED_NAME,
  Id,
  KeptName,
  type PeopleEvent,
  type PeopleState,
  type Person,
  type PersonView,
  type peopleCommands,
  Role,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { Touch } from '../all.ts';
import { consentsOf, consentView } from '../consent/consents.ts';
import type { DraftState } from '../draft-state.ts';
import type { Feature } from '../feature.ts';
import { handOf } from '../hands/hand-of.ts';
import type { Deltas, Look } from '../look.ts';
import { AT_ONCE, chunks, inParts, readPart } from '../parts.ts';
import { tookBack } from '../taken-back/taken-back.ts';
import { mute, removePerson, returnGuest, sendOut, unmute, unmuteSelf } from './decide.ts';
import { mayBeOnStage } from './standing.ts';

export interface PeopleTouch {
  readonly kind: 'person';
  readonly personId: string;
}

const PersonPart: z.ZodType<Person> = z.object({
  personId: Id,
  name: KeptName,
  role: Role,
  guest: z.boolean(),
  removed: z.boolean(),
  sentOutUnixMs: z.number().nullable(),
  mutedBy: KeptName.nullable(),
});
const People = z.object({ kind: z.literal('people'), people: z.array(PersonPart) });

type Whose = { readonly personId: string };
const nothing = (): Touch[] => [];
const shown = ({ personId }: Whose): Touch[] => [{ kind: 'person', personId }];
const heard = ({ personId }: Whose): Touch[] => [
  { kind: 'person', personId },
  { kind: 'self', personId },
];
/** They went to the stage, or from it. */
export const moved = ({ personId }: Whose): Touch[] => [
  { kind: 'class', personId },
  { kind: 'person', personId },
  { kind: 'hands' },
];

export const people = {
  empty: { people: new Map<string, Person>() },
  decide: {
    'person:mute': (state, { input }, caller) => mute(state, input.personId, caller),
    'person:unmute': (state, { input }, caller) => unmute(state, input.personId, caller),
    'person:unmuteSelf': (state, _command, caller) => unmuteSelf(state, caller),
    'person:sendOut': (state, { input }, caller) => sendOut(state, input.personId, caller),
    'person:remove': (state, { input }, caller) => removePerson(state, input.personId, caller),
    'guest:return': (state, { input }) => returnGuest(state, input.personId),
    'guest:leave': (state, _command, caller) => returnGuest(state, caller.personId),
  },
  apply: {
    'person.admitted': (draft, { personId, name, role }) => {
      const known = draft.now.people.get(personId);
      setPerson(draft, { ...newcomer(personId, name, role), ...known, name, role });
    },
    'person.removed': (draft, { personId }) => changePerson(draft, personId, { guest: false, removed: true }),
    'person.erased': (draft, { personId }) => {
      const role = draft.now.people.get(personId)?.role ?? 'attendee';
      setPerson(draft, { ...newcomer(personId, DELETED_NAME, role), removed: true });
    },
    'person.sentOut': (draft, { personId }, { atUnixMs }) =>
      changePerson(draft, personId, { guest: false, sentOutUnixMs: atUnixMs }),
    'person.cameBack': (draft, { personId }) => changePerson(draft, personId, { sentOutUnixMs: null }),
    'person.muted': (draft, { personId, byName }) => changePerson(draft, personId, { mutedBy: byName }),
    'person.unmuted': (draft, { personId }) => changePerson(draft, personId, { mutedBy: null }),
    'guest.returned': (draft, { personId }) => {
      forget(draft, personId);
      tookBack(draft, personId);
    },
  },
  touches: {
    'person.admitted': shown,
    'person.removed': moved,
    'person.erased': moved,
    'person.sentOut': moved,
    'person.cameBack': nothing,
    'person.muted': heard,
    'person.unmuted': heard,
    'guest.returned': moved,
  },
  deltas: {
    person: ({ personId }, look, deltas) => {
      if (look.viewerClass !== 'audience' || look.changedSides) addPerson(personId, look, deltas);
    },
  },
  view: (look) => ({
    people:
      look.viewerClass === 'audience'
        ? []
        : [...look.state.people.values()].filter(mayBeOnStage).map((person) => personView(person, look)),
  }),
  self: (state, personId) => {
    const person = state.people.get(personId);
    const asked = handOf(state, personId) !== undefined;
    return {
      guest: person?.guest ?? false,
      muted: person?.mutedBy && mayBeOnStage(person) ? { byName: person.mutedBy, asked } : null,
    };
  },
  changedSides: (look, deltas) => {
    for (const personId of look.state.people.keys()) addPerson(personId, look, deltas);
  },
  kept: {
    people: inParts(
      {
        people: readPart(People, (draft, part) => {
          for (const person of part.people) setPerson(draft, person);
        }),
      },
      function* (all: PeopleState['people']): Generator<z.infer<typeof People>> {
        for (const some of chunks(all.values(), AT_ONCE.people)) yield { kind: 'people', people: some };
      },
    ),
  },
} satisfies Feature<PeopleEvent['type'], keyof typeof peopleCommands, PeopleState, PeopleTouch['kind']>;

/** A guest, at the end of the list, where views put a newcomer. `name` absent: the one they are known by. */
export function welcomeGuest(draft: DraftState, personId: string, name: string | undefined): void {
  const called = name ?? draft.now.people.get(personId)?.name ?? 'Guest';
  forget(draft, personId);
  setPerson(draft, { ...newcomer(personId, called, 'attendee'), guest: true });
}

function newcomer(personId: string, name: string, role: Role): Person {
  return { personId, name, role, guest: false, removed: false, sentOutUnixMs: null, mutedBy: null };
}

function setPerson(draft: DraftState, person: Person): void {
  draft.now.people = draft.ownMap(draft.now.people).set(person.personId, person);
}

function changePerson(draft: DraftState, personId: string, change: Partial<Person>): void {
  const known = draft.now.people.get(personId);
  if (known) setPerson(draft, { ...known, ...change });
}

function forget(draft: DraftState, personId: string): void {
  const own = draft.ownMap(draft.now.people);
  own.delete(personId);
  draft.now.people = own;
}

function addPerson(personId: string, look: Look, deltas: Deltas): void {
  const person = look.state.people.get(personId);
  deltas.add(
    `person ${personId}`,
    look.viewerClass !== 'audience' && person && mayBeOnStage(person)
      ? { type: 'person', person: personView(person, look) }
      : { type: 'personGone', personId },
  );
}

function personView(
  { personId, name, role, guest, mutedBy }: Person,
  { state, viewerClass }: Look,
): PersonView {
  return {
    personId,
    name,
    role,
    guest,
    muted: mutedBy !== null,
    // What somebody would rather not is between them and who runs the show.
    consent: viewerClass === 'crew' ? consentView(consentsOf(state, personId)) : null,
  };
}
