import { freePort } from '@rostrum/service-kit/free-port';
import { HoldingOrigin, PART_BYTES } from '../testing/holding-origin.ts';
import { openTlsEdge, type TlsEdge } from '../testing/tls-edge.ts';
import { Http2Viewer, http1Get } from '../testing/viewers.ts';
import { type Edge, startEdge } from './edge.ts';

let house: TlsEdge;
let origin: HoldingOrigin;
let edge: Edge;
let port: number;
let viewer: Http2Viewer;
/** Each test asks for media sequence numbers of its own: what was asked before is in the cache. */
let msn = 0;

beforeAll(async () => {
  house = await openTlsEdge();
  ({ origin, edge, port, viewer } = house);
});

afterAll(() => house?.close());

beforeEach(() => {
  msn += 1;
});

const playlist = (rendition: string): string => `/live/show/${rendition}.m3u8?_HLS_msn=${msn}&_HLS_part=0`;
const counter = async (name: string): Promise<number> => (await edge.counters()).get(name) ?? 0;
/** Requests that Varnish works on or holds. */
const requests = async (): Promise<number> =>
  (await counter('MEMPOOL.req0.live')) + (await counter('MEMPOOL.req1.live'));

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

test('[LL19] over one HTTP/2 connection parts pass beside the held playlists of all renditions', async () => {
  expect(viewer.session.alpnProtocol).toBe('h2');
  const renditions = ['a', 'b', 'c', 'd', 'e', 'f'];
  const held = renditions.map((rendition) => viewer.get(playlist(rendition)));
  await origin.holds(6);
  const parts = await Promise.all(renditions.map((rendition) => viewer.get(`/live/show/${rendition}/p.mp4`)));
  expect(parts.map(({ status, body }) => [status, body.length])).toEqual(
    renditions.map(() => [200, PART_BYTES]),
  );
  origin.release();
  const answers = await Promise.all(held);
  expect(answers.map(({ status, body }) => [status, body])).toEqual(
    renditions.map((rendition) => [200, playlist(rendition)]),
  );
});

test('[LL19] HTTP/1.1 over TLS gets the same answers, held ones too', async () => {
  const held = http1Get(port, playlist('a'));
  await origin.holds(1);
  expect((await http1Get(port, '/live/show/a/p1.mp4')).body).toHaveLength(PART_BYTES);
  origin.release();
  expect(await held).toMatchObject({ status: 200, body: playlist('a') });
});

test('[LL20] [LL22] headers for caches and for players in other pages pass through', async () => {
  const { headers } = await viewer.get('/live/show/a/p2.mp4');
  expect(headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'access-control-allow-origin': '*',
    'access-control-expose-headers':
      'Age, Date, Content-Length, Content-Range, Retry-After, Rostrum-Shedding',
    'content-length': String(PART_BYTES),
  });
  expect(headers.via).toContain('varnish');
  const preflight = await viewer.ask('/live/show/a/p2.mp4', 'OPTIONS').answer;
  expect(preflight.status).toBe(204);
  expect(preflight.headers['access-control-allow-methods']).toBe('GET, HEAD, OPTIONS');
  const refused = await viewer.ask('/live/show/a/p2.mp4', 'POST').answer;
  expect(refused).toMatchObject({
    status: 405,
    body: '{"error":"method-not-allowed" }',
    headers: { 'access-control-allow-origin': '*', allow: 'GET, HEAD, OPTIONS' },
  });
});

test.each([400, 404, 503])("the origin's %i passes through, readable for players", async (status) => {
  const answer = await viewer.get(`/live/status/${status}`);
  expect(answer).toMatchObject({ status, body: `{"error":"${status}"}` });
  expect(answer.headers['access-control-allow-origin']).toBe('*');
});

test('[LL22] an origin that is gone: the edge’s own 503 is readable, and says when to ask again', async () => {
  const gone = await HoldingOrigin.open();
  const port = await freePort();
  const lonely = await startEdge({
    ...{ host: '127.0.0.1', port, memoryMb: 16 },
    ...{ originHost: '127.0.0.1', originPort: gone.port, log: () => undefined },
  });
  try {
    gone.close();
    const answer = await fetch(`http://127.0.0.1:${port}/live/show/a.m3u8`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ error: 'origin-unreachable' });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': expect.stringContaining('Retry-After'),
      'retry-after': '1',
    });
  } finally {
    await lonely.close();
  }
});

test('[P4] a hundred streams of one connection that wait for one object are answered by one request', async () => {
  const held = Array.from({ length: 100 }, () => viewer.get(playlist('hundred')));
  await until(async () => (await requests()) === 100);
  origin.release();
  const answers = await Promise.all(held);
  expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(
    new Set([`200 ${playlist('hundred')}`]),
  );
  expect(origin.asked.get(playlist('hundred'))).toBe(1);
});

test('streams that are cancelled take nobody with them and leave nothing', async () => {
  const canceller = await Http2Viewer.open(port);
  const cancelled = Array.from({ length: 50 }, () => canceller.ask(playlist('cancelled')));
  await origin.holds(1);
  // One of those was the request for which the origin is asked.
  const stays = viewer.get(playlist('cancelled'));
  await until(async () => (await requests()) === 51);
  for (const asked of cancelled) asked.cancel();
  expect((await canceller.get('/live/show/a/p3.mp4')).status).toBe(200);
  origin.release();
  expect(await stays).toMatchObject({ status: 200, body: playlist('cancelled') });
  expect(origin.asked.get(playlist('cancelled'))).toBe(1);
  await canceller.close();
  await until(async () => (await requests()) === 0);
  await until(async () => (await counter('haproxy.CurrSslConns')) === 1);
});
