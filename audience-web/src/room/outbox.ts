/**
 * Questions on their way. Each has an id made here and stays until the coordinator says it is in its log, so that a
 * lost connection loses nothing and asking twice is asking once. Pure.
 */
export interface OutgoingQuestion {
  readonly questionId: string;
  readonly text: string;
  /** `waiting`: to be sent with the next connection; `refused`: it will not be taken as it is. */
  readonly status: 'sending' | 'waiting' | 'refused';
  readonly refusal: string | null;
}

export type Outbox = readonly OutgoingQuestion[];

export const addQuestion = (outbox: Outbox, questionId: string, text: string): Outbox => [
  ...outbox,
  { questionId, text, status: 'sending', refusal: null },
];

/** What the answer to a sent question means: taken, to be tried again, or refused for good. */
export function settleQuestion(
  outbox: Outbox,
  questionId: string,
  answer: { readonly ok: true } | { readonly ok: false; readonly code: string; readonly retry: boolean },
): Outbox {
  if (answer.ok) return dropQuestion(outbox, questionId);
  return outbox.map((q) =>
    q.questionId === questionId
      ? answer.retry
        ? { ...q, status: 'waiting', refusal: null }
        : { ...q, status: 'refused', refusal: answer.code }
      : q,
  );
}

export const dropQuestion = (outbox: Outbox, questionId: string): Outbox =>
  outbox.filter((q) => q.questionId !== questionId);

/** After a reconnection: everything not refused goes again, also what was in the air when the connection broke. */
export const resendAll = (outbox: Outbox): Outbox =>
  outbox.map((q) => (q.status === 'refused' ? q : { ...q, status: 'sending' }));

/** Reads what an earlier page kept; anything else is an empty outbox. */
export function parseOutbox(stored: string | null): Outbox {
  if (stored === null) return [];
  try {
    const list: unknown = JSON.parse(stored);
    if (!Array.isArray(list)) return [];
    return list.flatMap((q: unknown) =>
      typeof q === 'object' &&
      q !== null &&
      'questionId' in q &&
      'text' in q &&
      typeof q.questionId === 'string' &&
      typeof q.text === 'string'
        ? [{ questionId: q.questionId, text: q.text, status: 'waiting' as const, refusal: null }]
        : [],
    );
  } catch {
    return [];
  }
}
