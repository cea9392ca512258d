/** `/api/v1` as a program meets it: over HTTP, with a token of the API, against a whole coordinator. */
import { API_SCOPES, type ApiScope, type CreatedApiToken, type WebinarEvent } from '@rostrum/contracts';
import { LIMITS } from '../../identity/limits.ts';
import { type House, openHouse, tokenOf } from '../../testing/house.ts';
import type { Route } from '../route.ts';
import { V1_COMMANDS, V1_ROUTES } from './routes.ts';

const ROUTES: readonly Route[] = [...Object.values(V1_ROUTES), ...Object.values(V1_COMMANDS)];

let house: House;
let owner: string;
const open = async (overrides: Parameters<typeof openHouse>[0] = {}): Promise<void> => {
  house = await openHouse(overrides);
  owner = (await house.coordinator.service.ownerUrl()).split('#t=')[1] ?? '';
};
afterEach(() => house.close());

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field.
type Body = any;
interface Asking {
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
async function ask(method: string, path: string, bearer: string, { json, headers }: Asking = {}) {
  const answer = await fetch(`${house.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
}
const tokenWith = async (...scopes: ApiScope[]): Promise<string> => {
  const made = await ask('POST', '/api/v1/tokens', owner, { json: { name: 'A program', scopes } });
  return (made.body as CreatedApiToken).secret;
};
const log = async (webinarId: string, ...events: WebinarEvent[]): Promise<void> => {
  await house.mediaPlane.words?.append(webinarId, () => events);
};
const admitted = (personId: string, role: 'panelist' | 'moderator' | 'attendee'): WebinarEvent => ({
  ...{ type: 'person.admitted', personId, name: `Name of ${personId}`, role },
});

describe('each operation', () => {
  test('is for tokens of its scope, and for no others', async () => {
    await open();
    const webinarId = await house.webinar();
    const secrets = new Map<ApiScope, string>();
    for (const scope of API_SCOPES) secrets.set(scope, await tokenWith(scope));
    for (const { method, path, scope, body } of ROUTES) {
      const at = path.replace(':id', webinarId).replace(/:\w+/, 'nobody-here');
      for (const [granted, secret] of secrets) {
        const enough = granted === scope || granted === scope?.replace('read', 'write');
        // Nothing of it is done: the body is none, or the person is nobody.
        const asking = body ? { json: [] } : {};
        if (enough && !body && method === 'post') continue;
        if (enough && method === 'delete') continue;
        const { status } = await ask(method.toUpperCase(), at, secret, asking);
        expect([path, granted, status === 403]).toEqual([path, granted, !enough]);
      }
    }
  });

  test('says what is left of the rate, and when there is more', async () => {
    // Time stands still: what is left is what was not taken.
    const clock = { nowMs: () => 1000, nowUnixMs: () => Date.now() };
    await open({
      clock,
      limits: { ...LIMITS, http: { ...LIMITS.http, person: { burst: 2, perSecond: 0.5 } } },
    });
    const secret = await tokenWith('webinars:read');
    const [first, second, third] = [
      await ask('GET', '/api/v1/webinars', secret),
      await ask('GET', '/api/v1/webinars/none', secret),
      await ask('GET', '/api/v1/webinars', secret),
    ];
    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=2;w=4');
    expect(first.headers.get('ratelimit')).toBe('"default";r=1;t=2');
    expect([second.status, second.headers.get('ratelimit')]).toEqual([404, '"default";r=0;t=4']);
    expect(third).toMatchObject({ status: 429, body: { code: 'rate-limited', retry: true } });
    expect(third.headers.get('ratelimit')).toBe('"default";r=0;t=4');
    expect(third.headers.get('retry-after')).toBe('2');
  });
});

test('a webinar is planned, found, goes live, ends and is given up', async () => {
  await open();
  const secret = await tokenWith('webinars:write');
  const made = await ask('POST', '/api/v1/webinars', secret, {
    json: { title: 'Town hall', startsAtUnixMs: 1_900_000_000_000 },
  });
  expect(made).toMatchObject({ status: 201, body: { title: 'Town hall', phase: 'scheduled' } });
  const at = made.headers.get('location') ?? '';
  expect(await ask('GET', at, secret)).toMatchObject({ status: 200, body: made.body });
  expect(await ask('POST', `${at}/go-live`, secret)).toMatchObject({ status: 200, body: { phase: 'live' } });
  expect(await ask('DELETE', at, secret)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(await ask('POST', `${at}/end`, secret)).toMatchObject({
    status: 200,
    body: { phase: 'ended', recording: 'pending' },
  });
  await house.mediaPlane.settle(made.body.webinarId, false);
  expect((await ask('DELETE', at, secret)).status).toBe(200);
  expect((await ask('GET', '/api/v1/webinars', secret)).body).toEqual({ webinars: [], next: null });
});

test('a list is walked by its cursors: each once, also of one moment, whatever is added meanwhile', async () => {
  await open();
  const secret = await tokenWith('webinars:read', 'recordings:read');
  const ids = Array.from({ length: 7 }, (_, i) => `webinar-${i}`);
  const create = (webinarId: string, atUnixMs: number): Promise<void> =>
    house.store.events.create(webinarId, {
      atUnixMs,
      event: { type: 'webinar.created', title: webinarId, startsAtUnixMs: null, profile: 'standard' },
    });
  for (const [i, id] of ids.entries()) await create(id, 1_800_000_000_000 + Math.floor(i / 3));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await ask('GET', `/api/v1/webinars?limit=2${query}`, secret);
    seen.push(...body.webinars.map((w: Body) => w.webinarId));
    cursor = body.next;
    await create(`later-${seen.length}`, 1_900_000_000_000);
  } while (cursor !== null);
  expect(seen.toSorted()).toEqual(ids);
  expect(seen.slice(0, 4)).toEqual(['webinar-6', 'webinar-3', 'webinar-4', 'webinar-5']);
  const [first] = [(await ask('GET', '/api/v1/webinars?limit=2', secret)).body.next as string];
  for (const bad of ['limit=0', 'limit=101', 'limit=x', 'cursor=x', `cursor=${first}x`.slice(0, -3)]) {
    const refused = await ask('GET', `/api/v1/webinars?${bad}`, secret);
    expect([bad, refused.status, refused.body.field]).toEqual([bad, 400, bad.split('=')[0]]);
  }
  expect((await ask('GET', `/api/v1/recordings?cursor=${first}`, secret)).status).toBe(400);
});

test('participants are listed, muted together, and removed for good', async () => {
  await open();
  const secret = await tokenWith('people:write');
  const webinarId = await house.webinar();
  await log(
    webinarId,
    ...['pia', 'paul'].map((id) => admitted(`panelist-${id}`, 'panelist')),
    admitted('moderator-1', 'moderator'),
    admitted('attendee-1', 'attendee'),
    { type: 'person.muted', personId: 'panelist-pia', byPersonId: 'host', byName: 'Hana' },
  );
  house.mediaPlane.staged = ['panelist-pia', 'moderator-1'];
  const at = `/api/v1/webinars/${webinarId}/participants`;
  expect((await ask('POST', `${at}/mute-all`, secret)).body).toEqual({ muted: 1 });
  expect((await ask('POST', `${at}/mute-all`, secret)).body).toEqual({ muted: 0 });
  const first = (await ask('GET', `${at}?limit=3`, secret)).body;
  expect(first.participants.map((p: Body) => [p.personId, p.muted, p.onStage])).toEqual([
    ['attendee-1', false, false],
    ['moderator-1', false, true],
    ['panelist-paul', true, false],
  ]);
  expect((await ask('POST', `${at}/panelist-paul/unmute`, secret)).status).toBe(200);
  expect((await ask('POST', `${at}/nobody-here/mute`, secret)).body).toMatchObject({
    code: 'not-found',
    field: 'personId',
  });
  expect((await ask('DELETE', `${at}/panelist-pia`, secret)).status).toBe(200);
  const rest = (await ask('GET', `${at}?limit=3&cursor=${first.next}`, secret)).body;
  expect(rest).toMatchObject({ participants: [{ personId: 'panelist-pia', state: 'removed' }], next: null });
});

test('somebody joins by a link that a program made, and no more once it is taken back', async () => {
  await open();
  const secret = await tokenWith('people:write');
  const webinarId = await house.webinar();
  const at = `/api/v1/webinars/${webinarId}/links`;
  const made = await ask('POST', at, secret, { json: { role: 'panelist', name: 'Pia' } });
  expect(made.status).toBe(201);
  const client = house.client({ token: made.body.token });
  await client.synced();
  expect((await ask('GET', at, secret)).body.links).toMatchObject([{ name: 'Pia', connections: 1 }]);
  expect((await ask('DELETE', `${at}/${made.body.linkId}`, secret)).status).toBe(200);
  await client.gone();
});

test('of two who change the same, the one who has not seen the other’s change is refused', async () => {
  await open();
  const secret = await tokenWith('webinars:write', 'recordings:write');
  const webinarId = await house.webinar();
  const at = `/api/v1/webinars/${webinarId}/rules`;
  const read = await ask('GET', at, secret);
  expect(read.body).toEqual({ moderation: 'open', mayUnmute: true, recordTracks: false });
  const etag = read.headers.get('etag') ?? '';
  const change = (json: unknown, match?: string) =>
    ask('PATCH', at, secret, { json, headers: match === undefined ? {} : { 'if-match': match } });
  const changed = await change({ mayUnmute: false }, etag);
  expect(changed).toMatchObject({ status: 200, body: { moderation: 'open', mayUnmute: false } });
  expect(await change({ moderation: 'moderated' }, etag)).toMatchObject({
    status: 412,
    body: { code: 'changed-meanwhile' },
  });
  expect((await ask('GET', at, secret)).headers.get('etag')).toBe(changed.headers.get('etag'));
  expect((await change({ moderation: 'moderated' }, changed.headers.get('etag') ?? '')).status).toBe(200);
  expect((await change({ recordTracks: true })).body).toEqual({
    ...{ moderation: 'moderated', mayUnmute: false, recordTracks: true },
  });
});

test('a plan is changed field by field, and only as it was read where that is asked', async () => {
  await open();
  const secret = await tokenWith('webinars:write');
  const at = `/api/v1/webinars/${await house.webinar()}/plan`;
  const read = await ask('GET', at, secret);
  const etag = read.headers.get('etag') ?? '';
  const change = (json: unknown) => ask('PATCH', at, secret, { json, headers: { 'if-match': etag } });
  const changed = await change({ fields: { lengthMinutes: 90 } });
  expect(changed).toMatchObject({ status: 200, body: { plan: { lengthMinutes: 90 } } });
  expect(await change({ title: 'Other' })).toMatchObject({
    status: 412,
    body: { code: 'changed-meanwhile' },
  });
  expect((await ask('PATCH', at, secret, { json: { title: 'Other' } })).body.title).toBe('Other');
});

test('a recording is listed with its files, unpublished, and deleted', async () => {
  await open();
  const secret = await tokenWith('recordings:write');
  const [webinarId] = [await house.webinar('Recorded'), await house.webinar('Planned')];
  await log(
    webinarId,
    { type: 'webinar.wentLive', channelId: webinarId, originUrl: 'http://origin.test:8080' },
    { type: 'webinar.ended', recording: 'pending' },
    {
      ...{ type: 'webinar.recordingSettled', recorded: true },
      by: { nodeId: 'node-1', originUrl: 'http://origin.test:8080', durationMs: 61_000 },
    },
    { type: 'recording.downloadsWanted', renditions: ['hi', 'lo'] },
  );
  house.mediaPlane.healthNow = {
    ...house.mediaPlane.healthNow,
    downloads: [{ rendition: 'hi', state: 'ready', bytes: 7, path: 'downloads/hi.mp4' }],
  };
  const listed = (await ask('GET', '/api/v1/recordings', secret)).body;
  expect(listed).toMatchObject({ recordings: [{ webinarId, recording: 'ready' }], next: null });
  const at = `/api/v1/webinars/${webinarId}/recording`;
  const read = await ask('GET', at, secret);
  const folder = `http://origin.test:8080/recordings/${webinarId}`;
  expect(read.body).toMatchObject({
    ...{ state: 'ready', published: true, durationMs: 61_000, playlistUrl: `${folder}/multivariant.m3u8` },
    downloads: [
      { rendition: 'hi', state: 'ready', bytes: 7, url: `${folder}/downloads/hi.mp4` },
      { rendition: 'lo', state: 'wanted', bytes: null, url: null },
    ],
  });
  const changed = await ask('PATCH', at, secret, {
    json: { published: false, downloads: ['lo'] },
    headers: { 'if-match': read.headers.get('etag') ?? '' },
  });
  expect(changed).toMatchObject({
    status: 200,
    body: { published: false, playlistUrl: null, downloads: [{ rendition: 'lo', state: 'wanted' }] },
  });
  expect((await ask('DELETE', at, secret)).body).toMatchObject({ recording: 'deleting' });
});

test('people of a webinar use it as their roles let them', async () => {
  await open();
  const webinarId = await house.webinar();
  const moderator = await tokenOf(webinarId, 'moderator', 'moderator-1');
  const listed = await ask('GET', '/api/v1/webinars', moderator);
  expect(listed.body.webinars).toMatchObject([{ webinarId }]);
  expect((await ask('POST', `/api/v1/webinars/${webinarId}/go-live`, moderator)).status).toBe(403);
  expect((await ask('GET', '/api/v1/recordings', moderator)).body).toEqual({ recordings: [], next: null });
});

test('OpenAPI has every operation with its problems, its scope and what may stand after ?', async () => {
  await open();
  const { body } = await ask('GET', '/api/openapi.json', owner);
  const list = body.paths['/api/v1/webinars'].get;
  expect(list.parameters.map((p: Body) => [p.name, p.in])).toEqual([
    ['limit', 'query'],
    ['cursor', 'query'],
  ]);
  expect(list.security).toEqual([{ bearer: [] }, { session: [] }, { apiToken: ['webinars:read'] }]);
  expect(list.responses.default.content).toHaveProperty(['application/problem+json']);
  for (const { method, path } of ROUTES) {
    expect(body.paths[path.replaceAll(/:(\w+)/g, '{$1}')]).toHaveProperty(method);
  }
});
