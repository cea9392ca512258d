import { type ErrorCode, type Failure, type ProblemCode, RostrumError } from '@rostrum/contracts';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** HTTP's word for each failure. */
export const STATUS_OF: Readonly<Record<ErrorCode, ContentfulStatusCode>> = {
  'bad-input': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'rate-limited': 429,
  'too-large': 413,
  'not-on-stage': 409,
  'media-unsupported': 415,
  'name-taken': 409,
  muted: 409,
  'no-consent': 409,
  'limit-reached': 409,
  'no-sfu': 503,
  'no-broadcaster': 503,
  'node-timeout': 504,
  'node-lost': 503,
  unavailable: 503,
  pending: 503,
  internal: 500,
};

/** A failure whose status HTTP knows better than its code does (405, 415). */
export class HttpFailure extends RostrumError {
  readonly status: ContentfulStatusCode;
  readonly headers: Readonly<Record<string, string>>;
  /** As `/api/v1` calls it. */
  readonly problem: ProblemCode;
  constructor(
    status: ContentfulStatusCode,
    message: string,
    headers: Record<string, string> = {},
    problem: ProblemCode = 'bad-input',
  ) {
    super('bad-input', message);
    this.problem = problem;
    this.status = status;
    this.headers = headers;
  }
}

export function answerOf(error: unknown): {
  status: ContentfulStatusCode;
  headers: Readonly<Record<string, string>>;
  body: { error: Failure };
} {
  const known =
    error instanceof RostrumError
      ? error
      : new RostrumError('internal', 'something went wrong on the server');
  const [status, headers] =
    error instanceof HttpFailure ? [error.status, error.headers] : [STATUS_OF[known.code], {}];
  return {
    status,
    headers: BUSY.has(status) ? { ...headers, 'retry-after': secondsOf(known.retryAfterMs) } : headers,
    body: { error: known.toFailure() },
  };
}

/** Answers that mean "later" and not "no". */
const BUSY: ReadonlySet<number> = new Set([429, 503, 504]);
/** Where nothing says how long: about as long as a node takes to be replaced. */
const SOON_MS = 1000;
const secondsOf = (retryAfterMs = SOON_MS): string => String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
