import { type ApiScope, type ApiToken, type CreatedApiToken, grants } from '@rostrum/contracts';
import { pino } from 'pino';
import { systemClock } from '../ports.ts';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import { type House, openHouse, tokenOf } from '../testing/house.ts';
import { ApiTokens } from './api-tokens.ts';

const DAY_MS = 86_400_000;
const OWNER = {
  ...{ linkId: 'link-1', generation: 0, webinarId: '*', personId: 'owner', name: 'Owner' },
  role: 'owner',
} as const;

describe.each(['sqlite', 'postgres'] as const)('tokens of the API on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let aheadMs = 0;
  const clock = { nowMs: systemClock.nowMs, nowUnixMs: () => 1_800_000_000_000 + aheadMs };
  beforeEach(() => {
    place = placeOfTest();
    aheadMs = 0;
  });

  test('are known by their secret until they expire or are revoked, and only a hash of it is kept', async () => {
    const store = await place.open();
    let made = 0;
    const ids = { next: () => `token-${++made}` };
    const tokens = new ApiTokens({ store, clock, ids, logger: pino({ level: 'silent' }) });
    const input = { name: 'Calendar', scopes: ['webinars:read' as const], validDays: 1 };
    const first = await tokens.make(OWNER, input);
    const second = await tokens.make(OWNER, { ...input, validDays: null });
    expect(first.secret).toMatch(/^rst_[A-Za-z0-9_-]{43}$/);
    expect(first.secret.startsWith(first.hint)).toBe(true);
    expect(await tokens.identify(first.secret)).toMatchObject({
      tokenId: 'token-1',
      scopes: ['webinars:read'],
      claims: { role: 'owner', webinarId: '*', personId: 'token-token-1', name: 'Calendar' },
    });
    await expect(tokens.identify(`${first.secret}x`)).rejects.toMatchObject({ code: 'unauthenticated' });
    aheadMs = DAY_MS;
    await expect(tokens.identify(first.secret)).rejects.toMatchObject({
      message: expect.stringContaining('expired'),
    });
    await tokens.identify(second.secret);
    expect(await tokens.revoke(OWNER, 'token-2')).toEqual({});
    await expect(tokens.identify(second.secret)).rejects.toMatchObject({
      message: expect.stringContaining('revoked'),
    });
    await expect(tokens.revoke(OWNER, 'token-3')).rejects.toMatchObject({ code: 'not-found' });
    const { tokens: told } = await tokens.list(OWNER);
    expect(told.map((t) => [t.tokenId, t.state])).toEqual([
      ['token-1', 'expired'],
      ['token-2', 'revoked'],
    ]);
    await store.close();
    const raw = place.raw();
    const rows = JSON.stringify(await raw.selectFrom('api_tokens').selectAll().execute());
    await raw.destroy();
    for (const { secret } of [first, second]) expect(rows).not.toContain(secret.slice(12));
  });

  test('say when they were last used, to the hour', async () => {
    const store = await place.open();
    const writes: number[] = [];
    const used = store.apiTokens.used.bind(store.apiTokens);
    store.apiTokens.used = async (tokenId, unixMs) => {
      writes.push(unixMs);
      await used(tokenId, unixMs);
    };
    const ids = { next: () => 'token-1' };
    const tokens = new ApiTokens({ store, clock, ids, logger: pino({ level: 'silent' }) });
    const { secret } = await tokens.make(OWNER, { name: 'C', scopes: ['webinars:read'], validDays: null });
    const usedAt = async (): Promise<number | null | undefined> =>
      (await tokens.list(OWNER)).tokens[0]?.lastUsedUnixMs;
    expect(await usedAt()).toBeNull();
    for (const minutes of [0, 1, 59, 60, 61]) {
      aheadMs = minutes * 60_000;
      await tokens.identify(secret);
      // The next question waits for what is being written.
      await store.database.transact(async () => undefined);
    }
    expect(writes.map((unixMs) => (unixMs - 1_800_000_000_000) / 60_000)).toEqual([0, 60]);
    expect(await usedAt()).toBe(1_800_000_000_000 + 60 * 60_000);
    await store.close();
  });
});

test('a scope that writes reads too, and no other', () => {
  const granted: ApiScope[] = ['people:write'];
  expect(grants(granted, 'people:read')).toBe(true);
  expect(grants(granted, 'people:write')).toBe(true);
  expect(grants(granted, 'webinars:read')).toBe(false);
  expect(grants(['people:read'], 'people:write')).toBe(false);
});

describe('over HTTP', () => {
  let house: House;
  let owner: string;
  beforeEach(async () => {
    house = await openHouse();
    owner = (await house.coordinator.service.ownerUrl()).split('#t=')[1] ?? '';
  });
  afterEach(() => house.close());
  const ask = async (method: string, path: string, bearer: string, body?: unknown) => {
    const answer = await fetch(`${house.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as unknown };
  };

  test('the owner makes one, and it makes no other and is nobody where pages ask', async () => {
    const made = await ask('POST', '/api/v1/tokens', owner, { name: 'CRM', scopes: ['people:write'] });
    expect(made).toMatchObject({ status: 201, body: { name: 'CRM', state: 'good', createdByName: 'Owner' } });
    const { secret, tokenId } = made.body as CreatedApiToken;
    const again = await ask('POST', '/api/v1/tokens', secret, { name: 'X', scopes: ['people:write'] });
    expect(again).toMatchObject({
      status: 403,
      body: { code: 'forbidden', type: '/api/v1/problems/forbidden' },
    });
    expect((await ask('GET', '/api/webinars', secret)).status).toBe(403);
    const listed = await ask('GET', '/api/v1/tokens', owner);
    expect((listed.body as { tokens: ApiToken[] }).tokens).toMatchObject([
      { tokenId, hint: secret.slice(0, 10) },
    ]);
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    expect((await ask('DELETE', `/api/v1/tokens/${tokenId}`, owner)).status).toBe(200);
    const gone = await ask('GET', '/api/webinars', secret);
    expect(gone.status).toBe(401);
  });

  test('a host makes none, and what is no list of scopes is refused by name', async () => {
    const host = await tokenOf(await house.webinar(), 'host', 'person-1');
    expect((await ask('POST', '/api/v1/tokens', host, { name: 'X', scopes: ['people:read'] })).status).toBe(
      403,
    );
    for (const scopes of [[], ['all'], 'people:read']) {
      const refused = await ask('POST', '/api/v1/tokens', owner, { name: 'X', scopes });
      expect(refused).toMatchObject({
        status: 400,
        body: { code: 'bad-input', field: expect.stringMatching(/^scopes/) },
      });
    }
  });

  test('a problem has its title where its type leads, and a token that is none is asked for', async () => {
    const nobody = await ask('GET', '/api/v1/tokens', 'rst_nobody');
    expect(nobody.headers.get('content-type')).toBe('application/problem+json');
    expect(nobody.headers.get('www-authenticate')).toContain('Bearer');
    const { type, title } = nobody.body as { type: string; title: string };
    const about = await (await fetch(`${house.url}${type}`)).json();
    expect(about).toEqual({ type, title, code: 'unauthenticated' });
    expect((await fetch(`${house.url}/api/v1/problems/none`)).status).toBe(404);
  });
});
