/** The client for programs, against a whole coordinator. */
import { readFileSync } from 'node:fs';
import type { CreatedApiToken } from '@rostrum/contracts';
import { ApiProblem, everything, RostrumClient } from '../../../api-client/client.ts';
import { type House, openHouse } from '../../testing/house.ts';
import { CLIENT_FILE, clientText, typeOf } from './write-client.ts';

test('the client is as the routes are now (npm run write:api-client -w host-console)', () => {
  expect(readFileSync(CLIENT_FILE, 'utf8')).toBe(clientText());
});

test('a schema is written as the type of what it lets through', () => {
  expect(typeOf({ enum: ['a', 'b'] })).toBe('"a" | "b"');
  expect(typeOf({ anyOf: [{ type: 'integer' }, { type: 'number' }, { type: 'null' }] })).toBe(
    'number | null',
  );
  expect(typeOf({ type: 'array', items: { const: 1 } })).toBe('readonly (1)[]');
  expect(typeOf({ type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a'] })).toBe(
    '{ readonly "a": string; readonly "b"?: unknown; }',
  );
  expect(typeOf({ type: 'object', additionalProperties: { type: 'boolean' } })).toBe(
    'Readonly<Record<string, boolean>>',
  );
});

describe('the client', () => {
  let house: House;
  let token: string;
  let slept: number[] = [];
  /** Between the client and the network. */
  let between: (ask: () => Promise<Response>) => Promise<Response> = (ask) => ask();
  const client = () =>
    new RostrumClient({
      ...{ baseUrl: `${house.url}/`, token, random: () => 1 },
      fetch: (...request) => between(() => fetch(...request)),
      sleep: async (ms) => void slept.push(ms),
    });
  beforeEach(async () => {
    house = await openHouse();
    slept = [];
    between = (ask) => ask();
    const owner = (await house.coordinator.service.ownerUrl()).split('#t=')[1] ?? '';
    const made = await fetch(`${house.url}/api/v1/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ name: 'Client', scopes: ['webinars:write', 'people:write', 'webhooks:write'] },
      }),
    });
    token = ((await made.json()) as CreatedApiToken).secret;
  });
  afterEach(() => house.close());

  test('plans a webinar, lets somebody in, changes what was read, and lists everything', async () => {
    const rostrum = client();
    const { value: webinar } = await rostrum.createWebinar({ title: 'Town hall' });
    const { value: link } = await rostrum.createLink(webinar.webinarId, { role: 'panelist', name: 'Pia' });
    await house.client({ token: link.token }).synced();
    const { etag } = await rostrum.getRules(webinar.webinarId);
    const first = await rostrum.changeRules(webinar.webinarId, { mayUnmute: false }, { ifMatch: etag ?? '' });
    expect(first.value.mayUnmute).toBe(false);
    const second = rostrum.changeRules(webinar.webinarId, { mayUnmute: true }, { ifMatch: etag ?? '' });
    await expect(second).rejects.toMatchObject({ status: 412, code: 'changed-meanwhile' });
    for (let i = 0; i < 4; i += 1) await rostrum.createWebinar({ title: `Webinar ${i}` });
    const titles: string[] = [];
    const all = everything(
      (cursor) => rostrum.listWebinars({ limit: 2, ...(cursor === undefined ? {} : { cursor }) }),
      ({ webinars }) => webinars,
    );
    for await (const { title } of all) titles.push(title);
    expect(titles.toSorted()).toEqual(['Town hall', ...[0, 1, 2, 3].map((i) => `Webinar ${i}`)]);
    expect((await rostrum.listWebhooks()).value).toEqual({ webhooks: [] });
  });

  test('has no token of its own on pages, where the browser sends a session', async () => {
    const sent: (string | null)[] = [];
    const page = new RostrumClient({
      ...{ baseUrl: house.url, token: null },
      fetch: (url, init) => {
        sent.push(new Headers(init?.headers).get('authorization'));
        return fetch(url, init);
      },
    });
    await expect(page.listWebinars()).rejects.toMatchObject({ status: 401 });
    expect(sent).toEqual([null]);
  });

  test('asks again where an answer was lost, and nothing is done twice', async () => {
    let asked = 0;
    between = async (ask) => {
      asked += 1;
      const response = await ask();
      if (asked < 3) throw new TypeError('the connection broke');
      return response;
    };
    const { value, replayed } = await client().createWebinar({ title: 'Once' });
    expect(replayed).toBe(true);
    expect(slept).toEqual([500, 1000]);
    const { webinars } = (await client().listWebinars()).value;
    expect(webinars.map(({ webinarId }) => webinarId)).toEqual([value.webinarId]);
  });

  test('waits as long as it is asked to, and no longer than it may', async () => {
    const busy = (retryAfter: string) =>
      Response.json({ code: 'rate-limited' }, { status: 429, headers: { 'retry-after': retryAfter } });
    let answers = [busy('7'), busy('0')];
    between = async (ask) => answers.shift() ?? ask();
    await client().listWebinars();
    expect(slept).toEqual([7000, 0]);
    answers = [busy('3600')];
    await expect(client().listWebinars()).rejects.toMatchObject({ code: 'rate-limited', status: 429 });
    answers = Array.from({ length: 9 }, () => busy('1'));
    await expect(client().listWebinars()).rejects.toBeInstanceOf(ApiProblem);
    expect(slept.slice(2)).toEqual([1000, 1000, 1000, 1000]);
  });

  test('does not ask again for what is refused, nor make a change anew that is good for one state only', async () => {
    const rostrum = client();
    const refused = rostrum.createWebinar({ title: '' });
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'bad-input', field: 'title' });
    const { value } = await rostrum.createWebinar({ title: 'T' });
    const { etag } = await rostrum.getRules(value.webinarId);
    between = async (ask) => {
      await ask();
      throw new TypeError('the connection broke');
    };
    const change = rostrum.changeRules(value.webinarId, { mayUnmute: false }, { ifMatch: etag ?? '' });
    await expect(change).rejects.toThrow('the connection broke');
    expect(slept).toEqual([]);
  });
});
