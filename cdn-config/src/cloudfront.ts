/** CloudFront, as inputs of the AWS SDK's commands. Nothing is called from here. */
import type {
  CacheBehavior,
  CreateCachePolicyCommandInput,
  CreateDistributionCommandInput,
  CreateOriginRequestPolicyCommandInput,
  DefaultCacheBehavior,
} from '@aws-sdk/client-cloudfront';
import { EDGE_RESPONSE_TIMEOUT_S, ERROR_TTL_S, PATH_RULES, type PathRule } from './policy.ts';

export interface CloudFrontOptions {
  /** Prefix of the names of what is created; also the caller reference, so that a repeated call makes nothing twice. */
  readonly name: string;
  /** Host name under which CloudFront reaches the origin by HTTPS. */
  readonly originHost: string;
  readonly originPort: number;
  /** AWS region of the Origin Shield: the one place that asks the origin (LL23: coalescing on). */
  readonly shieldRegion: string;
}

/** Ids that AWS gives when the policies are created. */
export interface PolicyIds {
  readonly cachePolicies: Readonly<Record<PathRule['name'], string>>;
  readonly originRequestPolicy: string;
}

export interface CloudFrontPlan {
  readonly cachePolicies: Readonly<Record<PathRule['name'], CreateCachePolicyCommandInput>>;
  readonly originRequestPolicy: CreateOriginRequestPolicyCommandInput;
  /** The distribution, once the policies have ids. */
  readonly distribution: (ids: PolicyIds) => CreateDistributionCommandInput;
}

const ORIGIN_ID = 'rostrum-origin';
/** Every status for which CloudFront would otherwise remember an error for ten seconds. */
const ERROR_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504] as const;

/** What to create, in this order: the policies, then the distribution with their ids. */
export function cloudFrontPlan(options: CloudFrontOptions): CloudFrontPlan {
  return {
    cachePolicies: Object.fromEntries(
      PATH_RULES.map((rule) => [rule.name, cachePolicy(options, rule)]),
    ) as CloudFrontPlan['cachePolicies'],
    originRequestPolicy: {
      OriginRequestPolicyConfig: {
        Name: `${options.name}-origin`,
        Comment: 'What is in the cache key reaches the origin; nothing else does (CMCD included)',
        HeadersConfig: { HeaderBehavior: 'none' },
        CookiesConfig: { CookieBehavior: 'none' },
        QueryStringsConfig: { QueryStringBehavior: 'none' },
      },
    },
    distribution: (ids) => distribution(options, ids),
  };
}

function cachePolicy(options: CloudFrontOptions, rule: PathRule): CreateCachePolicyCommandInput {
  const keys = [...rule.keyParameters];
  return {
    CachePolicyConfig: {
      Name: `${options.name}-${rule.name}`,
      Comment: `Rostrum ${rule.pattern}`,
      // Zero: the origin's Cache-Control decides, and an error may be forgotten at once.
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
    },
  };
}

function behavior(ids: PolicyIds, rule: PathRule): DefaultCacheBehavior {
  return {
    TargetOriginId: ORIGIN_ID,
    ViewerProtocolPolicy: 'redirect-to-https',
    AllowedMethods: {
      Quantity: 3,
      Items: ['GET', 'HEAD', 'OPTIONS'],
      CachedMethods: { Quantity: 3, Items: ['GET', 'HEAD', 'OPTIONS'] },
    },
    Compress: rule.gzip,
    CachePolicyId: ids.cachePolicies[rule.name],
    OriginRequestPolicyId: ids.originRequestPolicy,
  };
}

function distribution(options: CloudFrontOptions, ids: PolicyIds): CreateDistributionCommandInput {
  const behaviors = PATH_RULES.map(
    (rule): CacheBehavior => ({ ...behavior(ids, rule), PathPattern: rule.pattern }),
  );
  const [uncached] = PATH_RULES.filter((rule) => rule.maxTtlS === 0);
  if (!uncached) throw new Error('the policy has no rule for what is not cached');
  return {
    DistributionConfig: {
      CallerReference: options.name,
      Comment: 'Rostrum: live, recordings and the watch page',
      Enabled: true,
      HttpVersion: 'http2and3',
      IsIPV6Enabled: true,
      Origins: {
        Quantity: 1,
        Items: [
          {
            Id: ORIGIN_ID,
            DomainName: options.originHost,
            CustomOriginConfig: {
              HTTPPort: 80,
              HTTPSPort: options.originPort,
              OriginProtocolPolicy: 'https-only',
              OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2'] },
              OriginReadTimeout: EDGE_RESPONSE_TIMEOUT_S,
              OriginKeepaliveTimeout: 60,
            },
            OriginShield: { Enabled: true, OriginShieldRegion: options.shieldRegion },
          },
        ],
      },
      DefaultCacheBehavior: behavior(ids, uncached),
      CacheBehaviors: { Quantity: behaviors.length, Items: behaviors },
      CustomErrorResponses: {
        Quantity: ERROR_STATUSES.length,
        Items: ERROR_STATUSES.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: ERROR_TTL_S })),
      },
    },
  };
}
