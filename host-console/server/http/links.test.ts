/** Links that are taken back, and people who are removed: every route and the socket, by what became of who asks. */
import { Link, LinkSummary, type Role } from '@rostrum/contracts';
import { type House, openHouse, tokenOf } from '../testing/house.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';

let house: House;
let owner: string;
beforeEach(async () => {
  house = await openHouse();
  owner = new URL(await house.coordinator.service.ownerUrl()).hash.slice('#t='.length);
});
afterEach(() => house.close());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { error?: { code: string } };
}

async function ask(method: string, path: string, token: string, json?: unknown): Promise<Answer> {
  const response = await fetch(`${house.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(json ? { 'content-type': 'application/json' } : {}) },
    ...(json ? { body: JSON.stringify(json) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function make(webinarId: string, role: Exclude<Role, 'owner' | 'attendee'>, by = owner): Promise<Link> {
  const made = await ask('POST', `/api/webinars/${webinarId}/links`, by, { role, name: `A ${role}` });
  return Link.parse(made.body);
}

const listed = async (webinarId: string): Promise<LinkSummary[]> => {
  const { body } = await ask('GET', `/api/webinars/${webinarId}/links`, owner);
  return LinkSummary.array().parse(body.links);
};

const refusal = async (token: string): Promise<string> => {
  const client = house.client({ token });
  try {
    await client.synced();
    return 'admitted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** What each route takes that needs a bearer. */
/** Of a failure, whether it is told as a problem (RFC 9457) or as before that. */
const codeOf = (body: { code?: string; error?: { code?: string } }): string | undefined =>
  body.code ?? body.error?.code;

const requests = (webinarId: string, linkId: string): [Route, string, unknown][] =>
  (Object.values(ROUTES) as Route[])
    .filter(({ bearer }) => bearer !== false)
    .map((route) => [
      route,
      route.path.replace(':id', webinarId).replace(':linkId', linkId),
      route.body === null ? undefined : { title: 'T', role: 'panelist', name: 'Eve' },
    ]);

test('a removed host makes no links, and is nobody at every route and at the socket', async () => {
  const webinarId = await house.webinar();
  const first = await make(webinarId, 'host');
  const second = await make(webinarId, 'host');
  const client = house.client({ token: first.token });
  await client.synced();
  const other = house.client({ token: second.token });
  await other.synced();
  await other.must('person:remove', { personId: first.personId });
  await client.gone();
  for (const [route, path, json] of requests(webinarId, first.linkId)) {
    const { status, body } = await ask(route.method.toUpperCase(), path, first.token, json);
    expect([path, status, codeOf(body)]).toEqual([path, 401, 'unauthenticated']);
  }
  expect(await refusal(first.token)).toBe('removed');
  expect((await listed(webinarId)).map(({ state }) => state)).toEqual(['good', 'removed']);
});

test('a link that is taken back closes its connections, opens nothing any more, and leaves other links as they are', async () => {
  const webinarId = await house.webinar();
  const [gone, kept] = [await make(webinarId, 'panelist'), await make(webinarId, 'host')];
  const [client, other] = [house.client({ token: gone.token }), house.client({ token: kept.token })];
  await Promise.all([client.synced(), other.synced()]);
  expect((await listed(webinarId)).map(({ connections }) => connections)).toEqual([1, 1]);
  const path = `/api/webinars/${webinarId}/links/${gone.linkId}`;
  expect((await ask('DELETE', path, kept.token)).status).toBe(200);
  expect((await ask('DELETE', path, kept.token)).status).toBe(200);
  await client.gone();
  expect(await refusal(gone.token)).toBe('revoked');
  expect(house.mediaPlane.of('dismiss')).toEqual([[webinarId, gone.personId, 'removed']]);
  expect(await other.code('direction:set', { direction: 'automatic' })).toBe('ok');
  expect((await listed(webinarId)).map(({ state }) => state)).toEqual(['good', 'revoked']);
  expect((await ask('DELETE', `/api/webinars/${webinarId}/links/nothing`, owner)).status).toBe(404);
});

test('all links of a webinar are taken back at once, attendees of the watch page too; new ones are good', async () => {
  const webinarId = await house.webinar();
  const host = await make(webinarId, 'host');
  const attendee = await fetch(`${house.url}/api/webinars/${webinarId}/attendees`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada' }),
  }).then((response) => response.json() as Promise<{ token: string }>);
  expect((await ask('DELETE', `/api/webinars/${webinarId}/links`, host.token)).status).toBe(403);
  expect((await ask('DELETE', `/api/webinars/${webinarId}/links`, owner)).status).toBe(200);
  for (const token of [host.token, attendee.token]) expect(await refusal(token)).toBe('revoked');
  const again = await make(webinarId, 'host');
  expect(await refusal(again.token)).toBe('admitted');
});

test('the owner’s links are taken back but for the one that is answered', async () => {
  const webinarId = await house.webinar();
  const { status, body } = await ask('DELETE', '/api/owner/links', owner);
  expect(status).toBe(200);
  const fresh = new URL(String(body.url)).hash.slice('#t='.length);
  expect((await ask('GET', `/api/webinars/${webinarId}`, owner)).status).toBe(401);
  expect((await ask('GET', `/api/webinars/${webinarId}`, fresh)).status).toBe(200);
});

test.each(['moderator', 'panelist', 'attendee'] as const)(
  'a %s sees, makes and takes back no links, and nobody does so of another webinar',
  async (role) => {
    const [webinarId, other] = [await house.webinar(), await house.webinar('Other')];
    const link = await make(webinarId, 'panelist');
    const path = `/api/webinars/${webinarId}/links`;
    for (const token of [
      await tokenOf(webinarId, role, 'person-1'),
      await tokenOf(other, 'host', 'person-2'),
    ]) {
      expect((await ask('GET', path, token)).status).toBe(403);
      expect((await ask('POST', path, token, { role: 'host', name: 'Eve' })).status).toBe(403);
      expect((await ask('DELETE', `${path}/${link.linkId}`, token)).status).toBe(403);
      expect((await ask('DELETE', path, token)).status).toBe(403);
      expect((await ask('DELETE', '/api/owner/links', token)).status).toBe(403);
    }
  },
);
