import type { QuestionView } from '@rostrum/contracts/view';
import { keepInMemory } from '@rostrum/room-client/testing/keep';
import fc from 'fast-check';
import { configUrlOf, expiryOf, isEmbedded, tokenOf, webinarIdOf } from './address.ts';
import { keepAdmission, keptAdmission } from './admission.ts';
import { addQuestion, dropQuestion, parseOutbox, resendAll, settleQuestion } from './outbox.ts';
import { ordered } from './question-order.ts';

const jwt = (claims: object): string => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

test('the address says which webinar', () => {
  expect(webinarIdOf('/w/abc_D-1')).toBe('abc_D-1');
  expect(webinarIdOf('/watch-edge/w/abcd/')).toBe('abcd');
  expect(webinarIdOf('/w/abcd/embed')).toBe('abcd');
  expect(['/w/abcd/embed', '/w/abcd/embed/', '/w/abcd', '/w/embed'].map(isEmbedded)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  for (const path of ['/', '/w/', '/w/a b c d', '/w/abcd/config.json', `/w/${'x'.repeat(65)}`]) {
    expect(webinarIdOf(path)).toBeNull();
  }
  expect(configUrlOf('https://o.example', 'abcd')).toBe('https://o.example/w/abcd/config.json');
});

test('the fragment may carry a token', () => {
  expect(tokenOf('#t=a.b.c')).toBe('a.b.c');
  expect(tokenOf('#x=1&t=a.b.c')).toBe('a.b.c');
  for (const hash of ['', '#', '#t=', '#token']) expect(tokenOf(hash)).toBeNull();
});

test('a token’s expiry is read, and any text at all is survived', () => {
  expect(expiryOf(jwt({ exp: 12 }))).toBe(12_000);
  expect(expiryOf(jwt({ exp: 'soon' }))).toBeNull();
  fc.assert(fc.property(fc.string(), (text) => void expiryOf(text)));
});

test('a kept admission is good until a minute before it expires', () => {
  const keep = keepInMemory();
  keepAdmission(keep, 'web1', { token: jwt({ exp: 1000 }), kept: true, named: true });
  expect(keptAdmission(keep, 'web1', 0)).toMatchObject({ named: true, kept: true });
  expect(keptAdmission(keep, 'web1', 950_000)).toBeNull();
  expect(keptAdmission(keep, 'web2', 0)).toBeNull();
  keepAdmission(keep, 'web1', null);
  expect(keptAdmission(keep, 'web1', 0)).toBeNull();
});

test('a question stays in the outbox until it is acknowledged', () => {
  let outbox = addQuestion([], 'q1', 'Why?');
  outbox = settleQuestion(outbox, 'q1', { ok: false, code: 'unavailable', retry: true });
  expect(outbox).toMatchObject([{ questionId: 'q1', status: 'waiting' }]);
  outbox = resendAll(outbox);
  expect(outbox).toMatchObject([{ questionId: 'q1', status: 'sending' }]);
  expect(settleQuestion(outbox, 'q1', { ok: true })).toEqual([]);
});

test('a refused question is shown as such, not sent again by itself, and can be removed', () => {
  const refused = settleQuestion(addQuestion([], 'q1', 'Why?'), 'q1', {
    ok: false,
    code: 'bad-input',
    retry: false,
  });
  expect(resendAll(refused)).toMatchObject([{ status: 'refused', refusal: 'bad-input' }]);
  expect(dropQuestion(refused, 'q1')).toEqual([]);
});

test('an outbox survives a reload, whatever else lies in its place', () => {
  const outbox = addQuestion([], 'q1', 'Why?');
  expect(parseOutbox(JSON.stringify(outbox))).toMatchObject([{ questionId: 'q1', status: 'waiting' }]);
  expect(parseOutbox('[{"questionId":1},null,3]')).toEqual([]);
  fc.assert(fc.property(fc.string(), (text) => void parseOutbox(text)));
});

const question = (questionId: string, change: Partial<QuestionView>): QuestionView => ({
  questionId,
  name: 'A',
  role: 'attendee',
  personId: null,
  text: 'T',
  askedUnixMs: 0,
  status: 'new',
  answer: null,
  votes: 0,
  mine: false,
  voted: false,
  ...change,
});

test('questions: what is being answered, then by votes, then the answered; or simply the newest', () => {
  const list = [
    question('old', { votes: 2, askedUnixMs: 1 }),
    question('young', { votes: 2, askedUnixMs: 2 }),
    question('loved', { votes: 5, askedUnixMs: 3 }),
    question('done', { votes: 9, status: 'answered', askedUnixMs: 4 }),
    question('now', { votes: 1, status: 'answering', askedUnixMs: 0 }),
  ];
  expect(ordered(list, 'votes').map((q) => q.questionId)).toEqual(['now', 'loved', 'old', 'young', 'done']);
  expect(ordered(list, 'age')[0]?.questionId).toBe('done');
});
