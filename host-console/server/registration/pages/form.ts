/** The form by which people register: as it is asked, and as it comes back. Pure. */
import { ANSWER_MAX, mailAddress, PersonName, type RegistrationQuestion } from '@rostrum/contracts';
import type { AnswerProblem } from '../answers.ts';
import { type Html, html } from './html.ts';
import type { Say } from './shell.ts';

/** What was typed, to be shown again where something is missing. */
export interface Typed {
  readonly name: string;
  readonly email: string;
  readonly answers: Readonly<Record<string, string>>;
}
export const NOTHING_TYPED: Typed = { name: '', email: '', answers: {} };

export interface Problems {
  readonly name: boolean;
  readonly email: boolean;
  readonly answers: ReadonlyMap<string, AnswerProblem>;
}
export const NO_PROBLEMS: Problems = { name: false, email: false, answers: new Map() };

/** People leave it empty, since they do not see it; who fills in every field is none. */
export const TRAP = 'website';
export const STAMP = 'stamp';
const ANSWER = 'a.';

export function typedIn(form: URLSearchParams): Typed {
  const answers = [...form].flatMap(([name, value]): [string, string][] =>
    name.startsWith(ANSWER) ? [[name.slice(ANSWER.length), value]] : [],
  );
  return {
    name: form.get('name') ?? '',
    email: form.get('email') ?? '',
    answers: Object.fromEntries(answers),
  };
}

export interface Read {
  readonly name: string | null;
  readonly address: string | null;
}

export const readPerson = ({ name, email }: Typed): Read => ({
  name: PersonName.safeParse(name).data ?? null,
  address: mailAddress(email),
});

export interface FormOptions {
  readonly action: string;
  readonly stamp: string;
  readonly questions: readonly RegistrationQuestion[];
  readonly typed: Typed;
  readonly problems: Problems;
}

export function formOf(say: Say, { action, stamp, questions, typed, problems }: FormOptions): Html {
  const mark = html` <span aria-hidden="true">*</span><span class="trap"> (${say('form.required')})</span>`;
  const text = (name: 'name' | 'email', type: string, complete: string): Html => {
    const isWrong = problems[name];
    const hint = name === 'email' ? html`<small id="hint-email">${say('form.emailHint')}</small>` : null;
    return html`<div class="field"><label for="${name}">${say(`form.${name}`)}${mark}</label>${hint}
<input type="${type}" id="${name}" name="${name}" value="${typed[name]}" required maxlength="${name === 'name' ? 60 : 254}" autocomplete="${complete}"${isWrong && html` aria-invalid="true" aria-describedby="wrong-${name}"`}>
${isWrong && html`<span class="wrong" id="wrong-${name}">${say(`form.wrong.${name}`)}</span>`}</div>`;
  };
  return html`<form method="post" action="${action}" accept-charset="utf-8">
<input type="hidden" name="${STAMP}" value="${stamp}">
<div class="trap" aria-hidden="true"><label>${say('form.leaveEmpty')}<input type="text" name="${TRAP}" tabindex="-1" autocomplete="off"></label></div>
${text('name', 'text', 'name')}
${text('email', 'email', 'email')}
${questions.map((question) => questionOf(say, question, mark, typed, problems))}
<div class="row"><button>${say('form.submit')}</button></div>
</form>`;
}

function questionOf(
  say: Say,
  question: RegistrationQuestion,
  mark: Html,
  typed: Typed,
  problems: Problems,
): Html {
  const { questionId, text, required, kind } = question;
  const id = `q-${questionId}`;
  const name = `${ANSWER}${questionId}`;
  const given = Object.hasOwn(typed.answers, questionId) ? (typed.answers[questionId] ?? '') : '';
  const problem = problems.answers.get(questionId);
  const invalid = problem && html` aria-invalid="true" aria-describedby="wrong-${id}"`;
  const must = required && html` required`;
  const label = html`<label for="${id}">${text}${required && mark}</label>`;
  const wrong =
    problem &&
    html`<span class="wrong" id="wrong-${id}">${say(
      problem === 'wrong'
        ? 'form.wrong.answer'
        : kind === 'consent'
          ? 'form.wrong.consent'
          : 'form.wrong.missing',
    )}</span>`;
  if (kind === 'consent') {
    return html`<div class="field"><div class="tick"><input type="checkbox" id="${id}" name="${name}" value="yes"${given !== '' && html` checked`}${must ?? null}${invalid ?? null}>${label}</div>${wrong ?? null}</div>`;
  }
  const field =
    kind === 'choice'
      ? html`<select id="${id}" name="${name}"${must ?? null}${invalid ?? null}><option value="">${say('form.choose')}</option>${question.choices.map(
          (choice) => html`<option${choice === given && html` selected`}>${choice}</option>`,
        )}</select>`
      : html`<textarea id="${id}" name="${name}" maxlength="${ANSWER_MAX}"${must ?? null}${invalid ?? null}>
${given}</textarea>`;
  return html`<div class="field">${label}${field}${wrong ?? null}</div>`;
}
