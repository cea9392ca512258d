import { z } from 'zod';
import { desiredState } from '../cloudfront/desired.ts';
import type { CdnOptions } from '../cloudfront/settings.ts';
import { FULL } from '../testing/cloudfront/options.ts';
import { terraformJson } from './terraform.ts';

/** Terraform is not at hand: what is printed is held against the arguments that its provider's documents name, and against itself. */

const text = z.string();
const items = z.strictObject({ items: z.array(text).min(1) });
const behavior = {
  target_origin_id: text,
  viewer_protocol_policy: z.enum(['allow-all', 'https-only', 'redirect-to-https']),
  allowed_methods: z.array(text),
  cached_methods: z.array(text),
  compress: z.boolean(),
  cache_policy_id: text,
  origin_request_policy_id: text,
  response_headers_policy_id: text,
  realtime_log_config_arn: text.optional(),
  trusted_key_groups: z.array(text).optional(),
};
const Resources = z.strictObject({
  aws_cloudfront_origin_access_control: z.record(
    text,
    z.strictObject({
      name: text,
      description: text,
      origin_access_control_origin_type: z.literal('s3'),
      signing_behavior: z.literal('always'),
      signing_protocol: z.literal('sigv4'),
    }),
  ),
  aws_cloudfront_public_key: z.record(text, z.strictObject({ name: text, encoded_key: text, comment: text })),
  aws_cloudfront_key_group: z.record(
    text,
    z.strictObject({ name: text, items: z.array(text), comment: text }),
  ),
  aws_cloudfront_cache_policy: z.record(
    text,
    z.strictObject({
      ...{ name: text, comment: text, min_ttl: z.number(), default_ttl: z.number(), max_ttl: z.number() },
      parameters_in_cache_key_and_forwarded_to_origin: z.strictObject({
        enable_accept_encoding_gzip: z.boolean(),
        enable_accept_encoding_brotli: z.boolean(),
        headers_config: z.strictObject({ header_behavior: text }),
        cookies_config: z.strictObject({ cookie_behavior: text }),
        query_strings_config: z.strictObject({
          query_string_behavior: text,
          query_strings: items.optional(),
        }),
      }),
    }),
  ),
  aws_cloudfront_origin_request_policy: z.record(
    text,
    z.strictObject({
      name: text,
      comment: text,
      headers_config: z.strictObject({ header_behavior: text }),
      cookies_config: z.strictObject({ cookie_behavior: text }),
      query_strings_config: z.strictObject({ query_string_behavior: text }),
    }),
  ),
  aws_cloudfront_response_headers_policy: z.record(
    text,
    z.strictObject({
      name: text,
      comment: text,
      cors_config: z.strictObject({
        access_control_allow_credentials: z.boolean(),
        access_control_allow_origins: items,
        access_control_allow_headers: items,
        access_control_allow_methods: items,
        access_control_expose_headers: items,
        access_control_max_age_sec: z.number(),
        origin_override: z.boolean(),
      }),
      security_headers_config: z.strictObject({
        strict_transport_security: z.strictObject({
          access_control_max_age_sec: z.number(),
          include_subdomains: z.boolean(),
          preload: z.boolean(),
          override: z.boolean(),
        }),
      }),
      custom_headers_config: z.strictObject({
        items: z.array(z.strictObject({ header: text, value: text, override: z.boolean() })),
      }),
    }),
  ),
  aws_cloudfront_realtime_log_config: z.record(
    text,
    z.strictObject({
      name: text,
      sampling_rate: z.number(),
      fields: z.array(text),
      endpoint: z.array(
        z.strictObject({
          stream_type: z.literal('Kinesis'),
          kinesis_stream_config: z.strictObject({ role_arn: text, stream_arn: text }),
        }),
      ),
    }),
  ),
  aws_cloudfront_distribution: z.record(
    text,
    z.strictObject({
      ...{ comment: text, enabled: z.boolean(), is_ipv6_enabled: z.boolean(), aliases: z.array(text) },
      http_version: z.enum(['http1.1', 'http2', 'http2and3', 'http3']),
      viewer_certificate: z.strictObject({
        acm_certificate_arn: text,
        ssl_support_method: text,
        minimum_protocol_version: text,
      }),
      restrictions: z.strictObject({ geo_restriction: z.strictObject({ restriction_type: text }) }),
      origin: z.array(
        z.strictObject({
          origin_id: text,
          domain_name: text,
          origin_path: text.optional(),
          connection_attempts: z.number(),
          connection_timeout: z.number(),
          origin_access_control_id: text.optional(),
          origin_shield: z.strictObject({ enabled: z.boolean(), origin_shield_region: text }),
          custom_origin_config: z
            .strictObject({
              http_port: z.number(),
              https_port: z.number(),
              origin_protocol_policy: text,
              origin_ssl_protocols: z.array(text),
              origin_read_timeout: z.number(),
              origin_keepalive_timeout: z.number(),
            })
            .optional(),
        }),
      ),
      origin_group: z.array(
        z.strictObject({
          origin_id: text,
          failover_criteria: z.strictObject({ status_codes: z.array(z.number()) }),
          member: z.array(z.strictObject({ origin_id: text })).length(2),
        }),
      ),
      default_cache_behavior: z.strictObject(behavior),
      ordered_cache_behavior: z.array(z.strictObject({ path_pattern: text, ...behavior })),
      custom_error_response: z.array(
        z.strictObject({ error_code: z.number(), error_caching_min_ttl: z.number() }),
      ),
    }),
  ),
  aws_s3_bucket_policy: z.record(text, z.strictObject({ bucket: text, policy: text })),
});

/** As it is written: without what is undefined. */
const written = (of: CdnOptions) => JSON.parse(JSON.stringify(terraformJson(of)));

test('every argument is one of those that Terraform’s provider knows, and no needed one is missing', () => {
  const parsed = Resources.safeParse(written(FULL).resource);
  expect(parsed.error?.issues).toBeUndefined();
});

test('whatever is named is in the file', () => {
  const { resource, output } = written(FULL);
  const named = [...JSON.stringify([resource, output]).matchAll(/\$\{(\w+)\.([\w-]+)\.\w+\}/g)];
  expect(named.length).toBeGreaterThan(20);
  for (const [, type = '', name = ''] of named) expect(resource[type]).toHaveProperty(name);
});

test('it has everything that apply would make', () => {
  const { resource } = written(FULL);
  const names = Object.values(resource as Record<string, object>).flatMap((each) => Object.keys(each));
  for (const { name } of desiredState(FULL)) expect(names).toContain(name);
});

test('a bucket lets the distribution read, and nobody else', () => {
  const { aws_s3_bucket_policy: policies } = written(FULL).resource;
  const { Statement } = JSON.parse(policies['rostrum-bucket'].policy);
  expect(Statement).toEqual([
    expect.objectContaining({
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Action: 's3:GetObject',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own placeholder
      Condition: { StringEquals: { 'AWS:SourceArn': '${aws_cloudfront_distribution.rostrum.arn}' } },
    }),
  ]);
});

test('names below a prefix are asked for there, and may be read there alone', () => {
  const bucket = { name: 'recordings', region: 'eu-west-1', prefix: 'shows' };
  const { resource } = written({ ...FULL, bucket });
  expect(Resources.safeParse(resource).error?.issues).toBeUndefined();
  const { origin } = resource.aws_cloudfront_distribution.rostrum;
  expect(origin.map((each: { origin_path?: string }) => each.origin_path)).toEqual([
    undefined,
    undefined,
    '/shows',
  ]);
  const { Statement } = JSON.parse(resource.aws_s3_bucket_policy['rostrum-bucket'].policy);
  expect(Statement[0].Resource).toBe('arn:aws:s3:::recordings/shows/*');
});

test('a name that begins with a digit is still a name for Terraform', () => {
  const { resource } = written({ ...FULL, name: '1st' });
  for (const each of Object.values(resource as Record<string, object>))
    for (const name of Object.keys(each)) expect(name).toMatch(/^[A-Za-z_]/);
});
