import type { QuestionView } from '@rostrum/contracts/view';

export type QuestionOrder = 'votes' | 'age';

/** What is being answered first, then open questions, then answered, then dismissed ones. */
const RANK: Readonly<Record<QuestionView['status'], number>> = {
  answering: 0,
  held: 1,
  new: 1,
  answered: 2,
  dismissed: 3,
};

/** A sorted copy: by rank and votes, or simply newest first. Equal votes keep the older question above. */
export function ordered(questions: readonly QuestionView[], order: QuestionOrder): QuestionView[] {
  return [...questions].sort((a, b) =>
    order === 'age'
      ? b.askedUnixMs - a.askedUnixMs
      : RANK[a.status] - RANK[b.status] || b.votes - a.votes || a.askedUnixMs - b.askedUnixMs,
  );
}
