import type { WebinarEvent } from '@rostrum/contracts';
import type { FoldedState } from './fold.ts';

/** An event that was decided and has no number yet. */
export interface Decided {
  readonly atUnixMs: number;
  readonly event: WebinarEvent;
}

/**
 * What has to be appended of events that were decided together: they lead to the same state, but for how often something
 * was taken back. Votes become one event with what they changed in the end, and of a hand that went up and down, of
 * scenes and of directions the last one stays. Pure. Answers `events` itself when there is nothing to leave out.
 */
export function condense(before: FoldedState, events: readonly Decided[]): readonly Decided[] {
  if (events.length < 2) return events;
  const keep = new Set(events);
  for (const repeats of [sceneEvents(events), directionEvents(events), ...handEvents(events)]) {
    for (const event of repeats.slice(0, -1)) keep.delete(event);
    const last = repeats.at(-1);
    if (last && changesNothing(before, last.event)) keep.delete(last);
  }
  // One that gave way may be asked anew under its id, and then those votes were not on it.
  const gone = new Set(
    events.flatMap(({ event }) => (event.type === 'question.gaveWay' ? [event.questionId] : [])),
  );
  const votes = events.filter(({ event }) => isVote(event) && !gone.has(event.questionId));
  const last = votes.at(-1);
  if (votes.length > 1 && last) {
    for (const vote of votes) keep.delete(vote);
    // Nothing else in a batch depends on votes, and they on nothing but their question, which was asked before them.
    const counted = count(before, votes);
    if (counted) return [...keep, { atUnixMs: last.atUnixMs, event: counted }];
  }
  return keep.size === events.length ? events : [...keep];
}

type Vote = Extract<WebinarEvent, { type: 'question.upvoted' | 'question.voteWithdrawn' }>;

const isVote = (event: WebinarEvent): event is Vote =>
  event.type === 'question.upvoted' || event.type === 'question.voteWithdrawn';

const sceneEvents = (events: readonly Decided[]): Decided[] =>
  events.filter(({ event }) => event.type === 'scene.changed');

const directionEvents = (events: readonly Decided[]): Decided[] =>
  events.filter(({ event }) => event.type === 'direction.changed');

/** By person, where the person alone moved their hand. */
function handEvents(events: readonly Decided[]): Decided[][] {
  const byPerson = new Map<string, Decided[]>();
  const moved = new Set<string>();
  for (const decided of events) {
    const { event } = decided;
    if (event.type === 'hand.raised' || event.type === 'hand.lowered') {
      byPerson.set(event.personId, [...(byPerson.get(event.personId) ?? []), decided]);
    } else if (
      event.type === 'hand.accepted' ||
      event.type === 'hand.declined' ||
      event.type === 'person.removed'
    ) {
      moved.add(event.personId);
    }
  }
  return [...byPerson].flatMap(([personId, hands]) => (moved.has(personId) ? [] : [hands]));
}

function changesNothing(before: FoldedState, event: WebinarEvent): boolean {
  switch (event.type) {
    case 'scene.changed':
      return JSON.stringify(event.scene) === JSON.stringify(before.scene);
    case 'direction.changed':
      return event.direction === before.direction;
    case 'hand.lowered':
      return !before.declined.has(event.personId) && !before.hands.some((h) => h.personId === event.personId);
    default:
      return false;
  }
}

/** null: in the end nothing changed. */
function count(before: FoldedState, votes: readonly Decided[]): WebinarEvent | null {
  const after = new Map<string, Map<string, boolean>>();
  for (const { event } of votes) {
    if (!isVote(event)) continue;
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
