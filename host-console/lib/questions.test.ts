import type { QuestionView } from '@rostrum/contracts';
import { isOpen, sortQuestions } from './questions.ts';

const question = (questionId: string, change: Partial<QuestionView> = {}): QuestionView => ({
  questionId,
  name: 'Someone',
  role: 'attendee',
  personId: 'person',
  text: '?',
  askedUnixMs: 0,
  status: 'new',
  answer: null,
  votes: 0,
  mine: false,
  voted: false,
  ...change,
});
const ids = (questions: readonly QuestionView[]): string[] => questions.map((q) => q.questionId);

describe('the queue of questions', () => {
  const queue = [
    question('late', { askedUnixMs: 30, votes: 2 }),
    question('early', { askedUnixMs: 10, votes: 2 }),
    question('loved', { askedUnixMs: 40, votes: 9 }),
    question('live', { askedUnixMs: 50, votes: 0, status: 'answering' }),
  ];

  test('by votes: the one being answered first, then the most wanted, the older among equals', () => {
    expect(ids(sortQuestions(queue, 'votes'))).toEqual(['live', 'loved', 'early', 'late']);
  });

  test('by age: the one being answered first, then the oldest', () => {
    expect(ids(sortQuestions(queue, 'age'))).toEqual(['live', 'early', 'late', 'loved']);
  });

  test('leaves its input as it was, and does not depend on its order', () => {
    const before = ids(queue);
    const there = ids(sortQuestions(queue, 'votes'));
    const back = ids(sortQuestions([...queue].reverse(), 'votes'));
    expect(ids(queue)).toEqual(before);
    expect(back).toEqual(there);
  });

  test('answered and dismissed ones are not open', () => {
    expect(isOpen(question('a'))).toBe(true);
    expect(isOpen(question('a', { status: 'answering' }))).toBe(true);
    expect(isOpen(question('a', { status: 'answered' }))).toBe(false);
    expect(isOpen(question('a', { status: 'dismissed' }))).toBe(false);
  });
});
