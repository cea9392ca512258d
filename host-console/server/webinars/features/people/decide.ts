/** Who is heard, and who has to go. As `decide`; pure. What follows for other features stands in `interactions.ts`. */
import { isCrew, type PeopleEvent, type Role, RostrumError, type WebinarState } from '@rostrum/contracts';
import type { Caller } from '../../commands.ts';
import { conflict, notFound } from '../../refusals.ts';
import { handOf } from '../hands/hand-of.ts';
import { personOnStage } from './standing.ts';

export function mute(state: WebinarState, personId: string, by: Caller): PeopleEvent[] {
  if (personOnStage(state, personId).mutedBy) return [];
  return [{ type: 'person.muted', personId, byPersonId: by.personId, byName: by.name }];
}

export function unmute(state: WebinarState, personId: string, by: Caller): PeopleEvent[] {
  if (!personOnStage(state, personId).mutedBy) return [];
  return [{ type: 'person.unmuted', personId, byPersonId: by.personId, byName: by.name }];
}

/** The crew always may; others where the webinar lets them. */
export function unmuteSelf(state: WebinarState, caller: Caller): PeopleEvent[] {
  const events = unmute(state, caller.personId, caller);
  if (events.length > 0 && !isCrew(caller.role) && !state.mayUnmute) {
    throw new RostrumError('muted', 'the crew muted you, and lifts it when you ask');
  }
  return events;
}

/** For good. */
export function removePerson(state: WebinarState, personId: string, caller: Caller): PeopleEvent[] {
  if (state.people.get(personId)?.removed) return [];
  return [...goodbye(state, personId, caller), { type: 'person.removed', personId }];
}

/** On their request. Not during the show: everybody there has what they said on their screens. */
export function erasePerson(state: WebinarState, personId: string): PeopleEvent[] {
  if (state.phase.phase === 'live') {
    throw conflict('remove the person now, and delete what is kept of them after the show');
  }
  return [{ type: 'person.erased', personId }];
}

/** For a while. */
export function sendOut(state: WebinarState, personId: string, caller: Caller): PeopleEvent[] {
  const person = state.people.get(personId);
  if (person && (person.removed || person.sentOutUnixMs !== null)) return [];
  return [...goodbye(state, personId, caller), { type: 'person.sentOut', personId }];
}

export function returnGuest(state: WebinarState, personId: string): PeopleEvent[] {
  return state.people.get(personId)?.guest ? [{ type: 'guest.returned', personId }] : [];
}

/** What comes before somebody has to go. The log knows attendees by what they did only; who goes has to be known from then on. */
function goodbye(state: WebinarState, personId: string, caller: Caller): PeopleEvent[] {
  if (personId === caller.personId) throw conflict('nobody removes themselves');
  const person = state.people.get(personId);
  const { name, role } = person ?? acquaintance(state, personId);
  if (role === 'owner' || (role === 'host' && caller.role === 'moderator')) {
    throw new RostrumError('forbidden', `a ${caller.role} cannot remove a person of role ${role}`);
  }
  return person ? [] : [{ type: 'person.admitted', personId, name, role }];
}

/** Somebody who raised a hand, asked something, or was made a link and has not come yet. Throws `not-found`. */
function acquaintance(state: WebinarState, personId: string): { readonly name: string; readonly role: Role } {
  const link = [...state.links.values()].find((made) => made.personId === personId);
  if (link) return link;
  const name =
    handOf(state, personId)?.name ?? [...state.questions.values()].find((q) => q.personId === personId)?.name;
  if (name === undefined) throw notFound('no such person', 'personId');
  return { name, role: 'attendee' };
}
