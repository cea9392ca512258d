/** Headers, methods, ranges, paths: the rest of HTTP, over real sockets. */
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { makeCertificate } from './testing/fuzz-house.ts';
import { House } from './testing/house.ts';

let house: House;
beforeAll(async () => {
  house = await House.open({ windowMs: 20_000 });
  house.feedTo(48 * 16);
  await house.archived();
  house.feedTo(48 * 16 + 16);
});
afterAll(() => house.close());

const cacheOf = async (path: string): Promise<string | undefined> =>
  (await house.get(path)).headers['cache-control'];

describe('caching', () => {
  test('[LL20] a playlist that was waited for may be kept six target durations', async () => {
    const waiting = house.get('/live/show/hi.m3u8?_HLS_msn=17&_HLS_part=2');
    await house.held(1);
    house.feedTo(48 * 16 + 24);
    expect((await waiting).headers['cache-control']).toBe('public, max-age=12');
  });

  test('[LL20] a playlist that was there, or asked without directives, one second', async () => {
    expect(await cacheOf('/live/show/hi.m3u8')).toBe('public, max-age=1');
    expect(await cacheOf('/live/show/hi.m3u8?_HLS_msn=16')).toBe('public, max-age=1');
  });

  test('[LL20] the multivariant playlist about half a segment', async () => {
    expect(await cacheOf('/live/show/multivariant.m3u8')).toBe('public, max-age=1');
  });

  test('[LL20] parts, segments and init segments a year', async () => {
    for (const name of ['hi/e1/init.mp4', 'hi/e1/s16.p3.mp4', 'hi/e1/s16.mp4', 'audio/e1/s16.mp4']) {
      expect(await cacheOf(`/live/show/${name}`)).toBe('public, max-age=31536000, immutable');
    }
  });

  test('[LL20] errors at most one second', async () => {
    expect(await cacheOf('/live/show/hi/e1/s99.mp4')).toBe('public, max-age=1');
    expect(await cacheOf('/nothing')).toBe('public, max-age=1');
  });
});

test('[R7] playlists say that the compositor leaves work out, with the next answer, and as long as it does', async () => {
  const told = async (path: string): Promise<unknown> => (await house.get(path)).headers['rostrum-shedding'];
  expect(await told('/live/show/hi.m3u8')).toBeUndefined();
  house.output.push({ type: 'shedding', shed: ['small-layers', '720p'] });
  expect(await told('/live/show/hi.m3u8')).toBe('small-layers 720p');
  expect(await told('/live/show/audio.m3u8?_HLS_msn=16')).toBe('small-layers 720p');
  expect((await house.get('/live/show/hi.m3u8')).headers['access-control-expose-headers']).toContain(
    'Rostrum-Shedding',
  );
  house.output.push({ type: 'shedding', shed: [] });
  expect(await told('/live/show/hi.m3u8')).toBeUndefined();
});

describe('media', () => {
  test('[LL19] playlists and media carry their types', async () => {
    expect((await house.get('/live/show/multivariant.m3u8')).headers['content-type']).toBe(
      'application/vnd.apple.mpegurl',
    );
    expect((await house.get('/live/show/hi.m3u8')).headers['content-type']).toBe(
      'application/vnd.apple.mpegurl',
    );
    expect((await house.get('/live/show/audio/e1/s16.mp4')).headers['content-type']).toBe('video/mp4');
  });

  test('[LL5] what left the window, and what left the memory, comes from disk', async () => {
    const text = await house.text('/live/show/hi.m3u8');
    expect(text).not.toContain('hi/e1/s1.mp4');
    expect((await house.get('/live/show/hi/e1/s1.mp4')).status).toBe(200);
    // In the window still, its bytes no longer in memory.
    const oldest = Number(/hi\/e1\/s(\d+)\.mp4/.exec(text)?.[1]);
    const whole = await house.get(`/live/show/hi/e1/s${oldest}.mp4`);
    const parts = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((i) => house.get(`/live/show/hi/e1/s${oldest}.p${i}.mp4`)),
    );
    expect(parts.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(Buffer.concat(parts.map(({ body }) => body)).equals(whole.body)).toBe(true);
  });

  test.each(['s1', 's16'])('ranges of %s are served, from disk or from memory', async (segment) => {
    const path = `/live/show/hi/e1/${segment}.mp4`;
    const whole = (await house.get(path)).body;
    const ranged = (range: string) => house.get(path, { headers: { range } });
    const middle = await ranged('bytes=10-19');
    expect(middle.status).toBe(206);
    expect(middle.headers['content-range']).toBe(`bytes 10-19/${whole.byteLength}`);
    expect(middle.body.equals(whole.subarray(10, 20))).toBe(true);
    expect((await ranged('bytes=-7')).body.equals(whole.subarray(-7))).toBe(true);
    expect((await ranged('bytes=100-')).body.equals(whole.subarray(100))).toBe(true);
    const beyond = await ranged(`bytes=${whole.byteLength}-`);
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${whole.byteLength}`]);
    for (const odd of ['bytes=5-2', 'bytes=a-b', 'bytes=0-1,4-5', 'items=0-1'])
      expect((await ranged(odd)).status).toBe(200);
  });

  test('HEAD has the headers of GET and no body', async () => {
    for (const path of ['/live/show/hi.m3u8', '/live/show/hi/e1/s16.mp4', '/live/show/hi/e1/s1.mp4']) {
      const head = await house.get(path, { method: 'HEAD' });
      const get = await house.get(path);
      expect(head.status).toBe(200);
      expect(head.body.byteLength).toBe(0);
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
    }
  });
});

describe('requests', () => {
  test('[LL22] any player may read, and see Age, Date and Content-Length', async () => {
    for (const path of ['/live/show/hi.m3u8', '/live/show/hi/e1/s1.mp4', '/live/none/hi.m3u8']) {
      const { headers } = await house.get(path, { headers: { origin: 'https://elsewhere.example' } });
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-expose-headers']).toMatch(/Age, Date, Content-Length/);
    }
    const preflight = await house.get('/live/show/hi.m3u8', { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-methods']).toBe('GET, HEAD, OPTIONS');
    expect(preflight.headers['access-control-allow-headers']).toContain('Range');
  });

  test.each([
    ['a bad directive', 400, '/live/show/hi.m3u8?_HLS_part=3', {}],
    ['a part far ahead', 400, '/live/show/hi.m3u8?_HLS_msn=900', {}],
    ['no such channel', 404, '/live/none/hi.m3u8', {}],
    ['no such segment', 404, '/live/show/hi/e1/s900.mp4', {}],
    ['no such recording', 404, '/recordings/none/multivariant.m3u8', {}],
    ['no such page', 404, '/nothing', {}],
    ['no such asset', 404, '/assets/nothing.js', {}],
    ['another method', 405, '/live/show/hi.m3u8', { method: 'POST' }],
    ['a range beyond', 416, '/live/show/hi/e1/s1.mp4', { headers: { range: 'bytes=99999999-' } }],
  ] as const)('[LL22] %s: any page can read the %i', async (_what, status, path, init) => {
    const answer = await house.get(path, init);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': expect.stringContaining('Retry-After'),
      'content-type': 'application/json',
    });
    expect(JSON.parse(answer.body.toString())).toEqual({ error: expect.any(String) });
  });

  test('[LL22] [LL15] a hold that took too long, and an origin that stops, say when to ask again', async () => {
    const other = await House.open({});
    try {
      other.feedTo(48 * 3);
      await other.origin.stop();
      const { status, headers } = await other.get('/live/show/hi.m3u8');
      expect(status).toBe(503);
      expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'retry-after': '1' });
    } finally {
      await other.close();
    }
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is not allowed', async (method) => {
    const { status, headers } = await house.get('/live/show/hi.m3u8', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test.each([
    '/',
    '/live',
    '/live/show',
    '/live/show/',
    '/live/other/hi.m3u8',
    '/live/show/4k.m3u8',
    '/live/show/journal.jsonl',
    '/live/show/hi/e1/../../journal.jsonl',
    '/live/show/%2e%2e/show/journal.jsonl',
    '/live/../live/show/hi.m3u8',
    '/recordings/show/journal.jsonl',
    '/recordings/../show/journal.jsonl',
    '/recordings/show/../../../../etc/passwd',
    '/recordings/show/hi/e1/..%2f..%2fjournal.jsonl',
    '/recordings/show/hi/e1//s1.mp4',
    '/recordings/show/4k.m3u8',
    '/recordings/none/hi/e1/s1.mp4',
    '/assets/../index.html',
    '/w/a/b',
    '/w/show',
    '//live/show/hi.m3u8',
    'http://elsewhere',
    'ftp://elsewhere/live/show/hi.m3u8',
    '/live/show/hi.m3u8%00',
  ])('%s is not found', async (path) => {
    expect((await house.get(path)).status).toBe(404);
  });

  test('a name of absurd length is not found', async () => {
    expect((await house.get(`/live/show/${'a'.repeat(4000)}`)).status).toBe(404);
  });
});

test('[LL19] the same handler serves HTTP/2 over TLS, HTTP/1.1 beside it', async () => {
  const { key, cert } = await makeCertificate();
  const server = http2.createSecureServer({ key, cert, allowHTTP1: true }, house.origin.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const get2 = (path: string, headers = {}): Promise<{ status: unknown; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':path': path, ...headers });
      const chunks: Buffer[] = [];
      let status: unknown;
      stream.on('response', (headers) => {
        status = headers[':status'];
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => resolve({ status, body: Buffer.concat(chunks) }));
      stream.on('error', reject);
      stream.end();
    });
  try {
    const held = get2('/live/show/lo.m3u8?_HLS_msn=17&_HLS_part=3');
    const heldPart = get2('/live/show/lo/e1/s17.p3.mp4');
    await house.held(2);
    house.feedTo(48 * 16 + 32);
    expect(await held).toMatchObject({ status: 200 });
    expect((await heldPart).body.equals((await house.get('/live/show/lo/e1/s17.p3.mp4')).body)).toBe(true);
    expect(
      (await get2('/live/show/lo/e1/s1.mp4')).body.equals((await house.get('/live/show/lo/e1/s1.mp4')).body),
    ).toBe(true);
    const packed = await get2('/live/show/lo.m3u8', { 'accept-encoding': 'gzip' });
    expect(gunzipSync(packed.body).toString()).toBe(await house.text('/live/show/lo.m3u8'));
    const status1 = await new Promise((resolve, reject) => {
      https
        .get(
          { host: '127.0.0.1', port, path: '/live/show/lo.m3u8', rejectUnauthorized: false, agent: false },
          (answer) => {
            answer.resume();
            answer.on('end', () => resolve(answer.statusCode));
          },
        )
        .on('error', reject);
    });
    expect(status1).toBe(200);
  } finally {
    session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});
