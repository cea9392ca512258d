import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from './api.ts';

let server: Server;
let asked: { readonly what: string; readonly atMs: number }[];
/** One for each request, then 200. */
let answers: { readonly status: number; readonly retryAfter?: string; readonly body?: unknown }[];
const browserFetch = globalThis.fetch;

beforeEach(async () => {
  asked = [];
  answers = [];
  server = createServer((request, response) => {
    asked.push({ what: `${request.method} ${request.url}`, atMs: performance.now() });
    const {
      status,
      retryAfter,
      body = {},
    } = answers.shift() ?? { status: 200, body: { webinars: [], recording: null } };
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // A page asks its own origin.
  globalThis.fetch = (path, init) => browserFetch(`http://127.0.0.1:${port}${path}`, init);
});
afterEach(() => {
  globalThis.fetch = browserFetch;
  server.closeAllConnections();
  server.close();
});

const api = createApi('token');
const refusal = { error: { code: 'rate-limited', message: '' } };

test('a server that is busy is asked again when it says, whatever was asked', async () => {
  answers.push({ status: 429, retryAfter: '1', body: refusal });
  const made = await api.createWebinar({ title: 'T', startsAtUnixMs: null, profile: 'fast', access: 'open' });
  expect(made.ok).toBe(true);
  expect((asked[1]?.atMs ?? 0) - (asked[0]?.atMs ?? 0)).toBeGreaterThan(990);
});

test('what may have been done already is not asked for twice', async () => {
  const failed = { error: { code: 'unavailable', message: '' } };
  answers.push({ status: 503, retryAfter: '0', body: failed });
  expect(
    await api.createWebinar({ title: 'T', startsAtUnixMs: null, profile: 'fast', access: 'open' }),
  ).toMatchObject({
    ok: false,
    error: { code: 'unavailable' },
  });
  answers.push({ status: 503, retryAfter: '0', body: failed });
  expect(await api.listWebinars()).toEqual({ ok: true, value: { webinars: [], recording: null } });
  answers.push({ status: 503, retryAfter: '0', body: failed });
  expect((await api.cancelWebinar('webinar-1')).ok).toBe(true);
  expect(asked.map(({ what }) => what)).toEqual([
    'POST /api/webinars',
    'GET /api/webinars',
    'GET /api/webinars',
    'DELETE /api/webinars/webinar-1',
    'DELETE /api/webinars/webinar-1',
  ]);
});

test('who would have to wait too long is told at once', async () => {
  answers.push({ status: 429, retryAfter: '60', body: refusal });
  expect(await api.listWebinars()).toMatchObject({ ok: false, error: { code: 'rate-limited' } });
  expect(asked).toHaveLength(1);
});

test('a refusal names the field', async () => {
  answers.push({ status: 400, body: { error: { code: 'bad-input', message: '', field: 'title' } } });
  const made = await api.createWebinar({ title: '', startsAtUnixMs: null, profile: 'fast', access: 'open' });
  expect(made).toMatchObject({ ok: false, error: { code: 'bad-input', field: 'title' } });
});
