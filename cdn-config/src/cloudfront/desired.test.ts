import { EDGE_RESPONSE_TIMEOUT_S, PATH_RULES } from '../policy.ts';
import { FULL, PLAIN } from '../testing/cloudfront/options.ts';
import { desiredState } from './desired.ts';
import { FAILOVER_STATUSES } from './distribution.ts';
import type { CdnOptions } from './settings.ts';
import type { Configs, Kind } from './things.ts';

function configsOf<K extends Kind>(options: CdnOptions, kind: K): Configs[K][] {
  return desiredState(options)
    .filter((each) => each.kind === kind)
    .map((each) => each.config((of, name) => `${of} ${name}`) as Configs[K]);
}

const distributionOf = (options: CdnOptions) => configsOf(options, 'distribution')[0]!;
const behaviorsOf = (options: CdnOptions) => distributionOf(options).CacheBehaviors?.Items ?? [];

test('[LL23] every cache policy has MinTTL 0, so that the origin decides', () => {
  for (const { MinTTL } of configsOf(PLAIN, 'cache-policy')) expect(MinTTL).toBe(0);
});

test('[LL21] playlists are keyed by the three directives, everything else by its path; nothing else reaches the origin', () => {
  const keysOf = (path: string) => {
    const id = behaviorsOf(FULL).find(({ PathPattern }) => PathPattern === path)?.CachePolicyId;
    const policy = configsOf(PLAIN, 'cache-policy').find(({ Name }) => `cache-policy ${Name}` === id);
    return policy?.ParametersInCacheKeyAndForwardedToOrigin;
  };
  expect(keysOf('/live/*.m3u8')?.QueryStringsConfig).toEqual({
    QueryStringBehavior: 'whitelist',
    QueryStrings: { Quantity: 3, Items: ['_HLS_msn', '_HLS_part', '_HLS_skip'] },
  });
  for (const { pattern } of PATH_RULES.slice(1))
    expect(keysOf(pattern)?.QueryStringsConfig).toEqual({ QueryStringBehavior: 'none' });
  for (const { pattern } of PATH_RULES) {
    expect(keysOf(pattern)?.HeadersConfig?.HeaderBehavior).toBe('none');
    expect(keysOf(pattern)?.CookiesConfig?.CookieBehavior).toBe('none');
  }
  expect(configsOf(PLAIN, 'origin-request-policy')[0]?.QueryStringsConfig?.QueryStringBehavior).toBe('none');
});

test('[LL23] the origin may take longer than the longest hold, and is asked from one place', () => {
  const live = distributionOf(FULL).Origins?.Items?.find(({ Id }) => Id === 'live');
  expect(live?.CustomOriginConfig?.OriginReadTimeout).toBe(EDGE_RESPONSE_TIMEOUT_S);
  expect(EDGE_RESPONSE_TIMEOUT_S).toBeLessThanOrEqual(60); // more needs a raised quota
  for (const { OriginShield } of distributionOf(FULL).Origins?.Items ?? [])
    expect(OriginShield).toEqual({ Enabled: true, OriginShieldRegion: 'eu-central-1' });
});

test('[LL20] errors are kept a second, not the ten that CloudFront would', () => {
  const items = distributionOf(PLAIN).CustomErrorResponses?.Items ?? [];
  expect(items.map(({ ErrorCode }) => ErrorCode)).toEqual(expect.arrayContaining([400, 404, 503, 504]));
  for (const { ErrorCachingMinTTL } of items) expect(ErrorCachingMinTTL).toBe(1);
});

test('[LL22] CloudFront says itself who may play it, so that errors and the bucket’s files can be read too', () => {
  const [{ CorsConfig: cors, SecurityHeadersConfig: security } = {}] = configsOf(
    PLAIN,
    'response-headers-policy',
  );
  expect(cors).toMatchObject({ AccessControlAllowOrigins: { Items: ['*'] }, OriginOverride: true });
  expect(cors?.AccessControlExposeHeaders?.Items).toEqual(
    expect.arrayContaining(['Age', 'Date', 'Content-Length']),
  );
  expect(security?.StrictTransportSecurity?.AccessControlMaxAgeSec).toBe(31_536_000);
  for (const { ResponseHeadersPolicyId } of behaviorsOf(FULL))
    expect(ResponseHeadersPolicyId).toBe('response-headers-policy rostrum-headers');
});

test('a bucket stands behind files and recordings alone, since it can hold no request; playlists without parts are its own', () => {
  const targets = Object.fromEntries(
    behaviorsOf(FULL).map((each) => [each.PathPattern, each.TargetOriginId]),
  );
  expect(targets).toMatchObject({
    '/live/*.m3u8': 'live',
    '/live/*.p*.mp4': 'live',
    '/live/*/init.mp4': 'live-or-bucket',
    '/live/*': 'files-or-bucket',
    '/recordings/*': 'files-or-bucket',
    '/standard/*': 'bucket',
    '/assets/*': 'live',
    '/w/*': 'live',
  });
  expect(new Set(behaviorsOf(PLAIN).map(({ TargetOriginId }) => TargetOriginId))).toEqual(new Set(['live']));
  expect(behaviorsOf(PLAIN).map(({ PathPattern }) => PathPattern)).not.toContain('/standard/*');
});

test('all that a playlist in the bucket names comes from it when the origin fails: init segments too, once that had its time', () => {
  const { Origins, OriginGroups } = distributionOf(FULL);
  const [inits] = OriginGroups?.Items ?? [];
  expect([inits?.Id, inits?.Members?.Items]).toEqual([
    'live-or-bucket',
    [{ OriginId: 'live' }, { OriginId: 'bucket' }],
  ]);
  expect(inits?.FailoverCriteria?.StatusCodes?.Items).toEqual([...FAILOVER_STATUSES]);
  const live = Origins?.Items?.find(({ Id }) => Id === 'live');
  expect(live?.CustomOriginConfig?.OriginReadTimeout).toBe(EDGE_RESPONSE_TIMEOUT_S);
});

test('names in the bucket have its prefix in front, which no address has', () => {
  const pathOf = (prefix?: string) => {
    const bucket = { name: 'recordings', region: 'eu-west-1', ...(prefix === undefined ? {} : { prefix }) };
    return distributionOf({ ...FULL, bucket }).Origins?.Items?.map(({ Id, OriginPath }) => [Id, OriginPath]);
  };
  expect(pathOf()).toEqual(['live', 'files', 'bucket'].map((id) => [id, '']));
  expect(pathOf('shows/2026')).toEqual([
    ['live', ''],
    ['files', ''],
    ['bucket', '/shows/2026'],
  ]);
});

test('the bucket is asked soon: one attempt of two seconds, and not for a file that is not there', () => {
  const { Origins, OriginGroups } = distributionOf(FULL);
  const files = Origins?.Items?.find(({ Id }) => Id === 'files');
  expect(files).toMatchObject({ ConnectionAttempts: 1, ConnectionTimeout: 2 });
  expect(files?.CustomOriginConfig?.OriginReadTimeout).toBeLessThan(5);
  expect(OriginGroups?.Items?.[1]?.Members?.Items).toEqual([{ OriginId: 'files' }, { OriginId: 'bucket' }]);
  expect(FAILOVER_STATUSES).not.toContain(404);
  const bucket = Origins?.Items?.find(({ Id }) => Id === 'bucket');
  expect(bucket).toMatchObject({
    DomainName: 'recordings.s3.eu-west-1.amazonaws.com',
    OriginAccessControlId: 'origin-access-control rostrum-bucket',
  });
});

test('with a key, what lies below /private needs a right, and the rest stays open', () => {
  const signed = behaviorsOf(FULL).filter(({ TrustedKeyGroups }) => TrustedKeyGroups?.Enabled);
  expect(signed.map(({ PathPattern }) => PathPattern)).toEqual([
    '/private/live/*.m3u8',
    '/private/live/*.p*.mp4',
    '/private/live/*/init.mp4',
    '/private/live/*',
    '/private/recordings/*',
    '/private/standard/*',
  ]);
  for (const { TrustedKeyGroups } of signed)
    expect(TrustedKeyGroups?.Items).toEqual(['key-group rostrum-keys']);
  expect(distributionOf(FULL).DefaultCacheBehavior?.TrustedKeyGroups?.Enabled).toBe(false);
  expect(behaviorsOf(PLAIN).some(({ PathPattern }) => PathPattern?.startsWith('/private'))).toBe(false);
});

test('what is made stays within the quotas of an account that was never raised', () => {
  expect(configsOf(FULL, 'cache-policy').length).toBeLessThan(20);
  expect(behaviorsOf(FULL).length).toBeLessThanOrEqual(25);
});

test('with the longest name, names and comments are still as short as CloudFront wants them', () => {
  const named = { ...FULL, name: 'n'.repeat(40) };
  for (const { kind, name, config } of desiredState(named)) {
    const { Comment, Description } = config(() => 'id') as { Comment?: string; Description?: string };
    expect(name.length).toBeLessThanOrEqual(kind === 'public-key' ? 128 : 64);
    expect((Comment ?? Description ?? '').length).toBeLessThanOrEqual(128);
  }
});

test('real-time logs name no viewer', () => {
  const fields = configsOf(FULL, 'realtime-logs')[0]?.Fields ?? [];
  for (const field of [
    'c-ip',
    'x-forwarded-for',
    'cs-cookie',
    'cs-user-agent',
    'cs-referer',
    'cmcd-session-id',
  ])
    expect(fields).not.toContain(field);
  expect(fields).toContain('cmcd-buffer-starvation');
});

test('the origin is shown a secret only where CloudFront verifies rights', () => {
  const headersOf = (options: CdnOptions) =>
    distributionOf(options).Origins?.Items?.map(({ Id, CustomHeaders }) => [Id, CustomHeaders?.Items]);
  const shown = [{ HeaderName: 'Rostrum-CDN', HeaderValue: 'secret' }];
  expect(headersOf({ ...FULL, originSecret: 'secret' })).toEqual([
    ['live', shown],
    ['files', shown],
    ['bucket', undefined],
  ]);
  expect(headersOf({ ...PLAIN, originSecret: 'secret' })).toEqual([['live', undefined]]);
  // Everything that is private at the origin, and nothing else below /private, needs a signed cookie.
  const open = behaviorsOf({ ...FULL, originSecret: 'secret' }).filter(
    ({ PathPattern, TrustedKeyGroups }) => PathPattern?.startsWith('/private') && !TrustedKeyGroups?.Enabled,
  );
  expect(open).toEqual([]);
});
