import { ERRORS, type ErrorCode, type Problem, type ProblemCode, RostrumError } from '@rostrum/contracts';
import { answerOf, HttpFailure } from '../failures.ts';

/** RFC 9457. */
export const PROBLEM_JSON = 'application/problem+json';

export const isV1 = (path: string): boolean => path === '/api/v1' || path.startsWith('/api/v1/');

/** One for each code, the same for ever: programs go by the code, people read the title. */
export const PROBLEM_TITLES: Readonly<Record<ProblemCode, string>> = {
  'bad-input': 'The request is not as it has to be',
  unauthenticated: 'It is not known who asks',
  forbidden: 'Who asks may not',
  'not-found': 'There is no such thing',
  conflict: 'It cannot be done as things stand',
  'rate-limited': 'Too many requests',
  'too-large': 'The request is too large',
  'not-on-stage': 'The person is not on the stage',
  'media-unsupported': 'The media cannot be used',
  'name-taken': 'The name is somebody else’s',
  muted: 'The person was muted by the crew',
  'no-consent': 'The person has not agreed to be recorded',
  'limit-reached': 'There can be no more of it',
  'no-sfu': 'No media node is connected',
  'no-broadcaster': 'No broadcaster is connected',
  'node-timeout': 'A node does not answer',
  'node-lost': 'A node was lost',
  unavailable: 'It cannot be done just now',
  pending: 'It takes longer than one waits, and goes on',
  internal: 'Something went wrong on the server',
  'method-not-allowed': 'The method is none of this resource',
  'unsupported-media-type': 'The body is of another type',
  'changed-meanwhile': 'It was changed since it was read',
  'idempotency-key-reused': 'The idempotency key belongs to another request',
  'idempotency-key-in-use': 'A request with this idempotency key is under way',
};

const isErrorCode = (code: ProblemCode): code is ErrorCode => Object.hasOwn(ERRORS, code);

/** A path, for the same document stands at every installation, and an address that is nobody's would be worse. */
export const problemType = (code: ProblemCode): string => `/api/v1/problems/${code}`;

/** Any error as an answer of `/api/v1`. */
export function problemOf(error: unknown): ReturnType<typeof answerOf> & { problem: Problem } {
  const answer = answerOf(error);
  const { message, field } = answer.body.error;
  const code = error instanceof HttpFailure ? error.problem : answer.body.error.code;
  const retry = isErrorCode(code) ? ERRORS[code].retry : code === 'idempotency-key-in-use';
  const problem: Problem = {
    type: problemType(code),
    title: PROBLEM_TITLES[code],
    status: answer.status,
    detail: message,
    code,
    ...(field === undefined ? {} : { field }),
    retry,
  };
  const challenge = code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="rostrum"' } : {};
  return { ...answer, headers: { ...answer.headers, ...challenge }, problem };
}

/** What `problemType` leads to. Throws `not-found`. */
export function aboutProblem(code: string): Pick<Problem, 'type' | 'title' | 'code'> {
  const known = (Object.keys(PROBLEM_TITLES) as ProblemCode[]).find((one) => one === code);
  if (!known) throw new RostrumError('not-found', 'no such problem');
  return { type: problemType(known), title: PROBLEM_TITLES[known], code: known };
}
