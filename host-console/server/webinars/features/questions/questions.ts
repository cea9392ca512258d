/** What the audience asks, votes for and is answered. */
import type { Question, QuestionsEvent, QuestionsState, questionsCommands } from '@rostrum/contracts';
import { refuseAfterEnd } from '../../refusals.ts';
import type { Feature } from '../feature.ts';
import { apply } from './apply.ts';
import { condenseVotes } from './count.ts';
import { askQuestion, knownQuestion, openQuestion, vote } from './decide.ts';
import { questionsKept } from './kept.ts';
import { concerns, deltas, type QuestionsTouch, questionsView, touches } from './show.ts';

export type { QuestionsTouch };

export const questions = {
  empty: { questions: new Map<string, Question>() },
  decide: {
    'question:ask': (state, { input }, caller, crowd) => {
      refuseAfterEnd(state);
      return askQuestion(state, input, caller, crowd);
    },
    'question:vote': (state, { input }, caller, crowd) => {
      refuseAfterEnd(state);
      return vote(state, input, caller, crowd);
    },
    'question:answerLive': (state, { input: { questionId } }) =>
      openQuestion(state, questionId).status === 'answering'
        ? []
        : [{ type: 'question.answeringLive', questionId }],
    'question:answer': (state, { input }) => {
      const { questionId, status, answer: before } = openQuestion(state, input.questionId);
      const answer = input.answer || null;
      return status === 'answered' && before === answer
        ? []
        : [{ type: 'question.answered', questionId, answer }];
    },
    'question:approve': (state, { input: { questionId } }) =>
      openQuestion(state, questionId).status === 'held' ? [{ type: 'question.approved', questionId }] : [],
    'question:dismiss': (state, { input: { questionId } }) =>
      knownQuestion(state, questionId).status === 'dismissed'
        ? []
        : [{ type: 'question.dismissed', questionId }],
  },
  toggled: {
    'question:vote': ({ input }, { personId }) => `vote ${input.questionId} ${personId}`,
    'question:answerLive': ({ input }) => `question ${input.questionId}`,
    'question:answer': ({ input }) => `question ${input.questionId}`,
  },
  apply,
  condense: condenseVotes,
  touches,
  deltas,
  concerns,
  view: (look) => ({ questions: questionsView(look) }),
  kept: { questions: questionsKept },
} satisfies Feature<
  QuestionsEvent['type'],
  keyof typeof questionsCommands,
  QuestionsState,
  QuestionsTouch['kind']
>;
