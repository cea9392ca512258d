/** Questions and their voters in snapshots. */
import {
  Id,
  KeptAnswer,
  KeptName,
  KeptQuestion,
  type Question,
  QuestionStatus,
  type QuestionsState,
  Role,
} from '@rostrum/contracts';
import { z } from 'zod';
import { AT_ONCE, chunks, inParts, Place, readPart } from '../parts.ts';
import { ownVoters, setQuestion } from './apply.ts';

const QuestionPart: z.ZodType<Omit<Question, 'voters'>> = z.object({
  questionId: Id,
  personId: Id,
  name: KeptName,
  role: Role,
  text: KeptQuestion,
  askedUnixMs: z.number(),
  status: QuestionStatus,
  answer: KeptAnswer.nullable(),
});
const Questions = z.object({ kind: z.literal('questions'), questions: z.array(QuestionPart) });
/** Voters of the question with this place among the questions. */
const Voters = z.object({
  kind: z.literal('voters'),
  voters: z.array(z.tuple([Place, z.array(Place)])),
});

export const questionsKept = inParts(
  {
    questions: readPart(Questions, (draft, { questions }) => {
      for (const question of questions) setQuestion(draft, { ...question, voters: new Set() });
    }),
    voters: readPart(Voters, (draft, { voters }, places) => {
      const questionIds = [...draft.now.questions.keys()];
      for (const [place, people] of voters) {
        const questionId = questionIds[place];
        const own = questionId === undefined ? null : ownVoters(draft, questionId);
        if (!own) throw new Error(`there is no question ${place}`);
        for (const person of people) own.add(places.idAt(person));
      }
    }),
  },
  function* (
    all: QuestionsState['questions'],
    places,
  ): Generator<z.infer<typeof Questions> | z.infer<typeof Voters>> {
    for (const some of chunks(all.values(), AT_ONCE.questions)) {
      yield { kind: 'questions', questions: some.map(({ voters: _voters, ...question }) => question) };
    }
    for (const some of chunks(votesOf(all.values()), AT_ONCE.voters)) {
      const voters: [number, number[]][] = [];
      for (const [question, personId] of some) {
        if (voters.at(-1)?.[0] !== question) voters.push([question, []]);
        voters.at(-1)?.[1].push(places.of(personId));
      }
      yield { kind: 'voters', voters };
    }
  },
);

function* votesOf(questions: Iterable<Question>): Generator<[number, string]> {
  let place = 0;
  for (const { voters } of questions) {
    for (const personId of voters) yield [place, personId];
    place += 1;
  }
}
