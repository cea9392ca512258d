import { z } from 'zod';

/**
 * Everything that can be answered instead of a result. Whose fault it is and whether a retry can help stands beside
 * the code; user interfaces word them, the wire does not.
 */
export const ERRORS = {
  'bad-input': { fault: 'client', retry: false },
  unauthenticated: { fault: 'client', retry: false },
  forbidden: { fault: 'client', retry: false },
  'not-found': { fault: 'client', retry: false },
  conflict: { fault: 'client', retry: false },
  'rate-limited': { fault: 'client', retry: true },
  'too-large': { fault: 'client', retry: false },
  'not-on-stage': { fault: 'client', retry: false },
  'media-unsupported': { fault: 'client', retry: false },
  /** The name looks like somebody's of the crew or the stage, or like the mark of a role. */
  'name-taken': { fault: 'client', retry: false },
  /** The crew muted this person, and nothing of them is heard until that is lifted. */
  muted: { fault: 'client', retry: false },
  /** They did not agree to be recorded, and the programme is. */
  'no-consent': { fault: 'client', retry: false },
  'limit-reached': { fault: 'client', retry: false },
  'no-sfu': { fault: 'server', retry: true },
  'no-broadcaster': { fault: 'server', retry: true },
  'node-timeout': { fault: 'server', retry: true },
  'node-lost': { fault: 'server', retry: true },
  unavailable: { fault: 'server', retry: true },
  /** It takes longer than one waits for an answer: the work goes on, and what comes of it is shown. */
  pending: { fault: 'server', retry: false },
  internal: { fault: 'server', retry: true },
} as const;

export type ErrorCode = keyof typeof ERRORS;
export const ErrorCodeSchema = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

/** The typed failure every event, RPC and route answers with. `message` is for logs and developers, not for people. */
export const Failure = z.object({
  code: ErrorCodeSchema,
  message: z.string(),
  /** Dotted path of the offending field for `bad-input`. */
  field: z.string().optional(),
  /** No sooner than in so many milliseconds can asking again help. Told with `rate-limited`. */
  retryAfterMs: z.number().nonnegative().optional(),
});
export type Failure = z.infer<typeof Failure>;

export type Result<T> = { ok: true; value: T } | { ok: false; error: Failure };

/** Thrown inside a service, turned into a `Failure` at its edge. */
export class RostrumError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { field?: string; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RostrumError';
    this.code = code;
    this.field = options.field;
    this.retryAfterMs = options.retryAfterMs;
  }

  toFailure(): Failure {
    return {
      code: this.code,
      message: this.message,
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
    };
  }
}

/** A Zod failure as one `bad-input` naming the first offending field. */
export function badInput(error: z.ZodError): RostrumError {
  const issue = error.issues[0];
  const field = issue?.path.join('.') ?? '';
  return new RostrumError('bad-input', issue ? `${field || 'input'}: ${issue.message}` : 'malformed input', {
    field,
    cause: error,
  });
}
