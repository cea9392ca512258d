import type { QuestionView, ViewDelta, WebinarView } from './view.ts';

/** Folds one delta into a view. Pure; used by the console and the watch page alike. */
export function applyDelta(view: WebinarView, delta: ViewDelta): WebinarView {
  switch (delta.type) {
    case 'phase':
      return { ...view, phase: delta.phase };
    case 'self':
      return { ...view, self: { ...view.self, guest: delta.guest, hand: delta.hand, muted: delta.muted } };
    case 'rules':
      return { ...view, rules: delta.rules };
    case 'question':
      return {
        ...view,
        questions: upsert(view.questions, delta.question, (q) => q.questionId),
      };
    case 'votes':
      return changeQuestion(view, delta.questionId, { votes: delta.votes });
    case 'voted':
      return changeQuestion(view, delta.questionId, { voted: delta.voted });
    case 'questionGone':
      return { ...view, questions: view.questions.filter((q) => q.questionId !== delta.questionId) };
    case 'person':
      return { ...view, people: upsert(view.people, delta.person, (p) => p.personId) };
    case 'personGone':
      return { ...view, people: view.people.filter((p) => p.personId !== delta.personId) };
    case 'hands':
      return { ...view, hands: delta.hands };
    case 'scene':
      return { ...view, scene: delta.scene, direction: delta.direction };
  }
}

function changeQuestion(view: WebinarView, questionId: string, change: Partial<QuestionView>): WebinarView {
  return {
    ...view,
    questions: view.questions.map((q) => (q.questionId === questionId ? { ...q, ...change } : q)),
  };
}

function upsert<T>(list: readonly T[], item: T, key: (t: T) => string): T[] {
  const at = list.findIndex((t) => key(t) === key(item));
  return at < 0 ? [...list, item] : list.map((t, i) => (i === at ? item : t));
}
