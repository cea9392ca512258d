/** What can go wrong between here and CloudFront, whose fault it is, and what to do. */

export type CdnErrorCode =
  | 'no-credentials'
  | 'wrong-credentials'
  | 'access-denied'
  | 'name-taken'
  | 'domain-taken'
  | 'certificate'
  | 'quota'
  | 'throttled'
  | 'unreachable'
  | 'changed-meanwhile'
  | 'not-there'
  | 'in-use'
  | 'deployment-late'
  | 'interrupted'
  | 'refused';

export class CdnError extends Error {
  readonly code: CdnErrorCode;
  /** What to do, as a sentence. */
  readonly advice: string;

  constructor(code: CdnErrorCode, message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CdnError';
    this.code = code;
    this.advice = advice;
  }
}

/** The service's word for an error, or the system's (`ECONNREFUSED`); empty when it has none. */
export function errorName(error: unknown): string {
  const { name, code } = asFields(error);
  // Node's own errors are called `Error` and say by their code what they are.
  const own = name === undefined || name === 'Error' || name === 'AggregateError';
  return String((own ? code : undefined) ?? name ?? '');
}

/** Errors come from other realms too: nothing is asked of their class. */
const asFields = (error: unknown): { name?: unknown; code?: unknown; message?: unknown } =>
  typeof error === 'object' && error !== null ? error : {};

/**
 * Whether it may be the past that answers: lists and references lag behind what was made, and others make changes too. Looking again
 * and making a new plan is then all there is to do.
 */
export function isStale(error: unknown): boolean {
  const name = errorName(error);
  // A domain that another distribution has will not become free by looking.
  if (name === 'CNAMEAlreadyExists') return false;
  return /AlreadyExists$|^NoSuch|InUse$/.test(name) || STALE.has(name);
}

const STALE = new Set([
  'PreconditionFailed',
  'InvalidIfMatchVersion',
  'TrustedKeyGroupDoesNotExist',
  'InvalidOriginAccessControl',
  'DistributionNotDisabled',
]);
const WRONG_CREDENTIALS = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'InvalidSignatureException',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
]);
const NETWORK = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'TimeoutError',
]);
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'SlowDown',
]);

/** The error in words for who runs it. `doing` is what was tried, e.g. `making the cache policy rostrum-media`. */
export function explained(error: unknown, doing: string): CdnError {
  if (error instanceof CdnError) return error;
  const name = errorName(error);
  const said = String(asFields(error).message ?? error);
  const words = (code: CdnErrorCode, message: string, advice: string) =>
    new CdnError(code, `${doing}: ${message}`, advice, { cause: error });
  if (name === 'AbortError')
    return words('interrupted', 'it was interrupted', 'Run the same command again: it goes on where it was.');
  if (name === 'CredentialsProviderError')
    return words(
      'no-credentials',
      'there are no AWS credentials here',
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or log in with `aws sso login`.',
    );
  if (WRONG_CREDENTIALS.has(name))
    return words(
      'wrong-credentials',
      `AWS does not take these credentials (${name}: ${said})`,
      'Look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_PROFILE, and at this machine’s clock.',
    );
  if (/^AccessDenied/.test(name))
    return words(
      'access-denied',
      `these credentials may not do that (${said})`,
      'Give them the rights that docs/cdn.md lists under "Rights", and run it again: it goes on where it was.',
    );
  if (THROTTLED.has(name))
    return words(
      'throttled',
      'AWS says "too many requests", after all attempts',
      'Something else asks CloudFront a lot in this account. Wait a minute and run it again: it goes on where it was.',
    );
  if (NETWORK.has(name))
    return words(
      'unreachable',
      `CloudFront’s API cannot be reached (${name}: ${said})`,
      'Look at the network, and at AWS_ENDPOINT_URL if it is set. Run it again: it goes on where it was.',
    );
  if (name === 'CNAMEAlreadyExists')
    return words(
      'domain-taken',
      `a name in ROSTRUM_CDN_DOMAINS belongs to another distribution (${said})`,
      'Take it off there, or give another name. It may be in another AWS account.',
    );
  if (name === 'InvalidViewerCertificate')
    return words(
      'certificate',
      `CloudFront does not take the certificate (${said})`,
      'ROSTRUM_CDN_CERTIFICATE_ARN must be issued, lie in us-east-1 and name every one of ROSTRUM_CDN_DOMAINS.',
    );
  if (/^TooMany/.test(name))
    return words(
      'quota',
      `the account’s quota is used up (${name}: ${said})`,
      'Remove what is not needed, or ask AWS for more.',
    );
  if (/AlreadyExists$/.test(name))
    return words(
      'name-taken',
      `something of that name is there and cannot be found as ours (${said})`,
      'Give another ROSTRUM_CDN_NAME, or remove it if nobody needs it.',
    );
  if (name === 'PreconditionFailed' || name === 'InvalidIfMatchVersion')
    return words(
      'changed-meanwhile',
      'somebody else keeps changing it',
      'See who else works on it (another `rostrum cdn`, Terraform, the AWS console), then run it again.',
    );
  if (/InUse$/.test(name))
    return words(
      'in-use',
      `something else uses it (${said})`,
      'A distribution that is not Rostrum’s names it: change that first, then run it again.',
    );
  if (/^NoSuch|DoesNotExist$/.test(name))
    return words(
      'not-there',
      `what was there a moment ago cannot be found (${name}: ${said})`,
      'AWS may not know of it everywhere yet, or somebody removed it. Wait a minute and run it again.',
    );
  return words(
    'refused',
    `${name}: ${said}`,
    'That is not expected. The request’s id for AWS is in the cause of this error, which ROSTRUM_CDN_DEBUG=1 shows.',
  );
}
