/** What an error of the SDK means, and what to do about it. */
import type { PublishProblem } from '@rostrum/contracts/publishing';
import type { S3Place } from './s3.ts';

const BY_NAME: ReadonlyMap<string, PublishProblem> = new Map(
  Object.entries({
    credentials: [
      'CredentialsProviderError',
      'ExpiredToken',
      'ExpiredTokenException',
      'InvalidAccessKeyId',
      'InvalidClientTokenId',
      'InvalidToken',
      'SignatureDoesNotMatch',
      'TokenRefreshRequired',
      'UnrecognizedClientException',
    ],
    forbidden: ['AccessDenied', 'AccountProblem', 'AllAccessDisabled'],
    'no-bucket': ['NoSuchBucket', 'InvalidBucketName'],
    region: ['AuthorizationHeaderMalformed', 'PermanentRedirect', 'IllegalLocationConstraintException'],
    clock: ['RequestTimeTooSkewed', 'RequestExpired'],
    'slow-down': [
      'SlowDown',
      'ServiceUnavailable',
      'TooManyRequests',
      'TooManyRequestsException',
      'Throttling',
    ],
    // What arrives is not what was sent: the network's fault as well.
    unreachable: [
      'BadDigest',
      'IncompleteBody',
      'XAmzContentSHA256Mismatch',
      'EAI_AGAIN',
      'ECONNABORTED',
      'ECONNREFUSED',
      'ECONNRESET',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOTFOUND',
      'EPIPE',
      'ETIMEDOUT',
      'NetworkingError',
      'RequestTimeout',
      'TimeoutError',
    ],
  } satisfies Partial<Record<PublishProblem, readonly string[]>>).flatMap(([problem, names]) =>
    names.map((name) => [name, problem as PublishProblem] as const),
  ),
);

/** As much of the SDK's errors, and of Node's, as is read. */
interface Failure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

export function problemOf(error: unknown): PublishProblem {
  const { name, code, message, $metadata } = (error ?? {}) as Failure;
  const known = BY_NAME.get(String(name)) ?? BY_NAME.get(String(code));
  if (known) return known;
  const status = $metadata?.httpStatusCode;
  // Without a region the SDK signs nothing and asks nobody.
  if (status === undefined) return /region is missing/i.test(String(message)) ? 'region' : 'unreachable';
  if (status === 301 || status === 307) return 'region';
  if (status === 403) return 'forbidden';
  if (status === 429 || status === 503) return 'slow-down';
  return status >= 500 ? 'failing' : 'refused';
}

/** One line for whoever runs it. */
export function wordsFor(problem: PublishProblem, place: S3Place, error: unknown): string {
  const { bucket, endpoint } = place;
  const host = endpoint ?? 'Amazon S3';
  const said = String((error as Failure | null)?.message ?? error);
  switch (problem) {
    case 'credentials':
      return `${host} does not know these credentials, or there are none: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role (${said})`;
    case 'forbidden':
      return `these credentials may not write to bucket ${bucket}: they need s3:PutObject on it, and to delete recordings s3:DeleteObject and s3:ListBucket (${said})`;
    case 'no-bucket':
      return `there is no bucket ${bucket} at ${host}: make it, or mend ROSTRUM_S3_BUCKET (${said})`;
    case 'region':
      return `bucket ${bucket} is in another region, or none is set: mend ROSTRUM_S3_REGION (${said})`;
    case 'clock':
      return `this machine's clock is too far from that of ${host}: set it, by NTP (${said})`;
    case 'unreachable':
      return `${host} cannot be reached: look at the network and at ROSTRUM_S3_ENDPOINT (${said})`;
    case 'slow-down':
      return `${host} asks for fewer requests; they are tried again, later each time (${said})`;
    case 'failing':
      return `${host} has an error of its own (${said})`;
    case 'refused':
      return `${host} refuses it (${said})`;
  }
}
