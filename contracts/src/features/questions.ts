/** What the audience asks, votes for and is answered. */
import { z } from 'zod';
import { displayText, keptText } from '../display-text.ts';
import { Id } from '../ids.ts';
import { UnixMs } from '../moment.ts';
import { CREW, EVERYONE, Role } from '../roles.ts';
import { type Command, None } from './command.ts';
import { KeptName } from './people.ts';

const QUESTION = { max: 500, multiline: true } as const;
const ANSWER = { max: 2000, multiline: true } as const;
export const QuestionText = displayText(QUESTION);
export const AnswerText = displayText({ ...ANSWER, empty: true });
/** Words in a log that may be older than the rules for them: what can't be shown as it is, is mended. */
export const KeptQuestion = keptText(QUESTION, '…');
export const KeptAnswer = keptText(ANSWER, '');

export const QuestionsEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('question.asked'),
    questionId: Id,
    personId: Id,
    name: KeptName,
    text: KeptQuestion,
    /** Nobody but its author and the crew sees it before it is approved. */
    held: z.boolean().optional(),
  }),
  z.object({ type: z.literal('question.approved'), questionId: Id }),
  z.object({ type: z.literal('question.upvoted'), questionId: Id, personId: Id }),
  z.object({ type: z.literal('question.voteWithdrawn'), questionId: Id, personId: Id }),
  /** What many votes that came together changed in the end: whose vote now counts, and whose no more. */
  z.object({
    type: z.literal('votes.counted'),
    questions: z.array(z.object({ questionId: Id, upvoted: z.array(Id), withdrawn: z.array(Id) })),
  }),
  z.object({ type: z.literal('question.answeringLive'), questionId: Id }),
  z.object({ type: z.literal('question.answered'), questionId: Id, answer: KeptAnswer.nullable() }),
  z.object({ type: z.literal('question.dismissed'), questionId: Id }),
  /** The webinar holds no more, and who asked this one is gone: it is forgotten for somebody's who is there. */
  z.object({ type: z.literal('question.gaveWay'), questionId: Id }),
]);
export type QuestionsEvent = z.infer<typeof QuestionsEvent>;

export const questionsCommands = {
  // The client makes questionId, so that asking again after a lost acknowledgement is the same question.
  'question:ask': { input: z.object({ questionId: Id, text: QuestionText }), output: None, roles: EVERYONE },
  'question:vote': { input: z.object({ questionId: Id, vote: z.boolean() }), output: None, roles: EVERYONE },
  'question:answerLive': { input: z.object({ questionId: Id }), output: None, roles: CREW },
  'question:answer': {
    input: z.object({ questionId: Id, answer: AnswerText.nullable() }),
    output: None,
    roles: CREW,
  },
  'question:approve': { input: z.object({ questionId: Id }), output: None, roles: CREW },
  'question:dismiss': { input: z.object({ questionId: Id }), output: None, roles: CREW },
} as const satisfies Record<string, Command>;

/** `held`: it waits for a moderator. */
export const QuestionStatus = z.enum(['held', 'new', 'answering', 'answered', 'dismissed']);
export type QuestionStatus = z.infer<typeof QuestionStatus>;

export interface Question {
  readonly questionId: string;
  readonly personId: string;
  readonly name: string;
  /** Of who asked, when they asked. */
  readonly role: Role;
  readonly text: string;
  readonly askedUnixMs: number;
  readonly status: QuestionStatus;
  readonly answer: string | null;
  readonly voters: ReadonlySet<string>;
}

export interface QuestionsState {
  readonly questions: ReadonlyMap<string, Question>;
}

export const QuestionView = z.object({
  questionId: Id,
  name: z.string(),
  /** Of who asked: the mark beside the name, which no name can be. */
  role: Role,
  /** Who asked; for the crew only, else null. */
  personId: Id.nullable(),
  text: z.string(),
  askedUnixMs: UnixMs,
  /** `held`: it waits for a moderator, and only its author and the crew see it. */
  status: QuestionStatus,
  answer: z.string().nullable(),
  votes: z.int().nonnegative(),
  /** True when the viewer asked it. */
  mine: z.boolean(),
  /** True when the viewer voted for it. */
  voted: z.boolean(),
});
export type QuestionView = z.infer<typeof QuestionView>;

export const QuestionDelta = z.object({ type: z.literal('question'), question: QuestionView });
export const QuestionGoneDelta = z.object({ type: z.literal('questionGone'), questionId: Id });
/** Votes change often and concern everyone: the number only; `voted` stays as it was. */
export const VotesDelta = z.object({
  type: z.literal('votes'),
  questionId: Id,
  votes: z.int().nonnegative(),
});
export const VotedDelta = z.object({ type: z.literal('voted'), questionId: Id, voted: z.boolean() });
