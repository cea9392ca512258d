/**
 * The same state for Terraform, in its JSON syntax (a file that ends in `.tf.json`). Terraform's provider has other names than CloudFront's
 * API: each is written here from the config that the API would get, so that the two cannot differ in substance.
 */
import type {
  CacheBehavior,
  DefaultCacheBehavior,
  DistributionConfig,
  Origin,
} from '@aws-sdk/client-cloudfront';
import { desiredState } from '../cloudfront/desired.ts';
import type { CdnOptions } from '../cloudfront/settings.ts';
import type { Configs, Desired, Kind } from '../cloudfront/things.ts';
import { bucketPolicy } from './bucket-policy.ts';

type Block = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<Kind, string>> = {
  'origin-access-control': 'aws_cloudfront_origin_access_control',
  'public-key': 'aws_cloudfront_public_key',
  'key-group': 'aws_cloudfront_key_group',
  'cache-policy': 'aws_cloudfront_cache_policy',
  'origin-request-policy': 'aws_cloudfront_origin_request_policy',
  'response-headers-policy': 'aws_cloudfront_response_headers_policy',
  'realtime-logs': 'aws_cloudfront_realtime_log_config',
  distribution: 'aws_cloudfront_distribution',
};

/** Names of resources are Terraform's identifiers; those of ours begin with a letter or a dash at worst. */
const label = (name: string): string => name.replace(/^[^A-Za-z_]/, '_');

const reference = (kind: Kind, name: string): string =>
  `\${${TYPES[kind]}.${label(name)}.${kind === 'realtime-logs' ? 'arn' : 'id'}}`;

/** The content of a `.tf.json` file. */
export function terraformJson(options: CdnOptions): object {
  const resource: Record<string, Record<string, Block>> = {};
  const put = (type: string, name: string, block: Block) => {
    resource[type] = { ...resource[type], [label(name)]: block };
  };
  for (const desired of desiredState(options)) put(TYPES[desired.kind], desired.name, blockOf(desired));
  if (options.bucket) {
    const arn = `\${aws_cloudfront_distribution.${label(options.name)}.arn}`;
    put('aws_s3_bucket_policy', `${options.name}-bucket`, {
      bucket: options.bucket.name,
      policy: JSON.stringify(bucketPolicy(options.bucket, arn)),
    });
  }
  return {
    terraform: { required_providers: { aws: { source: 'hashicorp/aws', version: '>= 5.0' } } },
    resource,
    output: {
      domain_name: { value: `\${aws_cloudfront_distribution.${label(options.name)}.domain_name}` },
    },
  };
}

function blockOf(desired: Desired): Block {
  switch (desired.kind) {
    case 'origin-access-control': {
      const config = desired.config(reference);
      return {
        name: config.Name,
        description: config.Description,
        origin_access_control_origin_type: config.OriginAccessControlOriginType,
        signing_behavior: config.SigningBehavior,
        signing_protocol: config.SigningProtocol,
      };
    }
    case 'public-key': {
      const { Name, EncodedKey, Comment } = desired.config(reference);
      return { name: Name, encoded_key: EncodedKey, comment: Comment };
    }
    case 'key-group': {
      const { Name, Items, Comment } = desired.config(reference);
      return { name: Name, items: Items, comment: Comment };
    }
    case 'cache-policy':
      return cachePolicy(desired.config(reference));
    case 'origin-request-policy': {
      const config = desired.config(reference);
      return {
        name: config.Name,
        comment: config.Comment,
        headers_config: { header_behavior: config.HeadersConfig?.HeaderBehavior },
        cookies_config: { cookie_behavior: config.CookiesConfig?.CookieBehavior },
        query_strings_config: { query_string_behavior: config.QueryStringsConfig?.QueryStringBehavior },
      };
    }
    case 'response-headers-policy':
      return responseHeaders(desired.config(reference));
    case 'realtime-logs': {
      const { Name, SamplingRate, Fields, EndPoints } = desired.config(reference);
      return {
        name: Name,
        sampling_rate: SamplingRate,
        fields: Fields,
        endpoint: EndPoints?.map(({ StreamType, KinesisStreamConfig: kinesis }) => ({
          stream_type: StreamType,
          kinesis_stream_config: { role_arn: kinesis?.RoleARN, stream_arn: kinesis?.StreamARN },
        })),
      };
    }
    case 'distribution':
      return distribution(desired.config(reference));
  }
}

function cachePolicy(config: Configs['cache-policy']): Block {
  const key = config.ParametersInCacheKeyAndForwardedToOrigin;
  const strings = key?.QueryStringsConfig;
  return {
    name: config.Name,
    comment: config.Comment,
    min_ttl: config.MinTTL,
    default_ttl: config.DefaultTTL,
    max_ttl: config.MaxTTL,
    parameters_in_cache_key_and_forwarded_to_origin: {
      enable_accept_encoding_gzip: key?.EnableAcceptEncodingGzip,
      enable_accept_encoding_brotli: key?.EnableAcceptEncodingBrotli,
      headers_config: { header_behavior: key?.HeadersConfig?.HeaderBehavior },
      cookies_config: { cookie_behavior: key?.CookiesConfig?.CookieBehavior },
      query_strings_config: {
        query_string_behavior: strings?.QueryStringBehavior,
        ...(strings?.QueryStrings ? { query_strings: { items: strings.QueryStrings.Items } } : {}),
      },
    },
  };
}

function responseHeaders(config: Configs['response-headers-policy']): Block {
  const cors = config.CorsConfig;
  const hsts = config.SecurityHeadersConfig?.StrictTransportSecurity;
  return {
    name: config.Name,
    comment: config.Comment,
    cors_config: {
      access_control_allow_credentials: cors?.AccessControlAllowCredentials,
      access_control_allow_origins: { items: cors?.AccessControlAllowOrigins?.Items },
      access_control_allow_headers: { items: cors?.AccessControlAllowHeaders?.Items },
      access_control_allow_methods: { items: cors?.AccessControlAllowMethods?.Items },
      access_control_expose_headers: { items: cors?.AccessControlExposeHeaders?.Items },
      access_control_max_age_sec: cors?.AccessControlMaxAgeSec,
      origin_override: cors?.OriginOverride,
    },
    security_headers_config: {
      strict_transport_security: {
        access_control_max_age_sec: hsts?.AccessControlMaxAgeSec,
        include_subdomains: hsts?.IncludeSubdomains,
        preload: hsts?.Preload,
        override: hsts?.Override,
      },
    },
    custom_headers_config: {
      items: config.CustomHeadersConfig?.Items?.map(({ Header, Value, Override }) => ({
        header: Header,
        value: Value,
        override: Override,
      })),
    },
  };
}

function distribution(config: DistributionConfig): Block {
  const certificate = config.ViewerCertificate;
  return {
    comment: config.Comment,
    enabled: config.Enabled,
    http_version: config.HttpVersion,
    is_ipv6_enabled: config.IsIPV6Enabled,
    aliases: config.Aliases?.Items ?? [],
    viewer_certificate: certificate?.ACMCertificateArn
      ? {
          acm_certificate_arn: certificate.ACMCertificateArn,
          ssl_support_method: certificate.SSLSupportMethod,
          minimum_protocol_version: certificate.MinimumProtocolVersion,
        }
      : { cloudfront_default_certificate: true },
    // CloudFront's own default, which Terraform wants to be said.
    restrictions: { geo_restriction: { restriction_type: 'none' } },
    origin: config.Origins?.Items?.map(origin),
    origin_group: config.OriginGroups?.Items?.map((group) => ({
      origin_id: group.Id,
      failover_criteria: { status_codes: group.FailoverCriteria?.StatusCodes?.Items },
      member: group.Members?.Items?.map(({ OriginId }) => ({ origin_id: OriginId })),
    })),
    default_cache_behavior: behavior(config.DefaultCacheBehavior),
    ordered_cache_behavior: config.CacheBehaviors?.Items?.map((each) => ({
      path_pattern: each.PathPattern,
      ...behavior(each),
    })),
    custom_error_response: config.CustomErrorResponses?.Items?.map((each) => ({
      error_code: each.ErrorCode,
      error_caching_min_ttl: each.ErrorCachingMinTTL,
    })),
  };
}

function behavior(config: CacheBehavior | DefaultCacheBehavior | undefined): Block {
  return {
    target_origin_id: config?.TargetOriginId,
    viewer_protocol_policy: config?.ViewerProtocolPolicy,
    allowed_methods: config?.AllowedMethods?.Items,
    cached_methods: config?.AllowedMethods?.CachedMethods?.Items,
    compress: config?.Compress,
    cache_policy_id: config?.CachePolicyId,
    origin_request_policy_id: config?.OriginRequestPolicyId,
    response_headers_policy_id: config?.ResponseHeadersPolicyId,
    ...(config?.RealtimeLogConfigArn ? { realtime_log_config_arn: config.RealtimeLogConfigArn } : {}),
    ...(config?.TrustedKeyGroups?.Enabled ? { trusted_key_groups: config.TrustedKeyGroups.Items } : {}),
  };
}

function origin(config: Origin): Block {
  const custom = config.CustomOriginConfig;
  return {
    origin_id: config.Id,
    ...(config.CustomHeaders?.Items
      ? {
          custom_header: config.CustomHeaders.Items.map(({ HeaderName, HeaderValue }) => ({
            name: HeaderName,
            value: HeaderValue,
          })),
        }
      : {}),
    domain_name: config.DomainName,
    ...(config.OriginPath ? { origin_path: config.OriginPath } : {}),
    connection_attempts: config.ConnectionAttempts,
    connection_timeout: config.ConnectionTimeout,
    ...(config.OriginAccessControlId ? { origin_access_control_id: config.OriginAccessControlId } : {}),
    origin_shield: {
      enabled: config.OriginShield?.Enabled,
      origin_shield_region: config.OriginShield?.OriginShieldRegion,
    },
    ...(custom
      ? {
          custom_origin_config: {
            http_port: custom.HTTPPort,
            https_port: custom.HTTPSPort,
            origin_protocol_policy: custom.OriginProtocolPolicy,
            origin_ssl_protocols: custom.OriginSslProtocols?.Items,
            origin_read_timeout: custom.OriginReadTimeout,
            origin_keepalive_timeout: custom.OriginKeepaliveTimeout,
          },
        }
      : {}),
  };
}
