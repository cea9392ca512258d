/** The right to a private webinar's media: who gets its cookie, what it says, and when no new one comes. */

import { generateKeyPairSync } from 'node:crypto';
import { Link, MediaKeys, type Role, verifyMediaRight, WebinarSummary } from '@rostrum/contracts';
import { fixedKeys } from '@rostrum/service-kit/media-keys';
import { randomIds } from '../ports.ts';
import { type House, openHouse, tokenOf } from '../testing/house.ts';

const KEYS = MediaKeys.parse(`new:${'n'.repeat(32)},old:${'o'.repeat(32)}`);
const ORIGIN = 'https://live.example.org';
const CONSOLE = 'https://console.example.org';
let house: House;
let owner: string;

async function open(options: Parameters<typeof openHouse>[0] = {}): Promise<void> {
  house = await openHouse({
    mediaKeys: fixedKeys(KEYS),
    cookieDomain: 'example.org',
    publicUrl: () => CONSOLE,
    ...options,
  });
  house.mediaPlane.origin = ORIGIN;
  owner = new URL(await house.coordinator.service.ownerUrl()).hash.slice('#t='.length);
}
beforeEach(() => open());
afterEach(() => house.close());

async function ask(method: string, path: string, token: string | null, json?: unknown) {
  const response = await fetch(`${house.url}/api${path}`, {
    method,
    headers: {
      origin: 'https://pages.example',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(json ? { 'content-type': 'application/json' } : {}),
    },
    ...(json ? { body: JSON.stringify(json) } : {}),
  });
  const body = (await response.json()) as {
    error?: { code: string; field?: string; message: string };
  } & Record<string, unknown>;
  return {
    status: response.status,
    headers: response.headers,
    cookies: response.headers.getSetCookie(),
    body,
  };
}
const made = async (access: 'open' | 'private'): Promise<WebinarSummary> =>
  WebinarSummary.parse((await ask('POST', '/webinars', owner, { title: 'Board', access })).body);
const privateId = async (): Promise<string> => (await made('private')).webinarId;
const right = (webinarId: string, token: string | null) => ask('POST', `/webinars/${webinarId}/right`, token);
const code = async (answer: ReturnType<typeof ask>): Promise<string | undefined> =>
  (await answer).body.error?.code;

test('a webinar is open unless it was made private, and both say so', async () => {
  const { body } = await ask('POST', '/webinars', owner, { title: 'T' });
  expect(body).toMatchObject({ access: 'open' });
  const summary = await made('private');
  expect(summary).toMatchObject({ access: 'private', title: 'Board' });
  const list = (await ask('GET', '/webinars', owner)).body.webinars as WebinarSummary[];
  expect(list.map(({ access }) => access).sort()).toEqual(['open', 'private']);
});

test('everybody of the webinar, and its owner, gets three cookies: for its live folder, its recording and its playlists without parts alone', async () => {
  const webinarId = await privateId();
  const members = (['attendee', 'panelist', 'moderator', 'host'] as Exclude<Role, 'owner'>[]).map((role) =>
    tokenOf(webinarId, role, randomIds.next()),
  );
  for (const token of [owner, ...(await Promise.all(members))]) {
    const { status, cookies, body } = await right(webinarId, token);
    expect([status, body]).toEqual([200, { right: { validMs: 600_000, renewAfterMs: 300_000 } }]);
    const jwt = /^rostrum-media=([^;]+)/.exec(cookies[0] ?? '')?.[1] ?? '';
    const attributes = 'Max-Age=600; HttpOnly; SameSite=Strict; Secure; Domain=example.org';
    expect(cookies).toEqual([
      `rostrum-media=${jwt}; Path=/private/live/${webinarId}; ${attributes}`,
      `rostrum-media=${jwt}; Path=/private/recordings/${webinarId}; ${attributes}`,
      `rostrum-media=${jwt}; Path=/private/standard/${webinarId}; ${attributes}`,
    ]);
    expect(await verifyMediaRight(jwt, KEYS.slice(0, 1), Date.now())).toMatchObject({ channelId: webinarId });
    expect(await verifyMediaRight(jwt, KEYS, Date.now() + 600_000)).toBeNull();
  }
});

test('nobody else does: without a link, with another webinar’s, of a webinar that is not there', async () => {
  const [webinarId, other] = [await privateId(), await privateId()];
  expect(await code(right(webinarId, null))).toBe('unauthenticated');
  const stranger = await tokenOf(other, 'host', 'person-1');
  expect(await code(right(webinarId, stranger))).toBe('forbidden');
  expect(await code(right('private-none', stranger))).toBe('forbidden');
  expect(await code(right('private-none', owner))).toBe('not-found');
  for (const token of [null, stranger]) expect((await right(webinarId, token)).cookies).toEqual([]);
});

test('a link that is taken back, and a person who was removed or sent out, get no new one', async () => {
  const webinarId = await privateId();
  const link = async (name: string) =>
    Link.parse((await ask('POST', `/webinars/${webinarId}/links`, owner, { role: 'attendee', name })).body);
  const [ann, bob, eve] = [await link('Ann'), await link('Bob'), await link('Eve')];
  for (const { token } of [ann, bob, eve]) expect((await right(webinarId, token)).status).toBe(200);
  await ask('DELETE', `/webinars/${webinarId}/links/${ann.linkId}`, owner);
  await ask('DELETE', `/webinars/${webinarId}/people/${bob.personId}`, owner);
  await house.mediaPlane.words?.append(webinarId, () => [
    { type: 'person.admitted', personId: eve.personId, name: 'Eve', role: 'attendee' },
    { type: 'person.sentOut', personId: eve.personId },
  ]);
  for (const { token } of [ann, bob, eve]) {
    const refused = await right(webinarId, token);
    expect([refused.status, refused.cookies]).toEqual([401, []]);
  }
});

test('nobody new comes to a private webinar, and nobody without a link learns whether it is there', async () => {
  const webinarId = await privateId();
  for (const id of [webinarId, 'private-none']) {
    expect(await code(ask('POST', `/webinars/${id}/attendees`, null, { name: 'Eve' }))).toBe(
      'unauthenticated',
    );
    expect(await code(ask('GET', `/webinars/${id}/public`, null))).toBe('not-found');
  }
  const invited = await tokenOf(webinarId, 'attendee', 'person-1', 'Ann');
  expect((await ask('POST', `/webinars/${webinarId}/attendees`, invited, { name: 'Anne' })).status).toBe(201);
});

test('an open webinar needs no right, and none is given', async () => {
  const { webinarId } = await made('open');
  const { status, cookies, body } = await right(webinarId, await tokenOf(webinarId, 'attendee', 'person-1'));
  expect([status, cookies, body]).toEqual([200, [], { right: null }]);
});

test('the page of the media may take the cookie from another origin, and no other page', async () => {
  const webinarId = await privateId();
  const { headers } = await right(webinarId, owner);
  expect(headers.get('access-control-allow-origin')).toBe('https://pages.example');
  expect(headers.get('access-control-allow-credentials')).toBe('true');
  const elsewhere = (await ask('GET', '/webinars', owner)).headers;
  expect(elsewhere.get('access-control-allow-credentials')).toBeNull();
  const evil = await fetch(`${house.url}/api/webinars/${webinarId}/right`, {
    method: 'POST',
    headers: { origin: 'https://evil.example', authorization: `Bearer ${owner}` },
  });
  expect(evil.headers.get('access-control-allow-credentials')).toBeNull();
});

test.each([
  ['https://live.elsewhere.org', 'example.org'],
  ['https://badexample.org', 'example.org'],
  ['https://live.example.org', null],
])('where no cookie gets from the console to %s (domain: %s) that is said', async (origin, cookieDomain) => {
  await house.close();
  await open({ cookieDomain });
  house.mediaPlane.origin = origin;
  const { body, cookies } = await right(await privateId(), owner);
  expect(body.error).toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('ROSTRUM_COOKIE_DOMAIN'),
  });
  expect(cookies).toEqual([]);
});

test('console and media of one name need no domain; without TLS the cookie is not bound to it', async () => {
  await house.close();
  await open({ cookieDomain: null, publicUrl: () => 'http://localhost:3000' });
  house.mediaPlane.origin = 'http://localhost:8080';
  const { cookies } = await right(await privateId(), owner);
  expect(cookies.map((cookie) => cookie.replace(/^[^;]+; Path=[^;]+; /, ''))).toEqual(
    Array(3).fill('Max-Age=600; HttpOnly; SameSite=Strict'),
  );
});

test('without keys no webinar can be made private, and one that was is closed', async () => {
  const webinarId = await privateId();
  const { dataDir } = house;
  await house.close(true);
  await open({ mediaKeys: fixedKeys([]), dataDir });
  const refused = await ask('POST', '/webinars', owner, { title: 'T', access: 'private' });
  expect(refused.body.error).toMatchObject({ code: 'bad-input', field: 'access' });
  expect(await code(right(webinarId, owner))).toBe('unavailable');
});

test('a right is signed by the first key of now, though others came since the start', async () => {
  await house.close();
  const ring = {
    keys: KEYS.slice(1) as typeof KEYS,
    async look(): Promise<void> {
      ring.keys = KEYS;
    },
  };
  await open({ mediaKeys: ring });
  const { cookies } = await right(await privateId(), owner);
  const jwt = /^rostrum-media=([^;]+)/.exec(cookies[0] ?? '')?.[1] ?? '';
  expect(await verifyMediaRight(jwt, KEYS.slice(1), Date.now())).toBeNull();
  expect(await verifyMediaRight(jwt, KEYS.slice(0, 1), Date.now())).not.toBeNull();
});

test('its people are told addresses below /private', async () => {
  const webinarId = await privateId();
  const client = await house.enter(webinarId, 'host');
  await client.must('webinar:goLive', {});
  expect(client.view?.phase).toMatchObject({
    playlistUrl: `${ORIGIN}/private/live/${webinarId}/multivariant.m3u8`,
  });
});

test('for CloudFront there are its own cookies beside ours, for the same folders', async () => {
  await house.close();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await open({ cloudFront: { keyPairId: 'K2JCJMDEHXQW5F', privateKeyPem } });
  const webinarId = await privateId();
  const { cookies } = await right(webinarId, owner);
  const names = ['rostrum-media', 'CloudFront-Key-Pair-Id', 'CloudFront-Signature', 'CloudFront-Policy'];
  const wanted = ['live', 'recordings', 'standard'].flatMap((area) => names.map((name) => [name, area]));
  expect(cookies.map((cookie) => cookie.match(/^([^=]+)=.*Path=\/private\/([^/]+)\//)?.slice(1))).toEqual(
    wanted,
  );
  const policies = cookies.flatMap((cookie) => /^CloudFront-Policy=([^;]+)/.exec(cookie)?.[1] ?? []);
  const resources = policies.map((policy) => {
    const text = Buffer.from(policy.replaceAll('_', '=').replaceAll('-', '+').replaceAll('~', '/'), 'base64');
    return JSON.parse(text.toString()).Statement[0].Resource;
  });
  expect(resources).toEqual(
    ['live', 'recordings', 'standard'].map((area) => `${ORIGIN}/private/${area}/${webinarId}/*`),
  );
});
