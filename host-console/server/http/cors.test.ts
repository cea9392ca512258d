import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { RostrumError } from '@rostrum/contracts';
import { type House, openHouse, tokenOf } from '../testing/house.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';
import { isV1 } from './v1/problems.ts';

const ORIGIN = 'https://pages.example';
const EVIL = 'https://evil.example';
/** What is answered whatever the database does. */
const STATELESS = new Set(['/api/measurements', '/api/v1/problems/not-found']);
/** What is asked by pages of the console alone: of others nobody signs in, and no cookie counts. */
const OWN_PAGES = new Set([
  ...['/api/session', '/api/setup', '/api/invitation', '/api/invitation/accept'],
  ...['/api/password-reset', '/api/password-reset/use'],
  ...(Object.values(ROUTES) as Route[])
    .filter(({ bearer }) => bearer === 'account')
    .map(({ path }) => path.replace(':sessionId', 'session-1')),
]);
const NO_RATE = { burst: 0, perSecond: 0.4 };
const routes = (Object.values(ROUTES) as Route[]).map(({ method, path, body }) => ({
  method: method.toUpperCase(),
  hasBody: body !== null,
  path: path
    .replace(':id', 'webinar-1')
    .replace(':linkId', 'link-1')
    .replace(':personId', 'person-1')
    .replace(':registrationId', 'registration-1')
    .replace(':tokenId', 'token-1')
    .replace(':webhookId', 'webhook-1')
    .replace(':messageId', 'msg_1')
    .replace(':sessionId', 'session-1')
    .replace(':accountId', 'account-1')
    .replace(':invitationId', 'invitation-1')
    .replace(':mailId', 'bWFpbA')
    .replace(':code', 'not-found'),
}));

let house: House;
let token: string;
const open = async (overrides: Parameters<typeof openHouse>[0] = {}): Promise<void> => {
  house = await openHouse(overrides);
  token = (await house.coordinator.service.ownerUrl()).split('#t=')[1] ?? '';
};
afterEach(() => house.close());

/** Nothing the API asks of it is answered any more; who the owner is was known before. */
const breakStore = (answer: () => Promise<never>): void => {
  const { database, events, webinars, installation, apiTokens, webhooks, mails } = house.store;
  const { accounts, invitations, audit } = house.store;
  Object.assign(accounts, { list: answer, byId: answer, byEmail: answer });
  Object.assign(invitations, { list: answer });
  Object.assign(audit, { page: answer });
  Object.assign(events, { create: answer, claim: answer, read: answer });
  Object.assign(webinars, { find: answer, announced: answer, list: answer, page: answer });
  Object.assign(installation, { revokeOwnerLinks: answer });
  Object.assign(database, { transact: answer });
  Object.assign(webhooks, { list: answer, find: answer, change: answer, remove: answer });
  Object.assign(mails, { list: answer, find: answer });
  Object.assign(apiTokens, { list: answer, revoke: answer });
};

const ask = (method: string, path: string, origin: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${house.url}${path}`, {
    method,
    ...init,
    headers: {
      origin,
      // The owner is nobody's attendee.
      ...(path.endsWith('/attendees') ? {} : { authorization: `Bearer ${token}` }),
      ...(init.headers as Record<string, string>),
    },
  });

/** An allowed page can read the answer and when to come back; no other can. */
async function expectReadable(method: string, path: string, status: number, init: RequestInit = {}) {
  const answer = await ask(method, path, ORIGIN, init);
  const told = await answer.text();
  expect([method, path, answer.status]).toEqual([method, path, status]);
  expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  expect(answer.headers.get('access-control-expose-headers')).toContain('retry-after');
  expect(answer.headers.get('vary')).toBe('Origin');
  const coded = { code: expect.any(String) };
  expect(JSON.parse(told)).toMatchObject(isV1(path) ? coded : { error: coded });
  expect(answer.headers.get('content-type')).toMatch(isV1(path) ? /^application\/problem\+json/ : /json/);
  const other = await ask(method, path, EVIL, init);
  await other.arrayBuffer();
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
  expect(other.headers.get('vary')).toBe('Origin');
  return answer;
}

const json = (body: unknown): RequestInit => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const BODIES: Readonly<Record<string, unknown>> = {
  '/api/webinars': { title: 'T' },
  '/api/webinars/webinar-1/links': { role: 'host', name: 'Ann' },
  '/api/webinars/webinar-1/attendees': {},
  '/api/webinars/webinar-1/series': { every: 'week', count: 2 },
  '/api/webinars/webinar-1/passcode': { passcode: null },
  '/api/webinars/webinar-1/invitations': { role: 'panelist', name: 'Pia', address: 'pia@example.org' },
  '/api/webinars/webinar-1/registrations': { name: 'Eve', address: 'eve@example.org' },
  '/api/webinars/webinar-1/registrations/answers': { registrationIds: ['nobody'], answer: 'refuse' },
  '/api/webinars/webinar-1/registrations/import': { csv: 'name,email', mail: false, dryRun: true },
  '/api/v1/webinars': { title: 'T' },
  '/api/v1/webinars/webinar-1/links': { role: 'host', name: 'Ann' },
  '/api/v1/webhooks': { url: 'https://hooks.example.org/', events: ['webinar.live'] },
  '/api/v1/webhooks/webhook-1/replay': { sinceUnixMs: 1_800_000_000_000 },
  '/api/members/account-1': { role: 'host' },
  '/api/invitations': { email: 'eve@example.org', role: 'host' },
  '/api/webinars/webinar-1/members/account-1': { here: 'host' },
  '/api/v1/tokens': { name: 'Calendar', scopes: ['webinars:read'] },
};
const bodyOf = ({ method, path }: { method: string; path: string }): RequestInit =>
  ['POST', 'PUT', 'PATCH'].includes(method) ? json(BODIES[path] ?? {}) : {};

describe('an allowed page can read what is wrong', () => {
  test.each(routes)('$method $path: too many requests, and when there is room again', async (route) => {
    await open({ apiRates: { attendees: NO_RATE, other: NO_RATE } });
    const answer = await expectReadable(route.method, route.path, 429, bodyOf(route));
    // 2.5 s until the bucket has a whole token.
    expect(answer.headers.get('retry-after')).toBe('3');
    const told = await ask(route.method, route.path, ORIGIN, bodyOf(route)).then((a) => a.json());
    expect(told).toMatchObject(
      isV1(route.path)
        ? { code: 'rate-limited', retry: true }
        : { error: { code: 'rate-limited', retryAfterMs: expect.any(Number) } },
    );
  });

  test.each(routes.filter(({ path }) => !STATELESS.has(path) && !OWN_PAGES.has(path)))(
    '$method $path: a database that does not answer',
    async (route) => {
      await open();
      const down = () => Promise.reject(new RostrumError('unavailable', 'the event log cannot be opened'));
      breakStore(down);
      const answer = await expectReadable(route.method, route.path, 503, bodyOf(route));
      expect(answer.headers.get('retry-after')).toBe('1');
    },
  );

  test.each(routes.filter(({ path }) => !STATELESS.has(path) && !OWN_PAGES.has(path)))(
    '$method $path: a fault of ours',
    async (route) => {
      await open();
      const fault = () => Promise.reject(new TypeError('a fault'));
      breakStore(fault);
      await expectReadable(route.method, route.path, 500, bodyOf(route));
    },
  );

  test.each(routes.filter(({ path }) => path.includes('webinar-1')))(
    '$method $path: no such webinar',
    async (route) => {
      await open();
      await expectReadable(route.method, route.path, 404, bodyOf(route));
    },
  );

  const putting = new Set(routes.filter(({ method }) => method === 'PUT').map(({ path }) => path));
  test.each(routes.filter(({ path }) => !putting.has(path)))('$path: another method', async ({ path }) => {
    await open();
    const answer = await expectReadable('PUT', path, 405);
    expect(answer.headers.get('allow')).toMatch(/GET|POST|DELETE/);
  });

  test.each(
    routes.filter(({ hasBody, path }) => hasBody && path !== '/api/measurements' && !OWN_PAGES.has(path)),
  )('$method $path: no JSON, another type, too long, without a token', async ({ method, path }) => {
    await open();
    const type = { 'content-type': 'application/json' };
    await expectReadable(method, path, 400, { headers: type, body: '{' });
    await expectReadable(method, path, 415, { body: 'text' });
    await expectReadable(method, path, 413, { headers: type, body: ' '.repeat(1_100_000) });
    await expectReadable(method, path, 401, {
      headers: { ...type, authorization: 'Bearer x' },
      body: '{}',
    });
  });

  test('a path that is none, a role that may not, a broadcaster that is away', async () => {
    await open();
    await expectReadable('GET', '/api/nothing', 404);
    await expectReadable('GET', '/api', 404);
    await expectReadable('POST', '/api/webinars/private-1/right', 401, {
      headers: { authorization: 'Bearer x' },
    });
    const webinarId = await house.webinar();
    const panelist = await tokenOf(webinarId, 'panelist', 'person-1');
    await expectReadable('GET', `/api/webinars/${webinarId}`, 403, {
      headers: { authorization: `Bearer ${panelist}` },
    });
    house.mediaPlane.origin = null;
    const links = `/api/webinars/${webinarId}/links`;
    const answer = await expectReadable('POST', links, 503, json({ role: 'attendee', name: 'Ann' }));
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  test('the origin of a broadcaster that is away for a moment stays allowed', async () => {
    await open();
    house.mediaPlane.origin = null;
    const answer = await ask('GET', '/api/webinars/webinar-1/public', 'http://origin.test:8080');
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://origin.test:8080');
  });

  test('a connection over HTTP that is refused', async () => {
    await open();
    for (const query of [
      'EIO=4&transport=polling&sid=nobody',
      'EIO=4&transport=pigeon',
      'EIO=3&transport=polling',
    ]) {
      const answer = await ask('GET', `/socket.io/?${query}`, ORIGIN);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    }
  });

  test('what the adapter or Node itself refuses', async () => {
    await open();
    const raw = async (bytes: string): Promise<string> => {
      const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
      socket.write(bytes);
      return text(socket);
    };
    const rest = `origin: ${ORIGIN}\r\nconnection: close\r\n\r\n`;
    const badHost = await raw(`GET /api/webinars HTTP/1.1\r\nhost: a/b\r\n${rest}`);
    expect(badHost).toMatch(/^HTTP\/1.1 400 /);
    expect(badHost).toContain(`access-control-allow-origin: ${ORIGIN}`);
    expect(badHost).toContain('"bad-input"');
    const tooLarge = await raw(
      `GET /api/webinars HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${'x'.repeat(20_000)}\r\n${rest}`,
    );
    expect(tooLarge).toMatch(/^HTTP\/1.1 431 [\s\S]*Access-Control-Allow-Origin: \*[\s\S]*"too-large"/);
  });
});

test('asking leave is never limited, and names what may be sent', async () => {
  await open({ apiRates: { attendees: NO_RATE, other: NO_RATE } });
  for (const { path, method } of routes) {
    const preflight = await ask('OPTIONS', path, ORIGIN, {
      headers: { 'access-control-request-method': method, 'access-control-request-headers': 'authorization' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(preflight.headers.get('access-control-allow-methods')?.split(',')).toContain(method);
    expect(preflight.headers.get('access-control-allow-headers')).toBe(
      'authorization,content-type,idempotency-key,if-match',
    );
  }
});
