import {
  CloudFrontClient,
  CreateCachePolicyCommand,
  CreateDistributionCommand,
  CreateOriginRequestPolicyCommand,
} from '@aws-sdk/client-cloudfront';
import { cloudFrontPlan, type PolicyIds } from './cloudfront.ts';
import { EDGE_RESPONSE_TIMEOUT_S, PATH_RULES } from './policy.ts';

const plan = cloudFrontPlan({
  name: 'rostrum',
  originHost: 'live.example.org',
  originPort: 443,
  shieldRegion: 'eu-central-1',
});
const ids: PolicyIds = {
  cachePolicies: { playlists: 'c1', media: 'c2', recordings: 'c3', assets: 'c4', pages: 'c5' },
  originRequestPolicy: 'o1',
};
const distribution = plan.distribution(ids).DistributionConfig;

test('[LL23] every cache policy has MinTTL 0, so that the origin decides', () => {
  for (const { CachePolicyConfig } of Object.values(plan.cachePolicies))
    expect(CachePolicyConfig?.MinTTL).toBe(0);
});

test('[LL21] playlists are keyed by the three directives, everything else by its path; nothing else reaches the origin', () => {
  const keysOf = (name: keyof typeof plan.cachePolicies) =>
    plan.cachePolicies[name].CachePolicyConfig?.ParametersInCacheKeyAndForwardedToOrigin;
  expect(keysOf('playlists')?.QueryStringsConfig).toEqual({
    QueryStringBehavior: 'whitelist',
    QueryStrings: { Quantity: 3, Items: ['_HLS_msn', '_HLS_part', '_HLS_skip'] },
  });
  for (const name of ['media', 'recordings', 'assets', 'pages'] as const) {
    expect(keysOf(name)?.QueryStringsConfig).toEqual({ QueryStringBehavior: 'none' });
  }
  for (const { name } of PATH_RULES) {
    expect(keysOf(name)?.HeadersConfig?.HeaderBehavior).toBe('none');
    expect(keysOf(name)?.CookiesConfig?.CookieBehavior).toBe('none');
  }
  expect(plan.originRequestPolicy.OriginRequestPolicyConfig?.QueryStringsConfig?.QueryStringBehavior).toBe(
    'none',
  );
});

test('[LL23] the origin may take longer than the longest hold, and is asked from one place', () => {
  const origin = distribution?.Origins?.Items?.[0];
  expect(origin?.CustomOriginConfig?.OriginReadTimeout).toBe(EDGE_RESPONSE_TIMEOUT_S);
  expect(EDGE_RESPONSE_TIMEOUT_S).toBeLessThanOrEqual(60); // more needs a raised quota
  expect(origin?.OriginShield).toEqual({ Enabled: true, OriginShieldRegion: 'eu-central-1' });
});

test('[LL20] errors are kept a second, not the ten that CloudFront would', () => {
  const errors = distribution?.CustomErrorResponses;
  expect(errors?.Quantity).toBe(errors?.Items?.length);
  expect(errors?.Items?.map((item) => item.ErrorCode)).toEqual(expect.arrayContaining([400, 404, 503, 504]));
  for (const item of errors?.Items ?? []) expect(item.ErrorCachingMinTTL).toBe(1);
});

test('behaviours come in the order of the rules, each with its own policy', () => {
  expect(distribution?.CacheBehaviors?.Items?.map((item) => [item.PathPattern, item.CachePolicyId])).toEqual([
    ['/live/*.m3u8', 'c1'],
    ['/live/*', 'c2'],
    ['/recordings/*', 'c3'],
    ['/assets/*', 'c4'],
    ['/w/*', 'c5'],
  ]);
  expect(distribution?.DefaultCacheBehavior?.CachePolicyId).toBe('c5');
  expect(distribution?.CacheBehaviors?.Quantity).toBe(5);
});

test('the SDK turns the inputs into requests', async () => {
  const sent: { path: string; body: string }[] = [];
  const client = new CloudFrontClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
    requestHandler: {
      handle: (request: { path: string; body: unknown }) => {
        sent.push({ path: request.path, body: String(request.body) });
        throw new Error('no network here');
      },
    },
  });
  for (const command of [
    new CreateCachePolicyCommand(plan.cachePolicies.playlists),
    new CreateOriginRequestPolicyCommand(plan.originRequestPolicy),
    new CreateDistributionCommand(plan.distribution(ids)),
  ]) {
    await expect(client.send(command as CreateDistributionCommand)).rejects.toThrow('no network here');
  }
  expect(sent.map(({ path }) => path.replace(/^\/[0-9-]+\//, ''))).toEqual([
    'cache-policy',
    'origin-request-policy',
    'distribution',
  ]);
  expect(sent[0]?.body).toContain('<Name>_HLS_msn</Name>');
  expect(sent[2]?.body).toContain(`<OriginReadTimeout>${EDGE_RESPONSE_TIMEOUT_S}</OriginReadTimeout>`);
});
