import { generateKeyPairSync } from 'node:crypto';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { ACTIONS } from '../generators/rights.ts';
import { judged } from '../testing/cloudfront/judge.ts';
import { FULL, PLAIN } from '../testing/cloudfront/options.ts';
import { CloudFrontStub, STUB_CREDENTIALS } from '../testing/cloudfront/stub.ts';
import { apply, type Cdn, destroy, everythingOurs, look, type Progress, WAITS } from './apply.ts';
import { forgetChannel, pathsToPurge, purge } from './purge.ts';
import type { CdnOptions } from './settings.ts';
import { describePlan, describeProgress } from './words.ts';

/** Against a CloudFront that speaks HTTP, by the SDK itself. */

const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();

const own = { keyGraceMs: 3_600_000, pollMs: 5 };
const plain: CdnOptions = { ...PLAIN, ...own };
const full: CdnOptions = { ...FULL, ...own, publicKeyPem: pem() };

let stub: CloudFrontStub;
let nowMs: number;
let told: Progress[];
const clients: CloudFrontClient[] = [];

beforeEach(async () => {
  nowMs = Date.parse('2026-03-01T12:00:00Z');
  told = [];
  stub = await CloudFrontStub.open({ deployingFor: 2, pageSize: 2, nowMs: () => nowMs });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await stub.close();
});

function cdnOf(options: CdnOptions, more: Partial<Cdn> & { readonly attempts?: number } = {}): Cdn {
  const client = new CloudFrontClient({
    ...{ region: 'us-east-1', endpoint: stub.url, maxAttempts: more.attempts ?? 1 },
    credentials: STUB_CREDENTIALS,
  });
  clients.push(client);
  return {
    client,
    options,
    nowMs: () => nowMs,
    waits: { ...WAITS, pollMs: 5, lookAgainMs: 1, looks: 10 },
    tell: (progress) => told.push(progress),
    signal: new AbortController().signal,
    ...more,
  };
}

const changes = () => stub.exchanges.filter((exchange) => exchange.changes);

test('apply makes all that is planned, waits until it is deployed, and then there is nothing to do', async () => {
  const cdn = cdnOf(full);
  const { plan } = await look(cdn);
  expect(plan.every(({ action }) => action === 'create')).toBe(true);
  const deployed = await apply(cdn);
  expect(deployed).toMatchObject({
    changes: plan.length,
    domainName: expect.stringContaining('.cloudfront.net'),
  });
  expect(told.some(({ kind }) => kind === 'waiting')).toBe(true);
  expect(changes()).toHaveLength(plan.length);

  expect((await look(cdn)).plan).toEqual([]);
  expect(describePlan([])).toContain('Nothing to do');
  expect(await apply(cdn)).toEqual({ ...deployed, changes: 0 });
  expect(changes()).toHaveLength(plan.length);
});

test('AWS’s own model has nothing against what is sent, nor against what the stub answers', async () => {
  await apply(cdnOf(full));
  await apply(cdnOf({ ...full, originHost: 'other.example.org', bucket: undefined }));
  await purge(cdnOf(full), pathsToPurge('show'));
  await destroy(cdnOf(full));
  expect(await judged(stub.exchanges)).toEqual([]);
  const kinds = new Set(stub.exchanges.map(({ operation }) => operation));
  for (const operation of [
    'CreateDistribution',
    'UpdateDistribution',
    'DeleteDistribution',
    'CreateInvalidation',
  ])
    expect(kinds).toContain(operation);
});

test('what the command asks for is what `print rights` gives', async () => {
  await apply(cdnOf(full));
  await apply(cdnOf({ ...full, name: 'rostrum', originHost: 'other.example.org' }));
  await purge(cdnOf(full), ['/*']);
  await destroy(cdnOf(full));
  for (const { operation } of stub.exchanges) expect(ACTIONS).toContain(operation);
});

test('the judge would have said so', async () => {
  await apply(cdnOf(plain));
  const create = stub.exchanges.find(({ operation }) => operation === 'CreateDistribution');
  const without = (pattern: RegExp) => ({ ...create!, request: create!.request.replace(pattern, '') });
  expect(await judged([without(/<CallerReference>.*?<\/CallerReference>/)])).toEqual([
    expect.stringContaining('CallerReference'),
  ]);
  expect(await judged([without(/<Quantity>\d+<\/Quantity>/)])).not.toEqual([]);
  expect(
    await judged([{ ...create!, request: create!.request.replaceAll('OriginShield>', 'Shield>') }]),
  ).toEqual(expect.arrayContaining([expect.stringContaining('unknown element Shield')]));
});

test('a plan tells each attribute that differs, and apply changes that and leaves what it does not speak of', async () => {
  await apply(cdnOf(full));
  const [distribution] = stub.things('Distribution');
  // Somebody put a firewall before it.
  Object.assign(distribution!.config, { WebACLId: 'theirs' });
  stub.account.touch(distribution!);
  const cdn = cdnOf({ ...full, originHost: 'other.example.org' });
  const { plan } = await look(cdn);
  const text = describePlan(plan);
  expect(text).toContain('~ distribution rostrum (');
  expect(text).toContain('    ~ Origins[live].DomainName: "live.example.org" -> "other.example.org"');
  expect(text).toContain('0 to make, 1 to change, 0 to remove.');
  await apply(cdn);
  expect(distribution?.config).toMatchObject({ WebACLId: 'theirs' });
  expect(JSON.stringify(distribution?.config)).not.toContain('live.example.org');
});

test('what is not wanted any more goes, after the distribution that used it is deployed without', async () => {
  await apply(cdnOf(full));
  const before = changes().length;
  const cdn = cdnOf(plain);
  const text = describePlan((await look(cdn)).plan);
  expect(text).toContain('- origin access control rostrum-bucket');
  expect(text).toContain('- realtime logs rostrum-logs');
  await apply(cdn);
  expect(
    changes()
      .slice(before)
      .map(({ operation }) => operation),
  ).toEqual([
    'UpdateDistribution',
    'DeleteRealtimeLogConfig',
    'DeleteKeyGroup',
    'DeletePublicKey',
    'DeleteOriginAccessControl',
  ]);
  expect((await look(cdn)).plan).toEqual([]);
  await destroy(cdnOf(plain));
  await apply(cdnOf(plain));
  const fresh = stub.picture();
  await destroy(cdnOf(plain));
  await apply(cdnOf(full));
  await apply(cdnOf(plain));
  expect(stub.picture()).toBe(fresh);
});

test('what others have in the account is left alone, even if they use our policies', async () => {
  await apply(cdnOf({ ...plain, name: 'other' }));
  await apply(cdnOf(plain));
  const [policy] = stub.things('CachePolicy').filter(({ config }) => config.Name === 'rostrum-pages');
  const [theirs] = stub.things('Distribution').filter(({ config }) => config.CallerReference === 'other');
  Object.assign(theirs!.config.DefaultCacheBehavior as object, { CachePolicyId: policy!.id });
  expect((await look(cdnOf(plain))).plan).toEqual([]);
  expect(
    (await everythingOurs(cdnOf(plain))).filter(({ found }) => found.kind === 'distribution'),
  ).toHaveLength(1);
});

test('a distribution is known again when somebody changed its comment, which then is mended', async () => {
  await apply(cdnOf(plain));
  const [distribution] = stub.things('Distribution');
  Object.assign(distribution!.config, { Comment: 'the webinar thing' });
  const { plan } = await look(cdnOf(plain));
  expect(describePlan(plan)).toContain('~ Comment: "the webinar thing" -> "Rostrum rostrum: live');
});

test('progress is told in words', async () => {
  await apply(cdnOf(plain));
  const words = told.map(describeProgress);
  expect(words[0]).toBe('making the cache policy rostrum-playlists');
  expect(words.at(-1)).toMatch(/^waiting for distribution E\d+ to be deployed everywhere \(0 s\)$/);
});

test('destroy disables the distribution, waits, and removes all of it and nothing else', async () => {
  await apply(cdnOf({ ...plain, name: 'other' }));
  const others = stub.picture();
  await apply(cdnOf(full));
  const before = changes().length;
  await destroy(cdnOf(full));
  expect(stub.picture()).toBe(others);
  expect(
    changes()
      .slice(before, before + 2)
      .map(({ operation }) => operation),
  ).toEqual(['UpdateDistribution', 'DeleteDistribution']);
  expect(await destroy(cdnOf(full))).toBe(0);
});

test('purge makes one invalidation of a channel’s paths and waits for it', async () => {
  await apply(cdnOf(plain));
  await purge(cdnOf(plain), pathsToPurge('https://watch.example.org/recordings/show/multivariant.m3u8'));
  const [made, ...more] = stub.exchanges.filter(({ operation }) => operation === 'CreateInvalidation');
  expect(more).toEqual([]);
  for (const path of [
    '/live/show/*',
    '/recordings/show/*',
    '/standard/show/*',
    '/private/live/show/*',
    '/private/recordings/show/*',
  ])
    expect(made?.request).toContain(`<Path>${path}</Path>`);
  expect(stub.exchanges.at(-1)?.response).toContain('<Status>Completed</Status>');
  expect(pathsToPurge('show')).toHaveLength(6);
  expect(pathsToPurge('/assets/*')).toEqual(['/assets/*']);
  expect(() => pathsToPurge('/a b')).toThrow('neither a channel');
  await expect(purge(cdnOf({ ...plain, name: 'nobody' }), ['/*'])).rejects.toMatchObject({
    code: 'not-there',
  });
});

test('a channel is forgotten in one distribution alone; asked again under the same reference it is the same order', async () => {
  await apply(cdnOf(plain));
  const [distribution] = stub.account.things('Distribution');
  const { client, signal } = cdnOf(plain);
  const order = { client, distributionId: distribution?.id ?? '', reference: 'show-1', signal };
  await forgetChannel(order, 'show', 0.01);
  await forgetChannel(order, 'show', 0.01);
  const made = stub.exchanges.filter(({ operation }) => operation === 'CreateInvalidation');
  expect(made).toHaveLength(2);
  expect(stub.account.things('Invalidation')).toHaveLength(1);
  for (const { request } of made) {
    expect(request).toContain('<CallerReference>show-1</CallerReference>');
    expect(request).toContain('<Path>/private/recordings/show/*</Path>');
  }
  await expect(forgetChannel({ ...order, distributionId: 'E0NOSUCH' }, 'show', 0.01)).rejects.toThrow();
});

test('keys rotate: both are valid, then the old one goes', async () => {
  await apply(cdnOf(full));
  const next = pem();
  await apply(cdnOf(full), { kind: 'and', pem: next });
  const valid = () => (stub.things('KeyGroup')[0]!.config.Items as string[]).length;
  expect(valid()).toBe(2);
  // Nobody signs with it yet: whoever applies in between takes nothing away.
  nowMs += 2 * full.keyGraceMs;
  expect((await look(cdnOf(full))).plan).toEqual([]);
  // Its time counts from its successor's making, and that was long ago.
  const plan = describePlan((await look(cdnOf({ ...full, publicKeyPem: next }))).plan);
  expect(plan).toMatch(/~ key group rostrum-keys \(.*\)\n {4}~ Items: \["K.*","K.*"\] -> \["K.*"\]\n/);
  expect(plan).toContain('- public key rostrum-key-');
  await apply(cdnOf({ ...full, publicKeyPem: next }));
  expect(valid()).toBe(1);
  expect(stub.things('PublicKey')).toHaveLength(1);
});

test('a key that leaked goes at once', async () => {
  await apply(cdnOf(full));
  const next = pem();
  await apply(cdnOf(full), { kind: 'and', pem: next });
  await apply(cdnOf({ ...full, publicKeyPem: next }));
  expect(stub.things('PublicKey')).toHaveLength(2);
  await apply(cdnOf({ ...full, publicKeyPem: next }), { kind: 'none' });
  expect(stub.things('PublicKey').map(({ config }) => config.EncodedKey)).toEqual([next]);
});
