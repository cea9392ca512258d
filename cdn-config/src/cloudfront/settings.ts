/** What is to stand in CloudFront, by environment variables. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { CdnSecrets } from '@rostrum/contracts/media-right';
import { type Environment, PemFile, Port, parseSettings, SettingsError } from '@rostrum/service-kit/settings';
import { z } from 'zod';

const HostName = z
  .string({ error: 'a host name, e.g. live.example.org' })
  .regex(
    /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)+$/,
    'a host name with a dot in it',
  )
  .refine((host) => isIP(host) === 0, 'a name, since CloudFront takes no address');
const Region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region, e.g. eu-central-1');
const arn = (service: string, what: string) =>
  z.string().regex(new RegExp(`^arn:aws[a-z-]*:${service}:`), `the ARN of ${what}`);

/** Every setting; `describe` is what the table in docs/cdn.md says. */
export const CdnSettings = z.object({
  ROSTRUM_CDN_NAME: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, '1 to 40 letters, digits, dashes')
    .default('rostrum')
    .describe('begins the names of all that is made; another one for each installation in one AWS account'),
  ROSTRUM_CDN_ORIGIN_HOST: HostName.describe('the name by which CloudFront reaches the origin over HTTPS'),
  ROSTRUM_CDN_ORIGIN_PORT: Port.refine((port) => port === 443 || port >= 1024, '443, or 1024 to 65535')
    .default(443)
    .describe('its port'),
  ROSTRUM_CDN_SHIELD_REGION: Region.default('eu-central-1').describe(
    'the region of Origin Shield, the one place that asks the origin: the nearest to it',
  ),
  ROSTRUM_CDN_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'the name of a bucket, without dots')
    .optional()
    .describe(
      'the S3 bucket that segments and recordings are copied to; where it is set, CloudFront turns to it when the origin fails',
    ),
  ROSTRUM_CDN_BUCKET_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_./-]{0,200}$/, 'letters, digits and _ . / -')
    .transform((text) => text.split('/').filter(Boolean).join('/'))
    .default('')
    .describe('what stands in front of all names in it: the broadcaster’s `ROSTRUM_S3_PREFIX`'),
  ROSTRUM_CDN_BUCKET_REGION: Region.optional().describe('its region; without it the shield’s'),
  ROSTRUM_CDN_DOMAINS: z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(HostName))
    .default([])
    .describe('your own names for the distribution, with commas between'),
  ROSTRUM_CDN_CERTIFICATE_ARN: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:acm:us-east-1:/,
      'the ARN of a certificate of ACM in us-east-1, where CloudFront looks for it',
    )
    .optional()
    .describe('their certificate, in ACM in us-east-1'),
  ROSTRUM_CDN_KEY: PemFile.optional().describe(
    'the key that signs cookies for private channels, as a PEM file; of a private key the public half alone is sent',
  ),
  ROSTRUM_CDN_SECRET: CdnSecrets.optional().describe(
    'what CloudFront shows to the origin, which takes it for word that the cookie was good: the same for the broadcaster',
  ),
  ROSTRUM_CDN_KEY_GRACE_HOURS: z.coerce
    .number()
    .min(0, 'hours, from 0')
    .max(24 * 365)
    .default(24)
    .describe('how long the key before it stays valid'),
  ROSTRUM_CDN_LOG_STREAM_ARN: arn('kinesis', 'a Kinesis data stream')
    .optional()
    .describe('where real-time logs go; without it there are none'),
  ROSTRUM_CDN_LOG_ROLE_ARN: arn('iam', 'an IAM role')
    .optional()
    .describe('the role by which CloudFront writes there'),
  ROSTRUM_CDN_LOG_PERCENT: z.coerce
    .number()
    .int()
    .min(1, 'percent, 1 to 100')
    .max(100, 'percent, 1 to 100')
    .default(5)
    .describe('how many of a hundred requests are logged'),
  ROSTRUM_CDN_POLL_SECONDS: z.coerce
    .number()
    .positive('seconds, above 0')
    .max(600)
    .default(10)
    .describe('how often CloudFront is asked whether all places have it'),
  ROSTRUM_CDN_DEBUG: z
    .enum(['0', '1'], { error: '0 or 1' })
    .default('0')
    .describe('1: shows what AWS said of an error'),
});

export interface CdnOptions {
  readonly name: string;
  readonly originHost: string;
  readonly originPort: number;
  readonly shieldRegion: string;
  readonly bucket?:
    | {
        readonly name: string;
        readonly region: string;
        /** In front of all names in it, without slashes at its ends. */
        readonly prefix?: string;
      }
    | undefined;
  /** Both or neither of them. */
  readonly domains?: { readonly names: readonly string[]; readonly certificateArn: string } | undefined;
  /** Public key as SPKI PEM. */
  readonly publicKeyPem?: string | undefined;
  /** Shown to the origin with every request. Never without a key: everybody would be let through. */
  readonly originSecret?: string | undefined;
  readonly keyGraceMs: number;
  readonly pollMs: number;
  readonly logs?:
    | { readonly streamArn: string; readonly roleArn: string; readonly percent: number }
    | undefined;
}

/** @throws SettingsError with a line for each setting that cannot be */
export function readCdnOptions(env: Environment): CdnOptions {
  const given = parseSettings(CdnSettings, env, { secrets: ['ROSTRUM_CDN_SECRET'] });
  const problems: string[] = [];
  const both = <A, B>(a: readonly [string, A | undefined], b: readonly [string, B | undefined]) => {
    const [missing, other] = a[1] === undefined ? [a, b] : [b, a];
    if (missing[1] === undefined && other[1] !== undefined)
      problems.push(`${missing[0]} is not set: ${other[0]} is; give this one too`);
    return a[1] !== undefined && b[1] !== undefined ? ([a[1], b[1]] as const) : undefined;
  };
  const names = given.ROSTRUM_CDN_DOMAINS.length === 0 ? undefined : given.ROSTRUM_CDN_DOMAINS;
  const domains = both(
    ['ROSTRUM_CDN_DOMAINS', names],
    ['ROSTRUM_CDN_CERTIFICATE_ARN', given.ROSTRUM_CDN_CERTIFICATE_ARN],
  );
  const logs = both(
    ['ROSTRUM_CDN_LOG_STREAM_ARN', given.ROSTRUM_CDN_LOG_STREAM_ARN],
    ['ROSTRUM_CDN_LOG_ROLE_ARN', given.ROSTRUM_CDN_LOG_ROLE_ARN],
  );
  let publicKeyPem: string | undefined;
  try {
    if (given.ROSTRUM_CDN_KEY) publicKeyPem = publicHalf(readFileSync(given.ROSTRUM_CDN_KEY, 'utf8'));
  } catch (error) {
    problems.push(`ROSTRUM_CDN_KEY is "${given.ROSTRUM_CDN_KEY}": ${(error as Error).message}`);
  }
  const [originSecret] = given.ROSTRUM_CDN_SECRET ?? [];
  if (originSecret !== undefined && publicKeyPem === undefined)
    problems.push(
      'ROSTRUM_CDN_KEY is not set: ROSTRUM_CDN_SECRET is, and what is private would be open to everybody',
    );
  if (given.ROSTRUM_CDN_BUCKET === undefined && given.ROSTRUM_CDN_BUCKET_PREFIX !== '')
    problems.push('ROSTRUM_CDN_BUCKET is not set: ROSTRUM_CDN_BUCKET_PREFIX is; give this one too');
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    name: given.ROSTRUM_CDN_NAME,
    originHost: given.ROSTRUM_CDN_ORIGIN_HOST,
    originPort: given.ROSTRUM_CDN_ORIGIN_PORT,
    shieldRegion: given.ROSTRUM_CDN_SHIELD_REGION,
    bucket: given.ROSTRUM_CDN_BUCKET
      ? {
          name: given.ROSTRUM_CDN_BUCKET,
          region: given.ROSTRUM_CDN_BUCKET_REGION ?? given.ROSTRUM_CDN_SHIELD_REGION,
          ...(given.ROSTRUM_CDN_BUCKET_PREFIX === '' ? {} : { prefix: given.ROSTRUM_CDN_BUCKET_PREFIX }),
        }
      : undefined,
    domains: domains ? { names: domains[0], certificateArn: domains[1] } : undefined,
    publicKeyPem,
    originSecret,
    keyGraceMs: given.ROSTRUM_CDN_KEY_GRACE_HOURS * 3_600_000,
    pollMs: given.ROSTRUM_CDN_POLL_SECONDS * 1000,
    logs: logs ? { streamArn: logs[0], roleArn: logs[1], percent: given.ROSTRUM_CDN_LOG_PERCENT } : undefined,
  };
}

/** The public key of a PEM, private or public. @throws Error when CloudFront would take no such key */
export function publicHalf(pem: string): string {
  let key: ReturnType<typeof createPublicKey>;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new Error('no key in PEM is in it', { cause });
  }
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const fits =
    (key.asymmetricKeyType === 'rsa' && modulusLength === 2048) ||
    (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1');
  if (!fits) throw new Error('CloudFront takes RSA of 2048 bits or ECDSA P-256, and this is neither');
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
