/** What people answer to a webinar's own questions. Pure. */
import { type RegistrationAnswers, type RegistrationQuestion, RegistrationText } from '@rostrum/contracts';

/** `missing`: it has to be answered. `wrong`: too long, with characters that no text has, or none of the choices. */
export type AnswerProblem = 'missing' | 'wrong';

export type Answers =
  | { readonly ok: true; readonly answers: RegistrationAnswers }
  | { readonly ok: false; readonly problems: ReadonlyMap<string, AnswerProblem> };

/**
 * The answers to what is asked, cleaned; what nobody asks is left out. `given` by the question's id: the text, the choice, or of a
 * box anything at all (as a form sends it) or a boolean.
 */
export function readAnswers(
  questions: readonly RegistrationQuestion[],
  given: Readonly<Record<string, string | boolean | undefined>>,
): Answers {
  const answers: Record<string, string | boolean> = {};
  const problems = new Map<string, AnswerProblem>();
  for (const question of questions) {
    const { questionId, required } = question;
    const answer = readAnswer(question, Object.hasOwn(given, questionId) ? given[questionId] : undefined);
    if (answer === 'wrong') problems.set(questionId, 'wrong');
    else if (answer !== null) answers[questionId] = answer.is;
    if (required && (answer === null || (answer !== 'wrong' && answer.is === false))) {
      problems.set(questionId, 'missing');
    }
  }
  return problems.size > 0 ? { ok: false, problems } : { ok: true, answers };
}

/** null: none was given. */
function readAnswer(
  question: RegistrationQuestion,
  given: string | boolean | undefined,
): { readonly is: string | boolean } | 'wrong' | null {
  if (question.kind === 'consent') return { is: given !== undefined && given !== false && given !== '' };
  if (given === undefined || given === '') return null;
  if (typeof given !== 'string') return 'wrong';
  if (question.kind === 'choice') {
    // As it is shown and sent back: a form's line ends and spaces may come back otherwise.
    const chosen = question.choices.find((choice) => choice === given || choice === given.trim());
    return chosen === undefined ? 'wrong' : { is: chosen };
  }
  if (given.trim() === '') return null;
  const text = RegistrationText.safeParse(given);
  return text.success ? { is: text.data } : 'wrong';
}
