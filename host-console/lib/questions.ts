import type { QuestionView } from '@rostrum/contracts';

export type QuestionOrder = 'votes' | 'age';

/** Still to be dealt with: new, or being answered live right now. */
export const isOpen = (question: QuestionView): boolean =>
  question.status === 'new' || question.status === 'answering';

/** Waits for the crew's approval; nobody else but its author sees it. */
export const isHeld = (question: QuestionView): boolean => question.status === 'held';

/**
 * The queue: what is being answered live first, then by votes (older first among equals) or by age (oldest first).
 * Does not change its input.
 */
export function sortQuestions(questions: readonly QuestionView[], order: QuestionOrder): QuestionView[] {
  const live = (q: QuestionView): number => (q.status === 'answering' ? 0 : 1);
  return [...questions].sort(
    (a, b) =>
      live(a) - live(b) ||
      (order === 'votes' ? b.votes - a.votes : 0) ||
      a.askedUnixMs - b.askedUnixMs ||
      (a.questionId < b.questionId ? -1 : 1),
  );
}
