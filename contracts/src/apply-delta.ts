import { BACKSTAGE_MESSAGES_MAX } from './backstage-limits.ts';
import type { BackstageMessage } from './features/backstage.ts';
import type { QuestionView, ViewDelta, WebinarView } from './view.ts';

/** Folds one delta into a view. Pure; used by the console and the watch page alike. */
export function applyDelta(view: WebinarView, delta: ViewDelta): WebinarView {
  switch (delta.type) {
    case 'phase':
      return { ...view, phase: delta.phase };
    case 'doors':
      return { ...view, doors: delta.doors };
    case 'plan': {
      const { type: _, ...planned } = delta;
      const { consentVersion: _before, ...others } = view;
      return { ...others, ...planned };
    }
    case 'self': {
      const { type: _, ...self } = delta;
      return { ...view, self: { ...view.self, ...self } };
    }
    case 'rules':
      return { ...view, rules: delta.rules };
    case 'question':
      return {
        ...view,
        questions: withQuestion(view.questions, delta.question),
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
    case 'recording':
      return { ...view, recording: delta.recording };
    case 'scene':
      return { ...view, scene: delta.scene, direction: delta.direction };
    case 'backstage': {
      const { type: _, ...plan } = delta;
      return view.backstage ? { ...view, backstage: { ...view.backstage, ...plan } } : view;
    }
    case 'backstageMessage':
      return changeMessages(view, (all) =>
        upsert(all, delta.message, (m) => m.messageId).slice(-BACKSTAGE_MESSAGES_MAX),
      );
    case 'backstageMessageGone':
      return changeMessages(view, (all) => all.filter((m) => m.messageId !== delta.messageId));
  }
}

/** In the order they were asked: one that was approved late has its place among those that came before it. */
function withQuestion(questions: readonly QuestionView[], question: QuestionView): QuestionView[] {
  const { questionId, askedUnixMs } = question;
  if (questions.some((q) => q.questionId === questionId)) {
    return questions.map((q) => (q.questionId === questionId ? question : q));
  }
  const after = questions.findLastIndex((q) => q.askedUnixMs <= askedUnixMs);
  return questions.toSpliced(after + 1, 0, question);
}

function changeQuestion(view: WebinarView, questionId: string, change: Partial<QuestionView>): WebinarView {
  return {
    ...view,
    questions: view.questions.map((q) => (q.questionId === questionId ? { ...q, ...change } : q)),
  };
}

function changeMessages(
  view: WebinarView,
  change: (all: BackstageMessage[]) => BackstageMessage[],
): WebinarView {
  const { backstage } = view;
  return backstage ? { ...view, backstage: { ...backstage, messages: change(backstage.messages) } } : view;
}

function upsert<T>(list: readonly T[], item: T, key: (t: T) => string): T[] {
  const at = list.findIndex((t) => key(t) === key(item));
  return at < 0 ? [...list, item] : list.map((t, i) => (i === at ? item : t));
}
