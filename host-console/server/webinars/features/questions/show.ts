/** What is shown of questions, to whom. */
import type { Question, QuestionsEvent, QuestionView } from '@rostrum/contracts';
import type { Touch } from '../all.ts';
import type { Showing, Touching } from '../feature.ts';
import type { Look } from '../look.ts';
import type { FoldedState } from '../state.ts';

interface QuestionTouch {
  readonly kind: 'question';
  readonly questionId: string;
}
/** Its votes are counted otherwise now, and nobody voted. */
interface TallyTouch {
  readonly kind: 'tally';
  readonly questionId: string;
}
interface VoteTouch {
  readonly kind: 'vote';
  readonly questionId: string;
  readonly personId: string;
}
export type QuestionsTouch = QuestionTouch | TallyTouch | VoteTouch;

type Which = { readonly questionId: string };
const shown = ({ questionId }: Which): Touch[] => [{ kind: 'question', questionId }];
/** Chapters are made of what was answered. */
const settled = ({ questionId }: Which): Touch[] => [{ kind: 'question', questionId }, { kind: 'chapters' }];
const voted = ({ questionId, personId }: Omit<VoteTouch, 'kind'>): Touch[] => [
  { kind: 'vote', questionId, personId },
];

export const touches: Touching<QuestionsEvent['type']> = {
  'question.asked': shown,
  'question.approved': shown,
  'question.gaveWay': shown,
  'question.answeringLive': settled,
  'question.answered': settled,
  'question.dismissed': settled,
  'question.upvoted': voted,
  'question.voteWithdrawn': voted,
  'votes.counted': ({ questions }) =>
    questions.flatMap(({ questionId, upvoted, withdrawn }) =>
      [...upvoted, ...withdrawn].map((personId): Touch => ({ kind: 'vote', questionId, personId })),
    ),
};

export const deltas: Showing<QuestionsTouch['kind']> = {
  question: ({ questionId }, look, list) => {
    const question = look.state.questions.get(questionId);
    if (list.has(`question ${questionId}`)) return;
    const seen = question !== undefined && seesQuestion(question, look);
    // It was never seen, so nothing is gone: not even that it is there is told.
    if (!seen && question?.status === 'held') return;
    list.add(
      `question ${questionId}`,
      seen
        ? { type: 'question', question: questionView(question, look) }
        : { type: 'questionGone', questionId },
    );
  },
  tally: ({ questionId }, look, list) => {
    const question = look.state.questions.get(questionId);
    if (!question || !seesQuestion(question, look)) return;
    list.add(`votes ${questionId}`, { type: 'votes', questionId, votes: look.counted.votes(question) });
  },
  vote: ({ questionId, personId }, look, list) => {
    const question = look.state.questions.get(questionId);
    if (!question || !seesQuestion(question, look)) return;
    list.add(`votes ${questionId}`, { type: 'votes', questionId, votes: look.counted.votes(question) });
    if (personId !== look.personId) return;
    list.add(`voted ${questionId}`, { type: 'voted', questionId, voted: question.voters.has(personId) });
  },
};

/** Who asked it, and all who voted for it; who voted. */
export const concerns = {
  *question({ questionId }: QuestionTouch, { questions }: FoldedState): Iterable<string> {
    const question = questions.get(questionId);
    if (!question) return;
    yield question.personId;
    yield* question.voters;
  },
  *vote({ personId }: VoteTouch): Iterable<string> {
    yield personId;
  },
};

export const questionsView = (look: Look): QuestionView[] =>
  [...look.state.questions.values()].filter((q) => seesQuestion(q, look)).map((q) => questionView(q, look));

function seesQuestion(question: Question, { viewerClass, personId }: Look): boolean {
  if (viewerClass === 'crew' || question.personId === personId) return true;
  return question.status !== 'dismissed' && question.status !== 'held';
}

function questionView(question: Question, { viewerClass, personId, counted }: Look): QuestionView {
  const { questionId, name, role, text, askedUnixMs, status, answer, voters } = question;
  return {
    questionId,
    name,
    role,
    personId: viewerClass === 'crew' ? question.personId : null,
    text,
    askedUnixMs,
    status,
    answer,
    votes: counted.votes(question),
    mine: question.personId === personId,
    voted: personId !== null && voters.has(personId),
  };
}
