import type { RegistrationQuestion } from '@rostrum/contracts';
import { readAnswers } from './answers.ts';

const QUESTIONS: RegistrationQuestion[] = [
  { kind: 'text', questionId: 'why1', text: 'Why?', required: true },
  { kind: 'choice', questionId: 'from', text: 'Where from?', required: false, choices: ['Bonn', 'Köln'] },
  { kind: 'consent', questionId: 'rules', text: 'I keep the rules', required: true },
  { kind: 'consent', questionId: 'news', text: 'Send me news', required: false },
];
const problemsOf = (given: Record<string, string | boolean>) => {
  const read = readAnswers(QUESTIONS, given);
  return read.ok ? null : Object.fromEntries(read.problems);
};

test('answers are cleaned, and what nobody asked is left out', () => {
  const given = { why1: ' I  want to\r\nknow ', from: 'Köln', rules: 'on', other: 'x', __proto__: 'y' };
  expect(readAnswers(QUESTIONS, given)).toEqual({
    ok: true,
    answers: { why1: 'I want to\nknow', from: 'Köln', rules: true, news: false },
  });
});

test('what has to be answered is, and a box that has to be ticked is', () => {
  expect(problemsOf({})).toEqual({ why1: 'missing', rules: 'missing' });
  expect(problemsOf({ why1: '  ', rules: false })).toEqual({ why1: 'missing', rules: 'missing' });
  expect(problemsOf({ why1: 'so', rules: true })).toBeNull();
});

test('an answer that is none of the choices, too long or no text is wrong', () => {
  expect(problemsOf({ why1: 'so', rules: true, from: 'Berlin' })).toEqual({ from: 'wrong' });
  expect(problemsOf({ why1: 'x'.repeat(501), rules: true })).toEqual({ why1: 'wrong' });
  expect(problemsOf({ why1: 'bell \u0007 rings', rules: true })).toEqual({ why1: 'wrong' });
  expect(problemsOf({ why1: true, rules: true })).toEqual({ why1: 'wrong' });
});

test('a question named like a property of every object is unanswered', () => {
  const questions: RegistrationQuestion[] = [
    { kind: 'text', questionId: 'toString', text: '?', required: true },
  ];
  expect(readAnswers(questions, {})).toEqual({ ok: false, problems: new Map([['toString', 'missing']]) });
});
