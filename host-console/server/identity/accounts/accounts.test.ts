import { request } from 'node:http';
import { PROTOCOL_VERSION } from '@rostrum/contracts';
import { systemClock } from '../../ports.ts';
import { type House, openHouse, until } from '../../testing/house.ts';

const ANN = { name: 'Ann', email: 'Ann@Example.org', password: 'correct horse battery' };
const SLOW = { burst: 1000, perSecond: 100 };

let house: House;
let aheadMs: number;
const open = async (overrides: Parameters<typeof openHouse>[0] = {}): Promise<void> => {
  aheadMs = 0;
  house = await openHouse({
    clock: { nowMs: systemClock.nowMs, nowUnixMs: () => Date.now() + aheadMs },
    ...overrides,
  });
};
afterEach(() => house.close());

interface Told {
  readonly status: number;
  readonly body: unknown;
  /** The session's, as the next request sends it. */
  readonly cookie: string;
  readonly setCookie: string | null;
}

async function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Told> {
  const answer = await fetch(`${house.url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const setCookie = answer.headers.get('set-cookie');
  return {
    status: answer.status,
    body: await answer.json(),
    cookie: setCookie?.split(';')[0] ?? '',
    setCookie,
  };
}
const ownerLink = async (): Promise<Record<string, string>> => ({
  authorization: `Bearer ${(await house.coordinator.service.ownerUrl()).split('#t=')[1]}`,
});
const setUp = async (input = ANN): Promise<Told> => ask('POST', '/api/setup', await ownerLink(), input);
const signIn = (password = ANN.password, email = ANN.email, headers: Record<string, string> = {}) =>
  ask('POST', '/api/session', headers, { email, password });
/** What the log of what was done says, the newest first. */
const done = async (): Promise<string[]> =>
  (await house.store.audit.page(50, null)).map(({ actorName, action }) => `${actorName}: ${action}`);

describe('the owner’s account', () => {
  test('is made by the owner’s link, which opens nothing afterwards, and is signed in', async () => {
    const told: string[] = [];
    await open({ ownerLinksRevoked: () => told.push('revoked') });
    const link = await ownerLink();
    const made = await ask('POST', '/api/setup', link, ANN);
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'Ann', email: 'Ann@Example.org', role: 'owner', hasPassword: true },
    });
    expect(made.setCookie).toMatch(
      /^rostrum-session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/,
    );
    expect(told).toEqual(['revoked']);
    expect((await ask('GET', '/api/webinars', link)).status).toBe(401);
    expect((await ask('POST', '/api/setup', link, { ...ANN, email: 'eve@example.org' })).status).toBe(401);
    const { cookie } = made;
    expect(await ask('GET', '/api/account', { cookie })).toMatchObject({ body: made.body });
    expect(await ask('POST', '/api/webinars', { cookie }, { title: 'T' })).toMatchObject({ status: 201 });
    expect(await done()).toEqual(['Ann: session.started', 'Ann: owner.made']);
  });

  test('is made once by two who open the link at the same time', async () => {
    await open();
    const link = await ownerLink();
    const both = await Promise.all(
      ['ann@example.org', 'eve@example.org'].map((email) =>
        ask('POST', '/api/setup', link, { ...ANN, email }),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([201, 401]);
    expect(await house.store.accounts.list()).toHaveLength(1);
  });

  test('is recovered by another link: the password is the new one, and whoever was signed in is not', async () => {
    await open();
    const { cookie } = await setUp();
    const again = await setUp({ ...ANN, password: 'another one, quite long' });
    expect(again.status).toBe(201);
    expect((await ask('GET', '/api/account', { cookie })).status).toBe(401);
    expect((await signIn()).status).toBe(401);
    expect((await signIn('another one, quite long')).status).toBe(201);
    expect(await house.store.accounts.list()).toHaveLength(1);
    expect(await done()).toContain('Ann: owner.recovered');
  });

  test('has a password of twelve characters, and an address', async () => {
    await open();
    for (const [input, field] of [
      [{ ...ANN, password: 'too short' }, 'password'],
      [{ ...ANN, email: 'nobody' }, 'email'],
      [{ ...ANN, name: ' ' }, 'name'],
      [{ ...ANN, password: 'x'.repeat(300) }, 'password'],
    ] as const) {
      expect(await setUp(input)).toMatchObject({ status: 400, body: { error: { field } } });
    }
    expect(await house.store.accounts.list()).toEqual([]);
  });
});

describe('signing in', () => {
  test('takes the right password, however the address is written, and says no more of a wrong one than of nobody', async () => {
    await open();
    await setUp();
    expect(await signIn(ANN.password, ' aNN@example.org ')).toMatchObject({
      status: 201,
      body: { name: 'Ann' },
    });
    const [wrong, nobody] = [await signIn('wrong'), await signIn('wrong', 'eve@example.org')];
    expect(wrong).toMatchObject({ status: 401, cookie: '' });
    expect(nobody).toEqual(wrong);
  });

  test('is slowed down by account and by address, whether or not there is the account', async () => {
    const both = { burst: 2, perSecond: 0.001 };
    await open({ limits: { ...(await generous()), signIn: { address: SLOW, account: SLOW, both } } });
    await setUp();
    const codes = async (email: string) => {
      const answers = [];
      for (let n = 0; n < 4; n += 1) answers.push((await signIn('wrong', email)).status);
      return answers;
    };
    expect(await codes(ANN.email)).toEqual([401, 401, 429, 429]);
    expect(await codes(ANN.email.toUpperCase())).toEqual([429, 429, 429, 429]);
    expect(await codes('nobody@example.org')).toEqual([401, 401, 429, 429]);
    // Also not with the right one: a guess that is right is none that is let through.
    expect((await signIn()).status).toBe(429);
  });

  test('by a page of another site, or a form, is refused', async () => {
    await open();
    await setUp();
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      // Pages of broadcasters use the API, and sign nobody in.
      { origin: 'https://pages.example' },
    ]) {
      expect(await signIn(ANN.password, ANN.email, headers)).toMatchObject({ status: 403, cookie: '' });
    }
    expect((await signIn(ANN.password, ANN.email, { origin: house.url })).status).toBe(201);
    const form = await fetch(`${house.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'email=a',
    });
    expect(form.status).toBe(415);
  });

  test('over TLS gives a cookie that this host alone sets and gets', async () => {
    await open();
    const { sessionCookie, sessionOf, noSessionCookie } = await import('./session-cookie.ts');
    const url = 'https://console.example';
    expect(sessionCookie('secret', url)).toBe(
      '__Host-rostrum-session=secret; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure',
    );
    expect(noSessionCookie(url)).toMatch(/^__Host-rostrum-session=; Path=\/; Max-Age=0;/);
    const cookie = 'a=b; rostrum-session=plain; __Host-rostrum-session=secret';
    expect(sessionOf({ cookie }, url)).toBe('secret');
    expect(sessionOf({ cookie: 'rostrum-session=plain' }, url)).toBe(null);
    expect(sessionOf({ cookie, origin: 'https://watch.example' }, url)).toBe(null);
    expect(sessionOf({ cookie, 'sec-fetch-site': 'same-site' }, url)).toBe(null);
    expect(sessionOf({ cookie, 'sec-fetch-site': 'same-origin' }, url)).toBe('secret');
  });
});

/** As a browser does for a page of another origin: fetch sets no such headers. */
const forged = (method: string, path: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(`${house.url}${path}`, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });

describe('a session', () => {
  test('counts for the console’s own pages alone', async () => {
    await open();
    const { cookie } = await setUp();
    const webinarId = await house.webinar();
    for (const headers of [
      { cookie, origin: 'https://evil.example' },
      { cookie, origin: 'https://pages.example' },
      { cookie, 'sec-fetch-site': 'cross-site' },
      { cookie, 'sec-fetch-site': 'same-site' },
    ]) {
      for (const [method, path] of [
        ['DELETE', `/api/webinars/${webinarId}`],
        ['GET', '/api/webinars'],
        ['GET', '/api/account'],
      ] as const) {
        expect(await forged(method, path, headers)).toBe(401);
      }
    }
    expect(await forged('GET', '/api/webinars', { cookie, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await forged('DELETE', `/api/webinars/${webinarId}`, { cookie, origin: house.url })).toBe(200);
  });

  test('gives way to the token of a link, which is who one is by that', async () => {
    await open();
    const { cookie } = await setUp();
    expect((await ask('GET', '/api/webinars', { cookie, authorization: 'Bearer x' })).status).toBe(401);
  });

  test('is listed and ended: its own, another, and all others', async () => {
    await open();
    const first = await setUp();
    const [second, third] = [
      await signIn(ANN.password, ANN.email, { 'user-agent': 'Second \u00ff' }),
      await signIn(),
    ];
    const list = await ask('GET', '/api/account/sessions', { cookie: first.cookie });
    const { sessions } = list.body as {
      sessions: { sessionId: string; userAgent: string; current: boolean }[];
    };
    expect(sessions).toHaveLength(3);
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    const of2 = sessions.find(({ userAgent }) => userAgent.startsWith('Second'));
    expect(of2?.userAgent).toBe('Second ');
    const end = (id: string | undefined) =>
      ask('DELETE', `/api/account/sessions/${id}`, { cookie: first.cookie });
    expect([(await end(of2?.sessionId)).status, (await end(of2?.sessionId)).status]).toEqual([200, 404]);
    const stands = async ({ cookie }: Told) => (await ask('GET', '/api/account', { cookie })).status;
    expect([await stands(first), await stands(second), await stands(third)]).toEqual([200, 401, 200]);
    await ask('DELETE', '/api/account/sessions', { cookie: first.cookie });
    expect([await stands(first), await stands(third)]).toEqual([200, 401]);
    const out = await ask('DELETE', '/api/session', { cookie: first.cookie });
    expect(out.setCookie).toMatch(/Max-Age=0/);
    expect(await stands(first)).toBe(401);
    expect((await done()).slice(0, 3)).toEqual([
      'Ann: session.ended',
      'Ann: sessions.ended',
      'Ann: session.ended',
    ]);
  });

  test('ends by itself after thirty days', async () => {
    await open();
    const { cookie } = await setUp();
    aheadMs = 30 * 24 * 3_600_000 - 60_000;
    expect((await ask('GET', '/api/account', { cookie })).status).toBe(200);
    aheadMs += 60_001;
    expect((await ask('GET', '/api/account', { cookie })).status).toBe(401);
  });

  test('ends with another password, but for the one in which it was changed; the old one has to be said', async () => {
    await open();
    const { cookie } = await setUp();
    const other = await signIn();
    const change = (current: string | null, next: string) =>
      ask('POST', '/api/account/password', { cookie }, { current, next });
    expect(await change('wrong', 'a new and long one')).toMatchObject({ status: 403 });
    expect(await change(null, 'a new and long one')).toMatchObject({ status: 403 });
    expect(await change(ANN.password, 'Ann@example.org')).toMatchObject({ status: 400 });
    expect((await ask('GET', '/api/account', { cookie: other.cookie })).status).toBe(200);
    expect((await change(ANN.password, 'a new and long one')).status).toBe(200);
    expect((await ask('GET', '/api/account', { cookie })).status).toBe(200);
    expect((await ask('GET', '/api/account', { cookie: other.cookie })).status).toBe(401);
    expect([(await signIn()).status, (await signIn('a new and long one')).status]).toEqual([401, 201]);
  });
});

describe('whoever is signed in', () => {
  const enter = async (webinarId: string, cookie: string, headers: Record<string, string> = {}) => {
    const client = house.client({ webinarId }, { cookie, origin: house.url, ...headers });
    const entered = await client.synced().then(
      () => `a ${client.view?.self.role}`,
      (error: Error) => error.message,
    );
    return { client, entered };
  };

  test('sees the webinars they run, hosts what they plan, and runs no other', async () => {
    await open();
    const [host, moderator] = [await house.account('host'), await house.account('moderator')];
    const made = await ask('POST', '/api/webinars', { cookie: host.cookie }, { title: 'Mine' });
    const { webinarId } = made.body as { webinarId: string };
    const others = await house.webinar('Another');
    const titles = async ({ cookie }: { cookie: string }) => {
      const { webinars } = (await ask('GET', '/api/webinars', { cookie })).body as {
        webinars: { title: string }[];
      };
      return webinars.map(({ title }) => title);
    };
    expect([await titles(host), await titles(moderator)]).toEqual([['Mine'], []]);
    const status = async (id: string, { cookie }: { cookie: string }) =>
      (await ask('GET', `/api/webinars/${id}`, { cookie })).status;
    expect([await status(webinarId, host), await status(others, host)]).toEqual([200, 403]);
    expect(await status(webinarId, moderator)).toBe(403);
    expect(await status('no-such-webinar', host)).toBe(403);
    await house.store.database.transact((tx) =>
      house.store.accounts.assign(tx, others, moderator.accountId, 'host'),
    );
    // Who moderates by their account hosts nothing, whatever was written.
    expect(await status(others, moderator)).toBe(200);
    expect((await ask('DELETE', `/api/webinars/${others}`, { cookie: moderator.cookie })).status).toBe(403);
  });

  test('comes into the webinars they run, an owner into each, and nobody from a page of another site', async () => {
    await open();
    const webinarId = await house.webinar();
    const here = { webinarId, here: 'host' as const };
    const [owner, host, moderator, stranger] = [
      await house.account('owner'),
      await house.account('host', here),
      await house.account('moderator', { webinarId, here: 'moderator' }),
      await house.account('host'),
    ];
    expect((await enter(webinarId, owner.cookie)).entered).toBe('a host');
    expect((await enter(webinarId, host.cookie)).entered).toBe('a host');
    expect((await enter(webinarId, moderator.cookie)).entered).toBe('a moderator');
    expect((await enter(webinarId, stranger.cookie)).entered).toBe('webinar-unknown');
    expect((await enter('no-such-webinar', owner.cookie)).entered).toBe('webinar-unknown');
    expect((await enter(webinarId, 'rostrum-session=made-up')).entered).toBe('signed-out');
    expect((await enter(webinarId, '')).entered).toBe('signed-out');
    const elsewhere = { origin: 'https://pages.example' };
    expect((await enter(webinarId, host.cookie, elsewhere)).entered).toBe('signed-out');
    const { client } = await enter(webinarId, moderator.cookie);
    expect(client.view?.self).toMatchObject({ personId: moderator.accountId, name: 'A moderator' });
    expect(await client.code('webinar:goLive', {})).toBe('forbidden');
  });

  test('is sent away when the session ends, or when they are somebody else in the webinar', async () => {
    await open();
    const webinarId = await house.webinar();
    const host = await house.account('host', { webinarId, here: 'host' });
    const { client } = await enter(webinarId, host.cookie);
    const other = await enter(webinarId, (await house.account('owner')).cookie);
    expect((await ask('DELETE', '/api/session', { cookie: host.cookie })).status).toBe(200);
    await client.gone();
    expect((await enter(webinarId, host.cookie)).entered).toBe('signed-out');
    expect(other.client.socket.connected).toBe(true);
    await until(() => other.client.view);
  });

  test('is somebody in the handshake by one thing alone', async () => {
    await open();
    const client = house.client({ protocol: PROTOCOL_VERSION });
    await expect(client.synced()).rejects.toThrow('token-invalid');
  });
});

async function generous() {
  const { LIMITS } = await import('../limits.ts');
  const many = { burst: 1e6, perSecond: 1e6 };
  return { ...LIMITS, http: { person: many, room: many } };
}
