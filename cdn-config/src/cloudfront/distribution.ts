/** The distribution: who is asked for which path, and what follows from an error. */
import type {
  CacheBehavior,
  DefaultCacheBehavior,
  DistributionConfig,
  Origin,
  OriginGroup,
} from '@aws-sdk/client-cloudfront';
import { CDN_HEADER } from '@rostrum/contracts/media-right';
import { PRIVATE_PREFIX } from '@rostrum/contracts/media-urls';
import {
  EDGE_RESPONSE_TIMEOUT_S,
  ERROR_TTL_S,
  PATH_RULES,
  type PathRule,
  type PathSource,
} from '../policy.ts';
import type { CdnOptions } from './settings.ts';
import { type IdOf, markOf, namesOf } from './things.ts';

/** Holds requests: it gets as long as they may take. */
const LIVE = 'live';
/** The same host for what lies there already: no player asks for a file before it is listed, so an answer that takes long is none. */
const FILES = 'files';
const BUCKET = 'bucket';
const FILES_OR_BUCKET = 'files-or-bucket';
const LIVE_OR_BUCKET = 'live-or-bucket';
const TARGETS: Readonly<Record<PathSource, string>> = {
  origin: LIVE,
  'origin-then-bucket': LIVE_OR_BUCKET,
  'origin-soon-bucket': FILES_OR_BUCKET,
  bucket: BUCKET,
};

/**
 * Which answers of the origin send CloudFront to the bucket. Not 404 (a name that is too early would become the bucket's 403).
 * 503 is among them since without it a refused connection is no reason, by one edition of CloudFront's manual; of what may be held and
 * then end in 503 (LL15) only an init segment comes here, which is not there then.
 */
export const FAILOVER_STATUSES = [500, 502, 503, 504] as const;

/** Every status for which CloudFront would otherwise remember an error for ten seconds. */
const ERROR_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504] as const;

/** In front of the path of each request that goes there. */
const bucketPath = ({ prefix }: NonNullable<CdnOptions['bucket']>): string => (prefix ? `/${prefix}` : '');

export const bucketHost = ({ name, region }: NonNullable<CdnOptions['bucket']>): string =>
  `${name}.s3.${region}.amazonaws.com`;

export function distributionConfig(options: CdnOptions, idOf: IdOf): DistributionConfig {
  const { bucket, domains } = options;
  const rules = rulesOf(options);
  const [uncached] = PATH_RULES.filter((rule) => rule.maxTtlS === 0);
  if (!uncached) throw new Error('the policy has no rule for what is not cached');
  const behaviors = rules.map(
    ({ rule, prefix }): CacheBehavior => ({
      ...behavior(options, idOf, rule, prefix !== ''),
      PathPattern: `${prefix}${rule.pattern}`,
    }),
  );
  const origins = bucket
    ? [...hostOrigins(options), bucketOrigin(options, bucket, idOf)]
    : hostOrigins(options);
  return {
    // The same for all requests: of two that make it one is refused.
    CallerReference: options.name,
    Comment: `${markOf(options.name)}live, recordings and the watch page`,
    Enabled: true,
    HttpVersion: 'http2and3',
    IsIPV6Enabled: true,
    Aliases: domains ? { Quantity: domains.names.length, Items: [...domains.names] } : { Quantity: 0 },
    ViewerCertificate: domains
      ? {
          CloudFrontDefaultCertificate: false,
          ACMCertificateArn: domains.certificateArn,
          SSLSupportMethod: 'sni-only',
          MinimumProtocolVersion: 'TLSv1.2_2021',
        }
      : { CloudFrontDefaultCertificate: true },
    Origins: { Quantity: origins.length, Items: origins },
    OriginGroups: bucket
      ? {
          Quantity: 2,
          Items: [failover(LIVE_OR_BUCKET, LIVE), failover(FILES_OR_BUCKET, FILES)],
        }
      : { Quantity: 0 },
    DefaultCacheBehavior: behavior(options, idOf, uncached, false),
    CacheBehaviors: { Quantity: behaviors.length, Items: behaviors },
    CustomErrorResponses: {
      Quantity: ERROR_STATUSES.length,
      Items: ERROR_STATUSES.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: ERROR_TTL_S })),
    },
  };
}

function failover(Id: string, first: string): OriginGroup {
  return {
    Id,
    FailoverCriteria: {
      StatusCodes: { Quantity: FAILOVER_STATUSES.length, Items: [...FAILOVER_STATUSES] },
    },
    Members: { Quantity: 2, Items: [{ OriginId: first }, { OriginId: BUCKET }] },
  };
}

/** The rules and, given a key, their like for private channels. */
function rulesOf({ bucket, publicKeyPem }: CdnOptions): readonly { rule: PathRule; prefix: string }[] {
  const rules = PATH_RULES.filter(({ from }) => bucket !== undefined || from !== 'bucket');
  const ofPrivate = publicKeyPem === undefined ? [] : rules.filter((rule) => rule.ofChannel);
  return [
    ...ofPrivate.map((rule) => ({ rule, prefix: PRIVATE_PREFIX })),
    ...rules.map((rule) => ({ rule, prefix: '' })),
  ];
}

function behavior(
  options: CdnOptions,
  idOf: IdOf,
  rule: PathRule,
  needsRight: boolean,
): DefaultCacheBehavior {
  const names = namesOf(options.name);
  return {
    TargetOriginId: originFor(options, rule),
    ViewerProtocolPolicy: 'redirect-to-https',
    AllowedMethods: {
      Quantity: 3,
      Items: ['GET', 'HEAD', 'OPTIONS'],
      CachedMethods: { Quantity: 3, Items: ['GET', 'HEAD', 'OPTIONS'] },
    },
    // The origin compresses, once for all. The bucket's playlists are small.
    Compress: rule.gzip,
    TrustedSigners: { Enabled: false, Quantity: 0 },
    TrustedKeyGroups: needsRight
      ? { Enabled: true, Quantity: 1, Items: [idOf('key-group', names.keyGroup)] }
      : { Enabled: false, Quantity: 0 },
    CachePolicyId: idOf('cache-policy', names.cachePolicy(rule)),
    OriginRequestPolicyId: idOf('origin-request-policy', names.originRequest),
    ResponseHeadersPolicyId: idOf('response-headers-policy', names.responseHeaders),
    RealtimeLogConfigArn: options.logs && idOf('realtime-logs', names.logs),
  };
}

const originFor = ({ bucket }: CdnOptions, { from }: PathRule): string => (bucket ? TARGETS[from] : LIVE);

function hostOrigins(options: CdnOptions): Origin[] {
  const host = (Id: string, readTimeoutS: number, attempts: number): Origin => ({
    Id,
    DomainName: options.originHost,
    OriginPath: '',
    // CloudFront puts it in the place of whatever a viewer sends under that name.
    ...(options.originSecret === undefined || options.publicKeyPem === undefined
      ? {}
      : {
          CustomHeaders: {
            Quantity: 1,
            Items: [{ HeaderName: CDN_HEADER, HeaderValue: options.originSecret }],
          },
        }),
    ConnectionAttempts: attempts,
    ConnectionTimeout: 2,
    CustomOriginConfig: {
      HTTPPort: 80,
      HTTPSPort: options.originPort,
      OriginProtocolPolicy: 'https-only',
      OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2'] },
      OriginReadTimeout: readTimeoutS,
      OriginKeepaliveTimeout: 60,
    },
    OriginShield: { Enabled: true, OriginShieldRegion: options.shieldRegion },
  });
  const live = host(LIVE, EDGE_RESPONSE_TIMEOUT_S, 2);
  // By default a group would wait three times ten seconds before it asks the bucket.
  return options.bucket ? [live, host(FILES, 4, 1)] : [live];
}

function bucketOrigin(options: CdnOptions, bucket: NonNullable<CdnOptions['bucket']>, idOf: IdOf): Origin {
  return {
    Id: BUCKET,
    DomainName: bucketHost(bucket),
    OriginPath: bucketPath(bucket),
    ConnectionAttempts: 1,
    ConnectionTimeout: 2,
    // Without an identity of the old kind: the access control below is the new one.
    S3OriginConfig: { OriginAccessIdentity: '' },
    OriginAccessControlId: idOf('origin-access-control', namesOf(options.name).bucketAccess),
    OriginShield: { Enabled: true, OriginShieldRegion: options.shieldRegion },
  };
}
