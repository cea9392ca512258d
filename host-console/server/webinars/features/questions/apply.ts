/** What events make of questions. Ten thousand votes cost one copy of each question's voters. */
import type { Question, QuestionsEvent } from '@rostrum/contracts';
import type { DraftState } from '../draft-state.ts';
import type { Applying } from '../feature.ts';
import { tookBack } from '../taken-back/taken-back.ts';

export const apply: Applying<QuestionsEvent['type']> = {
  'question.asked': (draft, { questionId, personId, name, text, held }, { atUnixMs }) =>
    setQuestion(draft, {
      questionId,
      personId,
      name,
      role: draft.now.people.get(personId)?.role ?? 'attendee',
      text,
      askedUnixMs: atUnixMs,
      status: held ? 'held' : 'new',
      answer: null,
      voters: new Set(),
    }),
  'question.upvoted': (draft, { questionId, personId }) => upvote(draft, questionId, personId),
  'question.voteWithdrawn': (draft, { questionId, personId }) => withdraw(draft, questionId, personId),
  'votes.counted': (draft, { questions }) => {
    for (const { questionId, upvoted, withdrawn } of questions) {
      for (const personId of upvoted) upvote(draft, questionId, personId);
      for (const personId of withdrawn) withdraw(draft, questionId, personId);
    }
  },
  'question.approved': (draft, { questionId }) => {
    if (draft.now.questions.get(questionId)?.status === 'held') {
      changeQuestion(draft, questionId, { status: 'new' });
    }
  },
  'question.answeringLive': (draft, { questionId }) =>
    changeQuestion(draft, questionId, { status: 'answering' }),
  'question.answered': (draft, { questionId, answer }) =>
    changeQuestion(draft, questionId, { status: 'answered', answer }),
  'question.dismissed': (draft, { questionId }) => changeQuestion(draft, questionId, { status: 'dismissed' }),
  'question.gaveWay': (draft, { questionId }) => {
    const questions = draft.ownMap(draft.now.questions);
    questions.delete(questionId);
    draft.now.questions = questions;
  },
};

export function setQuestion(draft: DraftState, question: Question): void {
  draft.now.questions = draft.ownMap(draft.now.questions).set(question.questionId, question);
}

/** Those of a question, to change; null: there is no such question. */
export function ownVoters(draft: DraftState, questionId: string): Set<string> | null {
  const question = draft.now.questions.get(questionId);
  if (!question) return null;
  const voters = draft.ownSet(question.voters);
  if (voters !== question.voters) setQuestion(draft, { ...question, voters });
  return voters;
}

function changeQuestion(draft: DraftState, questionId: string, change: Partial<Question>): void {
  const question = draft.now.questions.get(questionId);
  if (question) setQuestion(draft, { ...question, ...change });
}

function upvote(draft: DraftState, questionId: string, personId: string): void {
  ownVoters(draft, questionId)?.add(personId);
}

function withdraw(draft: DraftState, questionId: string, personId: string): void {
  ownVoters(draft, questionId)?.delete(personId);
  tookBack(draft, personId);
}
