/** What has to stand in CloudFront, from the policy and the options. Pure: nothing is called from here. */
import type {
  CachePolicyConfig,
  OriginAccessControlConfig,
  OriginRequestPolicyConfig,
  ResponseHeadersPolicyConfig,
} from '@aws-sdk/client-cloudfront';
import { CORS, PATH_RULES, type PathRule } from '../policy.ts';
import { distributionConfig } from './distribution.ts';
import type { CdnOptions } from './settings.ts';
import { cachingOf, type Desired, keyName, markOf, namesOf } from './things.ts';

/** A public key that shall be valid beside that of the options. */
export interface KeptKey {
  readonly name: string;
  /** Undefined for one that is there already. */
  readonly pem?: string | undefined;
}

/** All that shall be there, in the order in which it can be made. */
export function desiredState(options: CdnOptions, keptKeys: readonly KeptKey[] = []): readonly Desired[] {
  const mark = markOf(options.name);
  const names = namesOf(options.name);
  const current: readonly KeptKey[] = options.publicKeyPem
    ? [{ name: keyName(options.name, options.publicKeyPem), pem: options.publicKeyPem }]
    : [];
  const keys = current.length === 0 ? [] : [...current, ...keptKeys];
  const all: Desired[] = [];
  if (options.bucket) {
    const config: OriginAccessControlConfig = {
      Name: names.bucketAccess,
      Description: `${mark}reads the bucket`,
      SigningProtocol: 'sigv4',
      SigningBehavior: 'always',
      OriginAccessControlOriginType: 's3',
    };
    all.push({ kind: 'origin-access-control', name: names.bucketAccess, config: () => config });
  }
  for (const { name, pem } of keys) {
    if (pem !== undefined)
      all.push({
        kind: 'public-key',
        name,
        config: () => ({
          // The same reference for the same key: a repeated request makes no second one.
          CallerReference: name,
          Name: name,
          EncodedKey: pem,
          Comment: `${mark}signs cookies`,
        }),
      });
  }
  if (keys.length > 0) {
    all.push({
      kind: 'key-group',
      name: names.keyGroup,
      config: (idOf) => ({
        Name: names.keyGroup,
        Items: keys.map((key) => idOf('public-key', key.name)),
        Comment: `${mark}keys that are valid`,
      }),
    });
  }
  for (const rule of PATH_RULES.filter((each) => cachingOf(each) === each)) {
    const name = names.cachePolicy(rule);
    all.push({ kind: 'cache-policy', name, config: () => cachePolicy(name, mark, rule) });
  }
  all.push(
    {
      kind: 'origin-request-policy',
      name: names.originRequest,
      config: () => originRequest(names.originRequest, mark),
    },
    {
      kind: 'response-headers-policy',
      name: names.responseHeaders,
      config: () => responseHeaders(names.responseHeaders, mark),
    },
  );
  const { logs } = options;
  if (logs) {
    all.push({
      kind: 'realtime-logs',
      name: names.logs,
      config: () => ({
        Name: names.logs,
        SamplingRate: logs.percent,
        EndPoints: [
          {
            StreamType: 'Kinesis',
            KinesisStreamConfig: { RoleARN: logs.roleArn, StreamARN: logs.streamArn },
          },
        ],
        Fields: [...LOG_FIELDS],
      }),
    });
  }
  all.push({ kind: 'distribution', name: options.name, config: (idOf) => distributionConfig(options, idOf) });
  return all;
}

/** How requests fared and, by CMCD, how players did. No address of a viewer, no cookie, no referrer. */
const LOG_FIELDS = [
  'timestamp',
  'time-to-first-byte',
  'sc-status',
  'sc-bytes',
  'cs-method',
  'cs-uri-stem',
  'x-edge-location',
  'time-taken',
  'cs-protocol-version',
  'x-edge-response-result-type',
  'x-edge-result-type',
  'x-edge-detailed-result-type',
  'c-country',
  'asn',
  'origin-fbl',
  'origin-lbl',
  'cmcd-encoded-bitrate',
  'cmcd-buffer-length',
  'cmcd-buffer-starvation',
  'cmcd-object-duration',
  'cmcd-deadline',
  'cmcd-measured-throughput',
  'cmcd-object-type',
  'cmcd-playback-rate',
  'cmcd-streaming-format',
  'cmcd-stream-type',
  'cmcd-startup',
  'cmcd-top-bitrate',
] as const;

function cachePolicy(name: string, mark: string, rule: PathRule): CachePolicyConfig {
  const keys = [...rule.keyParameters];
  return {
    Name: name,
    Comment: `${mark}${rule.pattern}`,
    // Zero: the origin's Cache-Control decides, and an error may be forgotten at once (LL23).
    MinTTL: 0,
    DefaultTTL: 0,
    MaxTTL: rule.maxTtlS,
    ParametersInCacheKeyAndForwardedToOrigin: {
      // With MaxTTL 0 caching is off and CloudFront refuses to key by encoding.
      EnableAcceptEncodingGzip: rule.gzip && rule.maxTtlS > 0,
      EnableAcceptEncodingBrotli: false,
      HeadersConfig: { HeaderBehavior: 'none' },
      CookiesConfig: { CookieBehavior: 'none' },
      QueryStringsConfig:
        keys.length === 0
          ? { QueryStringBehavior: 'none' }
          : { QueryStringBehavior: 'whitelist', QueryStrings: { Quantity: keys.length, Items: keys } },
    },
  };
}

function originRequest(name: string, mark: string): OriginRequestPolicyConfig {
  return {
    Name: name,
    Comment: `${mark}what is in the cache key reaches the origin; nothing else does (CMCD included)`,
    HeadersConfig: { HeaderBehavior: 'none' },
    CookiesConfig: { CookieBehavior: 'none' },
    QueryStringsConfig: { QueryStringBehavior: 'none' },
  };
}

const YEAR_S = 31_536_000;

/** Said by CloudFront itself, since what it answers without the origin (a bucket's file, an error) has to be readable too (LL22). */
function responseHeaders(name: string, mark: string): ResponseHeadersPolicyConfig {
  const list = (items: readonly string[]) => ({ Quantity: items.length, Items: [...items] });
  return {
    Name: name,
    Comment: `${mark}any page may play it, and over HTTPS alone`,
    CorsConfig: {
      AccessControlAllowOrigins: list([CORS.allowOrigin]),
      AccessControlAllowHeaders: list(CORS.allowHeaders),
      AccessControlAllowMethods: {
        Quantity: CORS.allowMethods.length,
        Items: [...CORS.allowMethods],
      },
      AccessControlExposeHeaders: list(CORS.exposeHeaders),
      AccessControlAllowCredentials: false,
      AccessControlMaxAgeSec: CORS.maxAgeS,
      OriginOverride: true,
    },
    SecurityHeadersConfig: {
      StrictTransportSecurity: {
        AccessControlMaxAgeSec: YEAR_S,
        // The names beside this one are not ours to decide about.
        IncludeSubdomains: false,
        Preload: false,
        Override: true,
      },
    },
    CustomHeadersConfig: {
      Quantity: 1,
      Items: [{ Header: 'Timing-Allow-Origin', Value: '*', Override: true }],
    },
  };
}
