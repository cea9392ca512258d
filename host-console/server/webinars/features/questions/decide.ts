/** Questions and votes. As `decide`; pure. */
import {
  isCrew,
  type Question,
  type QuestionsEvent,
  RostrumError,
  type WebinarState,
} from '@rostrum/contracts';
import type { Caller } from '../../commands.ts';
import { refuseImitator } from '../../names.ts';
import { conflict, notFound, tooManyNear } from '../../refusals.ts';
import type { Crowd } from '../../turnout.ts';
import { LIMITS } from '../limits.ts';
import { refuseOneMore } from '../taken-back/taken-back.ts';

export function askQuestion(
  state: WebinarState,
  input: { readonly questionId: string; readonly text: string },
  caller: Caller,
  { isAway, neighbours, allowed }: Crowd,
): QuestionsEvent[] {
  const known = state.questions.get(input.questionId);
  if (known) {
    if (known.personId === caller.personId) return [];
    throw new RostrumError('conflict', 'that id is taken', { field: 'questionId' });
  }
  let own = 0;
  let near = 0;
  for (const { personId } of state.questions.values()) {
    if (personId === caller.personId) own += 1;
    if (neighbours?.has(personId)) near += 1;
  }
  if (own >= LIMITS.questionsPerPerson) {
    throw new RostrumError('limit-reached', `at most ${LIMITS.questionsPerPerson} questions a person`);
  }
  if (near >= allowed.questions) throw tooManyNear(allowed.questions, 'questions');
  refuseImitator(state, caller);
  const held =
    state.moderation === 'moderated' &&
    caller.role === 'attendee' &&
    !state.people.get(caller.personId)?.guest;
  const asked = {
    type: 'question.asked',
    ...input,
    personId: caller.personId,
    name: caller.name,
    ...(held ? { held } : {}),
  } as const;
  if (state.questions.size < LIMITS.questions) return [asked];
  const least = leastOf(state, isAway);
  if (!least) throw new RostrumError('limit-reached', 'the webinar holds no more questions');
  return [{ type: 'question.gaveWay', questionId: least.questionId }, asked];
}

/** Of those that nobody took up and whose askers are away the one with the fewest votes; first those that were dismissed. */
function leastOf({ questions }: WebinarState, isAway: Crowd['isAway']): Question | null {
  const worth = ({ status, voters }: Question): number => (status === 'dismissed' ? -1 : voters.size);
  let least: Question | null = null;
  for (const question of questions.values()) {
    const open = question.status !== 'answering' && question.status !== 'answered';
    if (open && (!least || worth(question) < worth(least)) && isAway(question.personId)) least = question;
  }
  return least;
}

export function vote(
  state: WebinarState,
  { questionId, vote: up }: { readonly questionId: string; readonly vote: boolean },
  { personId, role }: Caller,
  { isAway, neighbours, allowed }: Crowd,
): QuestionsEvent[] {
  const question = openQuestion(state, questionId);
  if (question.status === 'held') {
    // Whoever does not see it is not told that it is there.
    if (question.personId !== personId && !isCrew(role)) throw notFound('no such question', 'questionId');
    throw conflict('the question waits for a moderator');
  }
  if (question.voters.has(personId) === up) return [];
  if (up && neighbours && sharedBy(neighbours, question.voters, isAway, allowed.votes)) {
    throw tooManyNear(allowed.votes, 'votes on a question');
  }
  if (!up) refuseOneMore(state, personId);
  return [{ type: up ? 'question.upvoted' : 'question.voteWithdrawn', questionId, personId }];
}

/** What somebody asked and nobody answered yet. */
export function dismissOpen(state: WebinarState, personId: string): QuestionsEvent[] {
  return [...state.questions.values()]
    .filter((q) => q.personId === personId && q.status !== 'answered' && q.status !== 'dismissed')
    .map(({ questionId }) => ({ type: 'question.dismissed', questionId }));
}

export function knownQuestion(state: WebinarState, questionId: string): Question {
  const question = state.questions.get(questionId);
  if (!question) throw notFound('no such question', 'questionId');
  return question;
}

export function openQuestion(state: WebinarState, questionId: string): Question {
  const question = knownQuestion(state, questionId);
  if (question.status === 'dismissed') throw conflict('the question was dismissed');
  return question;
}

/** Whether so many who are there are in both. */
function sharedBy(
  a: ReadonlySet<string>,
  b: ReadonlySet<string>,
  isAway: Crowd['isAway'],
  count: number,
): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const personId of few) {
    if (many.has(personId) && !isAway(personId)) shared += 1;
    if (shared >= count) return true;
  }
  return false;
}
