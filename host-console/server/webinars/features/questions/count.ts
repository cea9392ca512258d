/** Votes that were decided together become one event with what they changed in the end. */
import { type Condensed, type Decided, decidedOf } from '../condensing.ts';
import type { Events } from '../feature.ts';
import type { FoldedState } from '../state.ts';

type Vote = Decided<Events['question.upvoted' | 'question.voteWithdrawn']>;

const NOTHING: Condensed = { leave: [], instead: [] };

export function condenseVotes(before: FoldedState, events: readonly Decided[]): Condensed {
  // One that gave way may be asked anew under its id, and then those votes were not on it.
  const gone = new Set(decidedOf(events, 'question.gaveWay').map(({ event }) => event.questionId));
  const votes = decidedOf(events, 'question.upvoted', 'question.voteWithdrawn').filter(
    ({ event }) => !gone.has(event.questionId),
  );
  const last = votes.at(-1);
  if (votes.length < 2 || !last) return NOTHING;
  // Nothing else in a batch depends on votes, and they on nothing but their question, which was asked before them.
  const counted = count(before, votes);
  return { leave: votes, instead: counted ? [{ atUnixMs: last.atUnixMs, event: counted }] : [] };
}

/** null: in the end nothing changed. */
function count(before: FoldedState, votes: readonly Vote[]): Events['votes.counted'] | null {
  const after = new Map<string, Map<string, boolean>>();
  for (const { event } of votes) {
    const question = after.get(event.questionId) ?? new Map<string, boolean>();
    after.set(event.questionId, question.set(event.personId, event.type === 'question.upvoted'));
  }
  const questions = [...after].flatMap(([questionId, people]) => {
    const voters = before.questions.get(questionId)?.voters;
    const changed = [...people].filter(([personId, up]) => (voters?.has(personId) ?? false) !== up);
    const of = (up: boolean): string[] => changed.flatMap(([personId, is]) => (is === up ? [personId] : []));
    return changed.length === 0 ? [] : [{ questionId, upvoted: of(true), withdrawn: of(false) }];
  });
  return questions.length === 0 ? null : { type: 'votes.counted', questions };
}
