/** Who may be on the stage, be heard, be here. Pure. */
import { type Person, RostrumError, SENT_OUT_MS, STAGE, type WebinarState } from '@rostrum/contracts';
import { notFound } from '../../refusals.ts';

/** By right of their role, or as an accepted guest. */
export const mayBeOnStage = (person: Person): boolean =>
  !person.removed && (STAGE.includes(person.role) || person.guest);

/** Whether what a person sends may be heard. Whoever carries their sound asks this, and nobody asks the client. */
export const mayBeHeard = (state: Pick<WebinarState, 'people'>, personId: string): boolean =>
  !state.people.get(personId)?.mutedBy;

/** Whether somebody who was sent out has to stay out. */
export const isSentOut = (person: Person | undefined, nowUnixMs: number): boolean =>
  person !== undefined && person.sentOutUnixMs !== null && nowUnixMs < person.sentOutUnixMs + SENT_OUT_MS;

/** A person who may be on stage and was not removed. */
export function personOnStage(state: WebinarState, personId: string): Person {
  const person = state.people.get(personId);
  if (!person || person.removed) throw notFound('no such person', 'personId');
  if (!mayBeOnStage(person)) throw new RostrumError('not-on-stage', 'that person is in the audience');
  return person;
}
