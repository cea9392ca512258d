import { connect } from 'node:net';
import {
  AttendeeToken,
  EMPTY_PLAN,
  Link,
  type PhaseView,
  PROTOCOL_VERSION,
  PublicWebinar,
  publicPlan,
  signLink,
  verifyLink,
  WebinarSummary,
} from '@rostrum/contracts';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { type Client, type House, openHouse, SECRET, tokenOf, until } from '../testing/house.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';
import { isV1 } from './v1/problems.ts';

let house: House;
let owner: string;
beforeEach(async () => {
  house = await openHouse();
  owner = (await house.coordinator.service.ownerUrl()).split('#t=')[1] ?? '';
});
afterEach(async () => {
  await house.close();
});

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test looks at what it expects.
  body: any;
}

async function request(
  method: string,
  path: string,
  options: { token?: string; json?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(`${house.url}${path}`, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

const create = async (title = 'Town hall'): Promise<string> =>
  (await request('POST', '/api/webinars', { token: owner, json: { title } })).body.webinarId;

describe('webinars', () => {
  test('the owner plans one, sees it in the list and by itself, with its watch page', async () => {
    const made = await request('POST', '/api/webinars', {
      token: owner,
      json: { title: ' Town hall ', startsAtUnixMs: 1_900_000_000_000, profile: 'fast' },
    });
    expect(made.status).toBe(201);
    expect(WebinarSummary.parse(made.body)).toMatchObject({
      title: 'Town hall',
      phase: 'scheduled',
      profile: 'fast',
      startsAtUnixMs: 1_900_000_000_000,
      watchUrl: `http://origin.test:8080/w/${made.body.webinarId}`,
    });
    await create('Second');
    const list = await request('GET', '/api/webinars', { token: owner });
    expect(list.body.webinars.map((w: WebinarSummary) => w.title)).toEqual(['Second', 'Town hall']);
    const one = await request('GET', `/api/webinars/${made.body.webinarId}`, { token: owner });
    expect(one.body).toEqual(made.body);
    house.mediaPlane.origin = null;
    expect(
      (await request('GET', `/api/webinars/${made.body.webinarId}`, { token: owner })).body.watchUrl,
    ).toBeNull();
  });

  test('its host and moderator see it alone, a panelist or attendee nothing', async () => {
    const mine = await create('Mine');
    const other = await create('Other');
    for (const role of ['host', 'moderator'] as const) {
      const token = await tokenOf(mine, role, 'person-1');
      const list = await request('GET', '/api/webinars', { token });
      expect(list.body.webinars).toMatchObject([{ title: 'Mine' }]);
      expect((await request('GET', `/api/webinars/${mine}`, { token })).status).toBe(200);
      expect((await request('GET', `/api/webinars/${other}`, { token })).status).toBe(403);
      expect((await request('POST', '/api/webinars', { token, json: { title: 'T' } })).status).toBe(403);
    }
    for (const role of ['panelist', 'attendee'] as const) {
      const token = await tokenOf(mine, role, 'person-1');
      expect((await request('GET', '/api/webinars', { token })).status).toBe(403);
      expect((await request('GET', `/api/webinars/${mine}`, { token })).status).toBe(403);
    }
  });

  test('anyone may know title, phase, start and profile, and nothing else', async () => {
    const webinarId = await create();
    expect((await request('GET', `/api/webinars/${webinarId}/public`)).body).toEqual({
      webinarId,
      title: 'Town hall',
      plan: publicPlan(EMPTY_PLAN),
      phase: 'scheduled',
      startsAtUnixMs: null,
      profile: 'standard',
      live: null,
    });
    expect((await request('GET', '/api/webinars/nowhere/public')).status).toBe(404);
  });

  test('while live anyone may know the playlist, the very one the connection tells; before and after not', async () => {
    const webinarId = await create();
    const told = async () => {
      const { headers, body } = await request('GET', `/api/webinars/${webinarId}/public`);
      expect(headers.get('cache-control')).toBe('no-store');
      return PublicWebinar.parse(body);
    };
    const host = await house.enter(webinarId, 'host');
    expect(await told()).toMatchObject({ phase: 'scheduled', live: null });
    await host.must('webinar:goLive', {});
    const viewer = await house.enter(webinarId, 'attendee');
    const { phase: _, ...live } = viewer.view!.phase as Extract<PhaseView, { phase: 'live' }>;
    expect(live.playlistUrl).toMatch(/^http:\/\/origin\.test:8080\/live\/.+\.m3u8$/);
    expect(await told()).toMatchObject({ phase: 'live', profile: 'standard', live });
    await host.must('webinar:end', {});
    expect(await told()).toMatchObject({ phase: 'ended', live: null });
  });

  test('asking takes a live webinar from no other process: there the connection tells the playlist', async () => {
    const webinarId = await create();
    // Over the same log; it opened before the webinar went live, so it has adopted nothing.
    const other = await openHouse({ store: house.store });
    try {
      const host = await house.enter(webinarId, 'host');
      await host.must('webinar:goLive', {});
      const answer = await fetch(`${other.url}/api/webinars/${webinarId}/public`);
      expect(await answer.json()).toMatchObject({ phase: 'live', live: null });
      // A process that lost the webinar could not write this.
      expect(await host.code('webinar:end', {})).toBe('ok');
    } finally {
      await other.close();
    }
  });
});

describe('a webinar without a recording', () => {
  const cancel = (webinarId: string, token = owner) =>
    request('DELETE', `/api/webinars/${webinarId}`, { token });
  const listed = async (): Promise<string[]> =>
    (await request('GET', '/api/webinars', { token: owner })).body.webinars.map(
      (w: WebinarSummary) => w.webinarId,
    );

  test('can be cancelled: it leaves the list, and who has a link sees that it has ended', async () => {
    const webinarId = await create();
    const other = await create('Other');
    const attendee = await house.enter(webinarId, 'attendee');
    const done = await cancel(webinarId);
    expect(done.status).toBe(200);
    expect(WebinarSummary.parse(done.body)).toMatchObject({ webinarId, phase: 'ended', recording: 'none' });
    expect(await listed()).toEqual([other]);
    await until(() => attendee.view?.phase.phase === 'ended');
    expect(attendee.view?.phase).toMatchObject({ recording: 'none', recordingUrl: null });
    const host = await house.enter(webinarId, 'host');
    expect(await host.code('webinar:goLive', {})).toBe('conflict');
    // Again is the same.
    expect((await cancel(webinarId)).status).toBe(200);
    expect(
      (await house.store.events.read(webinarId, 0)).filter((e) => e.event.type === 'webinar.cancelled'),
    ).toHaveLength(1);
  });

  test('also after its host ended it unseen; not while it is live, nor with a recording', async () => {
    const ended = await create();
    await (await house.enter(ended, 'host')).must('webinar:end', {});
    expect((await request('GET', `/api/webinars/${ended}`, { token: owner })).body).toMatchObject({
      phase: 'ended',
      recording: 'none',
    });
    expect((await cancel(ended)).status).toBe(200);
    const shown = await create();
    const host = await house.enter(shown, 'host');
    await host.must('webinar:goLive', {});
    expect(await cancel(shown)).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } });
    await host.must('webinar:end', {});
    // There may be a recording, and then there is.
    expect((await cancel(shown)).status).toBe(409);
    await house.mediaPlane.settle(shown, true);
    expect((await cancel(shown)).status).toBe(409);
    expect(await listed()).toEqual([shown]);
  });

  test('has its recording deleted: from then on nobody is told where it was, and then it can be removed', async () => {
    const webinarId = await create();
    const erase = (token = owner) => request('DELETE', `/api/webinars/${webinarId}/recording`, { token });
    const attendee = await house.enter(webinarId, 'attendee');
    const host = await house.enter(webinarId, 'host');
    expect((await erase()).status).toBe(409);
    await host.must('webinar:goLive', {});
    expect((await erase()).status).toBe(409);
    await host.must('webinar:end', {});
    await house.mediaPlane.settle(webinarId, true);
    await until(() => attendee.view?.phase.phase === 'ended' && attendee.view.phase.recordingUrl !== null);
    for (const role of ['attendee', 'panelist', 'moderator'] as const)
      expect((await erase(await tokenOf(webinarId, role, 'person-1'))).status).toBe(403);
    house.mediaPlane.remainsNow = ['bucket', 'cdn'];
    const done = await erase(await tokenOf(webinarId, 'host', 'person-2'));
    expect(done.status).toBe(200);
    const deleting = { phase: 'ended', recording: 'deleting', remains: ['bucket', 'cdn'] };
    expect(WebinarSummary.parse(done.body)).toMatchObject(deleting);
    await until(() => attendee.view?.phase.phase === 'ended' && attendee.view.phase.recordingUrl === null);
    expect(attendee.view?.phase).toMatchObject({ recording: 'deleting' });
    // Again is the same, and word that comes late brings nothing back.
    expect((await erase()).status).toBe(200);
    const erased = (await house.store.events.read(webinarId, 0)).filter(
      (e) => e.event.type === 'recording.deleted',
    );
    expect(erased.map(({ event }) => event)).toEqual([{ type: 'recording.deleted' }]);
    expect((await cancel(webinarId)).status).toBe(200);
    expect(await listed()).toEqual([]);
    expect((await house.store.webinars.find(webinarId))?.recording).toBe('deleted');
  });

  test('or of which nothing was recorded', async () => {
    const webinarId = await create();
    const host = await house.enter(webinarId, 'host');
    await host.must('webinar:goLive', {});
    await host.must('webinar:end', {});
    await house.mediaPlane.settle(webinarId, false);
    expect((await cancel(webinarId)).status).toBe(200);
    expect(await listed()).toEqual([]);
  });

  test('by its owner and its host alone', async () => {
    const webinarId = await create();
    const other = await create();
    for (const role of ['moderator', 'panelist', 'attendee'] as const) {
      expect((await cancel(webinarId, await tokenOf(webinarId, role, 'person-1'))).status).toBe(403);
    }
    const host = await tokenOf(webinarId, 'host', 'person-1');
    expect((await cancel(other, host)).status).toBe(403);
    expect((await cancel(webinarId, host)).status).toBe(200);
    expect((await cancel('nowhere')).status).toBe(404);
  });

  test('waits for a start under way: what is live then stays', async () => {
    const webinarId = await create();
    const host = await house.enter(webinarId, 'host');
    let start = (): void => undefined;
    house.mediaPlane.starting = new Promise((resolve) => {
      start = resolve;
    });
    const going = host.code('webinar:goLive', {});
    await until(() => house.mediaPlane.of('startChannel').length === 1);
    const cancelling = cancel(webinarId);
    await cancel('nowhere');
    start();
    expect([await going, (await cancelling).status]).toEqual(['ok', 409]);
  });
});

describe('times and words', () => {
  test.each([
    [{ title: 'maxint', startsAtUnixMs: 9_007_199_254_740_991 }, 'startsAtUnixMs'],
    [{ title: 'T', startsAtUnixMs: 1 }, 'startsAtUnixMs'],
    [{ title: '\u200B' }, 'title'],
    [{ title: 'a\u0000b' }, 'title'],
    [{ title: '\uD800' }, 'title'],
  ])('%j is refused with the field’s name', async (json, field) => {
    const answer = await request('POST', '/api/webinars', { token: owner, json });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad-input', field } } });
  });

  test('what an older log holds can be listed, opened, and cancelled', async () => {
    const event = {
      type: 'webinar.created' as const,
      title: 'Simon\u202EneveS\u0000',
      startsAtUnixMs: 9_007_199_254_740_991,
      profile: 'standard' as const,
    };
    await house.store.events.create('old-webinar', { atUnixMs: Date.now(), event });
    const mended = { webinarId: 'old-webinar', title: 'SimonneveS', startsAtUnixMs: null };
    const list = await request('GET', '/api/webinars', { token: owner });
    expect(list.body.webinars).toMatchObject([mended]);
    expect((await request('GET', '/api/webinars/old-webinar/public')).body).toMatchObject(mended);
    expect((await house.enter('old-webinar', 'attendee')).view).toMatchObject(mended);
    expect((await request('DELETE', '/api/webinars/old-webinar', { token: owner })).status).toBe(200);
    expect((await request('GET', '/api/webinars', { token: owner })).body.webinars).toEqual([]);
  });

  test('a link from before there were rules for names admits its bearer, under the name as it can be shown', async () => {
    const webinarId = await create();
    const key = new TextEncoder().encode(SECRET);
    const token = await new SignJWT({ generation: 0, webinarId, role: 'panelist', name: 'Simon\u202EneveS' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('rostrum')
      .setAudience('rostrum:link')
      .setJti('link-1')
      .setSubject('person-1')
      .setExpirationTime('1h')
      .sign(key);
    const client = house.client({ protocol: PROTOCOL_VERSION, token });
    expect(await client.synced()).toMatchObject({ view: { self: { name: 'SimonneveS' } } });
  });
});

describe('links', () => {
  test.each([
    ['host', '/control'],
    ['moderator', '/control'],
    ['panelist', '/stage'],
  ] as const)('a %s’s link opens %s of the console and admits them', async (role, page) => {
    const webinarId = await create();
    const made = await request('POST', `/api/webinars/${webinarId}/links`, {
      token: owner,
      json: { role, name: 'Ann', validHours: 1 },
    });
    expect(made.status).toBe(201);
    const link = Link.parse(made.body);
    expect(link.url).toBe(`${house.url}${page}#t=${link.token}`);
    expect(link.expiresUnixMs - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(await verifyLink(link.token, SECRET, Date.now())).toEqual({
      ok: true,
      claims: { linkId: link.linkId, generation: 0, webinarId, personId: link.personId, role, name: 'Ann' },
      expiresUnixMs: link.expiresUnixMs,
    });
    const client = house.client({ protocol: PROTOCOL_VERSION, token: link.token });
    expect(await client.synced()).toMatchObject({ view: { self: { name: 'Ann', role } } });
  });

  test('an attendee’s link opens the watch page at the origin; without an origin there is none', async () => {
    const webinarId = await create();
    const ask = () =>
      request('POST', `/api/webinars/${webinarId}/links`, {
        token: owner,
        json: { role: 'attendee', name: 'Ann' },
      });
    expect((await ask()).body.url).toMatch(new RegExp(`^http://origin.test:8080/w/${webinarId}#t=ey`));
    house.mediaPlane.origin = null;
    expect(await ask()).toMatchObject({ status: 503, body: { error: { code: 'no-broadcaster' } } });
  });

  test('the host makes links of the own webinar, a moderator none, and nobody an owner’s', async () => {
    const webinarId = await create();
    const other = await create();
    const json = { role: 'panelist', name: 'Pia' };
    const host = await tokenOf(webinarId, 'host', 'person-1');
    const moderator = await tokenOf(webinarId, 'moderator', 'person-1');
    const at = (id: string, token: string, body: unknown = json) =>
      request('POST', `/api/webinars/${id}/links`, { token, json: body }).then((a) => a.status);
    expect(await at(webinarId, host)).toBe(201);
    expect(await at(other, host)).toBe(403);
    expect(await at(webinarId, moderator)).toBe(403);
    expect(await at('nowhere', owner)).toBe(404);
    expect(await at(webinarId, owner, { role: 'owner', name: 'Eve' })).toBe(400);
  });

  test('an attendee gets a token of their own for an open webinar', async () => {
    const webinarId = await create();
    const named = await request('POST', `/api/webinars/${webinarId}/attendees`, { json: { name: 'Ada' } });
    const guest = await request('POST', `/api/webinars/${webinarId}/attendees`, { json: {} });
    expect([named.status, guest.status]).toEqual([201, 201]);
    const { token, personId } = AttendeeToken.parse(named.body);
    expect(personId).not.toBe(guest.body.personId);
    expect(await verifyLink(token, SECRET, Date.now())).toMatchObject({
      claims: { webinarId, personId, role: 'attendee', name: 'Ada' },
    });
    expect((await request('POST', '/api/webinars/nowhere/attendees', { json: {} })).status).toBe(404);
  });

  describe('an attendee takes a name', () => {
    const join = (webinarId: string, token?: string, name?: string) =>
      request('POST', `/api/webinars/${webinarId}/attendees`, {
        json: name === undefined ? {} : { name },
        ...(token === undefined ? {} : { token }),
      });
    const watch = async (token: string) => {
      const client = house.client({ protocol: PROTOCOL_VERSION, token });
      await client.synced();
      return client;
    };
    const question = (client: Client) => client.view?.questions[0];

    test('and stays the same person: a vote cast as guest is still theirs, and cannot be cast twice', async () => {
      const webinarId = await create();
      const asker = await house.enter(webinarId, 'attendee');
      await asker.must('question:ask', { questionId: 'question-1', text: 'Why?' });
      const before = AttendeeToken.parse((await join(webinarId)).body);
      const guest = await watch(before.token);
      await guest.must('question:vote', { questionId: 'question-1', vote: true });

      const taken = await join(webinarId, before.token, 'Ada');
      expect(taken.status).toBe(201);
      const after = AttendeeToken.parse(taken.body);
      expect(after).toMatchObject({ personId: before.personId, expiresUnixMs: before.expiresUnixMs });
      const ada = await watch(after.token);
      expect(ada.view?.self).toMatchObject({ personId: before.personId, name: 'Ada', role: 'attendee' });
      expect(question(ada)).toMatchObject({ voted: true, votes: 1 });
      await ada.must('question:vote', { questionId: 'question-1', vote: true });
      expect(question(await watch(after.token))).toMatchObject({ voted: true, votes: 1 });
      await ada.must('question:vote', { questionId: 'question-1', vote: false });
      expect(question(await watch(before.token))).toMatchObject({ voted: false, votes: 0 });
    });

    test('and what they ask from then on carries it', async () => {
      const webinarId = await create();
      const before = (await join(webinarId)).body.token;
      const ada = await watch((await join(webinarId, before, 'Ada')).body.token);
      await ada.must('question:ask', { questionId: 'question-1', text: 'Why?' });
      const ask = await watch(before);
      expect(question(ask)).toMatchObject({ name: 'Ada', mine: true });
    });

    test('with a token that expires no later than the one they had', async () => {
      const webinarId = await create();
      const link = await tokenOf(webinarId, 'attendee', 'person-1');
      const was = await verifyLink(link, SECRET, Date.now());
      const taken = AttendeeToken.parse((await join(webinarId, link, 'Ada')).body);
      expect(was).toMatchObject({ ok: true, expiresUnixMs: taken.expiresUnixMs });
      expect(await verifyLink(taken.token, SECRET, Date.now())).toMatchObject({
        claims: { personId: 'person-1', name: 'Ada' },
        expiresUnixMs: taken.expiresUnixMs,
      });
    });

    test('but not who was removed: they stay so under any name', async () => {
      const webinarId = await create();
      const { token, personId } = (await join(webinarId)).body;
      const host = await house.enter(webinarId, 'host');
      const guest = await watch(token);
      await guest.must('hand:raise', {});
      await host.must('person:remove', { personId });
      expect(await join(webinarId, token, 'Somebody else')).toMatchObject({
        status: 401,
        body: { error: { code: 'unauthenticated', message: 'removed' } },
      });
      const again = house.client({ protocol: PROTOCOL_VERSION, token });
      await expect(again.synced()).rejects.toThrow('removed');
    });

    test('and nobody else does: other webinars, other roles, the expired and the forged are told so', async () => {
      const webinarId = await create();
      const other = await create('Other');
      const link = { linkId: 'link-1', generation: 0 };
      const claims = { ...link, webinarId, personId: 'person-1', role: 'attendee', name: 'Eve' } as const;
      const inAnHour = Date.now() + 3_600_000;
      const refused: [string, number, string][] = [
        [await tokenOf(other, 'attendee', 'person-1'), 403, 'forbidden'],
        [await tokenOf(webinarId, 'host', 'person-1'), 403, 'forbidden'],
        [await tokenOf(webinarId, 'moderator', 'person-1'), 403, 'forbidden'],
        [await tokenOf(webinarId, 'panelist', 'person-1'), 403, 'forbidden'],
        [owner, 403, 'forbidden'],
        [await signLink(claims, SECRET, Date.now() - 5000), 401, 'unauthenticated'],
        [await signLink(claims, 'the secret of someone else entirely', inAnHour), 401, 'unauthenticated'],
        ['garbage', 401, 'unauthenticated'],
        ['', 401, 'unauthenticated'],
      ];
      for (const [token, status, code] of refused) {
        const answer = await join(webinarId, token, 'Ada');
        expect([token, answer.status, answer.body.error?.code]).toEqual([token, status, code]);
        expect(answer.body.token).toBeUndefined();
      }
    });
  });
});

describe('refusals', () => {
  test('say what is wrong with the failure of the contract and the status of HTTP', async () => {
    const json = { title: 'T' };
    const expired = await signLink(
      { linkId: 'link-1', generation: 0, webinarId: '*', personId: 'owner', role: 'owner', name: 'O' },
      SECRET,
      Date.now() - 5000,
    );
    const cases: [Answer, number, string][] = [
      [await request('POST', '/api/webinars', { json }), 401, 'unauthenticated'],
      [await request('POST', '/api/webinars', { token: 'garbage', json }), 401, 'unauthenticated'],
      [await request('POST', '/api/webinars', { token: expired, json }), 401, 'unauthenticated'],
      [await request('POST', '/api/webinars', { token: owner, json: { title: '' } }), 400, 'bad-input'],
      [await request('GET', '/api/nothing'), 404, 'not-found'],
      [await request('GET', '/nothing'), 404, 'not-found'],
      [await request('DELETE', '/api/webinars'), 405, 'bad-input'],
      [await request('PUT', '/api/webinars/x/links'), 405, 'bad-input'],
      // What runs is nobody's business but the operator's.
      [await request('GET', '/metrics'), 404, 'not-found'],
      [await request('GET', '/readyz'), 404, 'not-found'],
      [await request('POST', '/api/webinars', { token: owner }), 415, 'bad-input'],
      [await request('POST', '/api/webinars', { token: owner, json: 'x'.repeat(70_000) }), 413, 'too-large'],
    ];
    for (const [answer, status, code] of cases) {
      expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    }
    expect(cases[3]?.[0].body.error.field).toBe('title');
    expect(cases[6]?.[0].headers.get('allow')).toBe('POST, GET');
  });

  test('a body that never says how long it is stops being read at the limit', async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(32)),
    });
    const response = await fetch(`${house.url}/api/webinars`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit).catch((error: Error) => error);
    // The answer, or the connection closed under the sender: either way it ended.
    if (response instanceof Response) expect(response.status).toBe(413);
    expect((await request('GET', '/healthz')).status).toBe(200);
  });

  test('an address that asks too often is told so', async () => {
    await house.close();
    const rate = { burst: 3, perSecond: 0.001 };
    house = await openHouse({ apiRates: { attendees: rate, other: rate } });
    const statuses = [];
    for (let i = 0; i < 5; i += 1)
      statuses.push((await request('GET', '/api/webinars/nowhere/public')).status);
    expect(statuses).toEqual([404, 404, 404, 429, 429]);
  });

  test('[R4] garbage on every route gets a failure, never a 5xx, and the next request works', async () => {
    const webinarId = await create();
    const json = fc.anything({ withNullPrototype: false, maxDepth: 2 }).map((value) => {
      try {
        return JSON.stringify(value) ?? 'undefined';
      } catch {
        return 'not JSON';
      }
    });
    const segment = fc.oneof(
      fc.constant(webinarId),
      fc.string({ minLength: 1 }).map(encodeURIComponentSafely),
    );
    const anyRequest = fc.record({
      route: fc.constantFrom(...(Object.values(ROUTES) as Route[])),
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'),
      id: segment,
      body: fc.oneof(json, fc.string()),
      type: fc.constantFrom('application/json', 'text/plain', 'application/json; charset=x', ''),
      authorization: fc.constantFrom(`Bearer ${owner}`, 'Bearer', 'Basic x', `bearer ${'a.'.repeat(50)}`),
    });
    await fc.assert(
      fc.asyncProperty(anyRequest, async ({ route, method, id, body, type, authorization }) => {
        const response = await fetch(`${house.url}${route.path.replace(':id', id)}`, {
          method,
          headers: { 'content-type': type, authorization },
          ...(method === 'GET' ? {} : { body }),
        });
        const text = await response.text();
        expect(response.status).toBeLessThan(500);
        if (response.status >= 400)
          expect(JSON.parse(text)).toHaveProperty(isV1(route.path) ? 'code' : 'error.code');
      }),
      { numRuns: 300 },
    );
    expect((await request('GET', `/api/webinars/${webinarId}/public`)).status).toBe(200);
  });

  test('[R4] bytes that are not HTTP, and sockets that speak nonsense, leave the server serving', async () => {
    const { port } = new URL(house.url);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
        await new Promise<void>((resolve) => {
          const socket = connect(Number(port), '127.0.0.1', () => socket.end(Buffer.from(bytes)));
          socket.on('error', () => undefined).on('close', () => resolve());
          socket.resume();
        });
      }),
      { numRuns: 30 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.constantFrom('40', '2probe', '5', '4999', '42["x"', '451-["x",{"_placeholder":true,"num":0}]'),
        ),
        async (frame) => {
          const socket = new WebSocket(
            `${house.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`,
          );
          await new Promise<void>((resolve) => {
            socket.onclose = () => resolve();
            socket.onerror = () => resolve();
            socket.onopen = () => {
              socket.send('40/webinar,{"protocol":1,"token":"x"}');
              socket.send(frame);
              socket.close();
            };
          });
        },
      ),
      { numRuns: 50 },
    );
    expect((await request('GET', '/healthz')).status).toBe(200);
  });
});

describe('other origins', () => {
  test('only origins of broadcasters and of the settings may use the API and the sockets', async () => {
    const allowed = async (origin: string, path: string) =>
      (await fetch(`${house.url}${path}`, { headers: { origin } })).headers.get(
        'access-control-allow-origin',
      );
    for (const path of ['/api/webinars/nowhere/public', '/socket.io/?EIO=4&transport=polling']) {
      expect(await allowed('http://origin.test:8080', path)).toBe('http://origin.test:8080');
      expect(await allowed('https://pages.example', path)).toBe('https://pages.example');
      expect(await allowed(house.url, path)).toBe(house.url);
      expect(await allowed('https://evil.example', path)).toBeNull();
      expect(await allowed('null', path)).toBeNull();
    }
    const preflight = await fetch(`${house.url}/api/webinars/x/attendees`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://origin.test:8080',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe(
      'authorization,content-type,idempotency-key,if-match',
    );
  });
});

describe('operations', () => {
  test('health, readiness and metrics tell how it stands', async () => {
    expect((await request('GET', '/healthz')).body).toEqual({ ok: true });
    expect(await house.coordinator.readiness()).toEqual({ ready: true, sfuNodes: 1, broadcasterNodes: 1 });
    await create();
    expect(await house.metrics.registry.metrics()).toContain(
      'rostrum_http_request_duration_seconds_count{method="POST",status="201"} 1',
    );
    house.store.check = () => Promise.reject(new Error('disk gone'));
    await expect(house.coordinator.readiness()).rejects.toThrow('disk gone');
  });

  test('answers that are data can never run, nor be kept', async () => {
    for (const path of ['/healthz', '/api/webinars', '/api/nothing']) {
      const { headers } = await request('GET', path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test('the OpenAPI document has every route, with the schemas that validate', async () => {
    const { body } = await request('GET', '/api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.servers).toEqual([{ url: house.url }]);
    for (const route of Object.values(ROUTES) as Route[]) {
      const operation = body.paths[route.path.replaceAll(/:(\w+)/g, '{$1}')][route.method];
      expect(operation.responses[route.status]).toBeDefined();
      const token = route.scope === undefined ? [] : [{ apiToken: [route.scope] }];
      expect(operation.security).toEqual(
        {
          true: [{ bearer: [] }, { session: [] }, ...token],
          false: undefined,
          optional: [{}, { bearer: [] }, ...token],
          account: [{ session: [] }],
        }[`${route.bearer}`],
      );
    }
    const rows = body.paths['/api/webinars/{id}/quality'].get.responses[200].content;
    expect(Object.keys(rows)).toEqual(['application/x-ndjson']);
    const input = body.paths['/api/webinars'].post.requestBody.content['application/json'].schema;
    expect(input).toMatchObject({ required: ['title'], properties: { title: { maxLength: 120 } } });
  });
});

/** Lone surrogates have no encoding. */
function encodeURIComponentSafely(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return 'x';
  }
}
