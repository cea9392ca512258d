/** Decisions about people: who is on air, who is heard, who has to go. As `decide`; pure. */
import {
  type Hand,
  type Person,
  type Role,
  RostrumError,
  SENT_OUT_MS,
  STAGE,
  type WebinarEvent,
  type WebinarState,
} from '@rostrum/contracts';
import type { Caller } from './commands.ts';
import { conflict, notFound } from './refusals.ts';

/** By right of their role, or as an accepted guest. */
export const mayBeOnStage = (person: Person): boolean =>
  !person.removed && (STAGE.includes(person.role) || person.guest);

/** Whether what a person sends may be heard. Whoever carries their sound asks this, and nobody asks the client. */
export const mayBeHeard = (state: Pick<WebinarState, 'people'>, personId: string): boolean =>
  !state.people.get(personId)?.mutedBy;

/** Whether somebody who was sent out has to stay out. */
export const isSentOut = (person: Person | undefined, nowUnixMs: number): boolean =>
  person !== undefined && person.sentOutUnixMs !== null && nowUnixMs < person.sentOutUnixMs + SENT_OUT_MS;

export const handOf = (state: WebinarState, personId: string): Hand | undefined =>
  state.hands.find((h) => h.personId === personId);

/** A person who may be on stage and was not removed. */
export function personOnStage(state: WebinarState, personId: string): Person {
  const person = state.people.get(personId);
  if (!person || person.removed) throw notFound('no such person', 'personId');
  if (!mayBeOnStage(person)) throw new RostrumError('not-on-stage', 'that person is in the audience');
  return person;
}

export function takeOffAir(state: WebinarState, personId: string): WebinarEvent[] {
  const { scene } = state;
  if (!scene.onAir.some((p) => p.personId === personId)) return [];
  return [
    {
      type: 'scene.changed',
      scene: {
        ...scene,
        onAir: scene.onAir.filter((p) => p.personId !== personId),
        focus: scene.focus === personId ? null : scene.focus,
        screen: scene.screen === personId ? null : scene.screen,
      },
    },
  ];
}

export function mute(state: WebinarState, personId: string, by: Caller): WebinarEvent[] {
  if (personOnStage(state, personId).mutedBy) return [];
  return [{ type: 'person.muted', personId, byPersonId: by.personId, byName: by.name }];
}

/** With the hand that asked for it. */
export function unmute(state: WebinarState, personId: string, by: Caller): WebinarEvent[] {
  if (!personOnStage(state, personId).mutedBy) return [];
  return [
    { type: 'person.unmuted', personId, byPersonId: by.personId, byName: by.name },
    ...(handOf(state, personId) ? [{ type: 'hand.lowered' as const, personId }] : []),
  ];
}

/** The crew always may; others where the webinar lets them. */
export function unmuteSelf(state: WebinarState, caller: Caller, isCrew: boolean): WebinarEvent[] {
  const events = unmute(state, caller.personId, caller);
  if (events.length > 0 && !isCrew && !state.mayUnmute) {
    throw new RostrumError('muted', 'the crew muted you, and lifts it when you ask');
  }
  return events;
}

/** For good, and what they asked goes with them. */
export function removePerson(state: WebinarState, personId: string, caller: Caller): WebinarEvent[] {
  if (state.people.get(personId)?.removed) return [];
  const open = [...state.questions.values()].filter(
    (q) => q.personId === personId && q.status !== 'answered' && q.status !== 'dismissed',
  );
  return [
    ...goodbye(state, personId, caller),
    ...open.map(({ questionId }): WebinarEvent => ({ type: 'question.dismissed', questionId })),
    { type: 'person.removed', personId },
  ];
}

/** For a while. What they asked stays, for the crew to judge. */
export function sendOut(state: WebinarState, personId: string, caller: Caller): WebinarEvent[] {
  const person = state.people.get(personId);
  if (person && (person.removed || person.sentOutUnixMs !== null)) return [];
  return [...goodbye(state, personId, caller), { type: 'person.sentOut', personId }];
}

/** What comes before somebody has to go. The log knows attendees by what they did only; who goes has to be known from then on. */
function goodbye(state: WebinarState, personId: string, caller: Caller): WebinarEvent[] {
  if (personId === caller.personId) throw conflict('nobody removes themselves');
  const person = state.people.get(personId);
  const { name, role } = person ?? acquaintance(state, personId);
  if (role === 'owner' || (role === 'host' && caller.role === 'moderator')) {
    throw new RostrumError('forbidden', `a ${caller.role} cannot remove a person of role ${role}`);
  }
  return [
    ...(person ? [] : [{ type: 'person.admitted' as const, personId, name, role }]),
    ...takeOffAir(state, personId),
  ];
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
