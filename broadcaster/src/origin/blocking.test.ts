/** Blocking playlist reload and held parts over real sockets. */
import { gunzipSync } from 'node:zlib';
import type { LatencyProfile } from '@rostrum/contracts/profile';
import { ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { House } from './testing/house.ts';

/** A target duration of one second, so that what is held too long is not long. */
const SHORT: LatencyProfile = {
  name: 'fast',
  partMs: 200,
  segmentMs: 1000,
  targetDurationS: 1,
  partHoldBackMs: 600,
};

let house: House;
afterEach(() => house.close());

describe('playlists', () => {
  beforeEach(async () => {
    house = await House.open();
    house.feedTo(48 + 16);
  });

  test('[LL11] an MSN alone is answered when the whole segment is there', async () => {
    const waiting = house.get('/live/show/hi.m3u8?_HLS_msn=2');
    await house.held(1);
    house.feedTo(48 + 40);
    await house.held(1);
    house.feedTo(96);
    const { status, body } = await waiting;
    expect(status).toBe(200);
    expect(body.toString()).toContain('\nhi/e1/s2.mp4\n');
  });

  test('[LL12] an MSN and a part are answered with that part', async () => {
    const waiting = house.get('/live/show/hi.m3u8?_HLS_msn=2&_HLS_part=2');
    await house.held(1);
    house.feedTo(48 + 24);
    const text = (await waiting).body.toString();
    expect(text).toContain('URI="hi/e1/s2.p2.mp4"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI="hi/e1/s2.p3.mp4"');
  });

  test('[LL12] past the last part of a segment waits for the first of the next', async () => {
    const waiting = house.get('/live/show/hi.m3u8?_HLS_msn=2&_HLS_part=6');
    await house.held(1);
    house.feedTo(96);
    await house.held(1);
    house.feedTo(96 + 8);
    expect((await waiting).body.toString()).toContain('hi/e1/s3.p0.mp4",INDEPENDENT=YES');
  });

  test('[LL13] what is there, or older than the window, is answered at once with the playlist as it is', async () => {
    const current = await house.text('/live/show/hi.m3u8');
    expect(await house.text('/live/show/hi.m3u8?_HLS_msn=1')).toBe(current);
    expect(await house.text('/live/show/hi.m3u8?_HLS_msn=2&_HLS_part=1')).toBe(current);
    expect(await house.text('/live/show/hi.m3u8?_HLS_msn=0')).toBe(current);
  });

  test.each([
    '_HLS_part=1',
    '_HLS_msn=9',
    '_HLS_msn=2&_HLS_part=12',
    '_HLS_msn=abc',
    '_HLS_msn=2&_HLS_part=-1',
    '_HLS_msn=2&_HLS_msn=3',
  ])('[LL14] %s is a bad request', async (query) => {
    const { status, headers } = await house.get(`/live/show/hi.m3u8?${query}`);
    expect(status).toBe(400);
    expect(headers['cache-control']).toBe('public, max-age=1');
  });

  test('[LL16] a delta update is asked for by _HLS_skip', async () => {
    house.feedTo(48 * 14);
    for (const skip of ['YES', 'v2']) {
      expect(await house.text(`/live/show/hi.m3u8?_HLS_skip=${skip}`)).toContain(
        '#EXT-X-SKIP:SKIPPED-SEGMENTS=',
      );
    }
    expect(await house.text('/live/show/hi.m3u8?_HLS_skip=other')).not.toContain('#EXT-X-SKIP');
  });

  test('[LL18] directives are never echoed in a URI', async () => {
    house.feedTo(48 * 10);
    const text = await house.text('/live/show/hi.m3u8?_HLS_msn=3&_HLS_part=2&_HLS_skip=YES&token=abc');
    expect(text).not.toMatch(/_HLS_|token/);
  });

  test('[LL19] one part completes: each variant is rendered once, all who wait get the same bytes', async () => {
    const renders = (variant: string): Promise<number> =>
      house.metric('rostrum_origin_playlist_renders_total', { variant });
    const before = [await renders('full'), await renders('delta')];
    const waiting = Array.from({ length: 60 }, (_, i) =>
      house.get(`/live/show/hi.m3u8?_HLS_msn=2&_HLS_part=2${i % 2 === 0 ? '' : '&_HLS_skip=YES'}`, {
        headers: i % 3 === 0 ? { 'accept-encoding': 'gzip' } : {},
      }),
    );
    await house.held(60);
    house.feedTo(48 + 24);
    const answers = await Promise.all(waiting);
    const texts = answers.map(({ headers, body }) =>
      (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString(),
    );
    expect(answers.filter(({ headers }) => headers['content-encoding'] === 'gzip')).toHaveLength(20);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(texts.filter((_, i) => i % 2 === 0)).size).toBe(1);
    expect(new Set(texts.filter((_, i) => i % 2 === 1)).size).toBe(1);
    expect([await renders('full'), await renders('delta')]).toEqual(before.map((count) => count + 1));
  });

  test('[LL15] a client that goes away is forgotten at once', async () => {
    const abort = new AbortController();
    const waiting = house.get('/live/show/hi.m3u8?_HLS_msn=3&_HLS_part=0', { signal: abort.signal });
    await house.held(1);
    abort.abort();
    await expect(waiting).rejects.toThrow();
    await house.held(0);
  });

  test('[LL15] an origin that stops answers everybody, and refuses who comes later', async () => {
    const playlists = [1, 2, 3].map(() => house.get('/live/show/lo.m3u8?_HLS_msn=2&_HLS_part=5'));
    const part = house.get('/live/show/lo/e1/s2.p2.mp4');
    await house.held(4);
    await house.origin.stop();
    for (const { status } of await Promise.all([...playlists, part])) expect(status).toBe(503);
    expect((await house.get('/live/show/lo.m3u8')).status).toBe(503);
  });

  test('[LL9] the end answers everybody with ENDLIST, whatever they waited for', async () => {
    const waiting = house.get('/live/show/hi.m3u8?_HLS_msn=3&_HLS_part=0');
    await house.held(1);
    await house.output.end();
    expect((await waiting).body.toString()).toContain('#EXT-X-ENDLIST');
    expect((await house.get('/live/show/hi.m3u8?_HLS_msn=99&_HLS_part=7')).status).toBe(200);
  });

  test('a channel that is removed answers 404 to who waits and who comes', async () => {
    const waiting = house.get('/live/show/hi.m3u8?_HLS_msn=3&_HLS_part=0');
    await house.held(1);
    house.origin.removeChannel('show');
    expect((await waiting).status).toBe(404);
    expect((await house.get('/live/show/hi.m3u8')).status).toBe(404);
  });
});

describe('parts', () => {
  beforeEach(async () => {
    house = await House.open();
    house.feedTo(48 + 16);
  });

  test('[LL17] a hinted part is held, and sent when it is whole', async () => {
    const hint = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(await house.text('/live/show/hi.m3u8'))?.[1];
    const waiting = house.get(`/live/show/${hint}`);
    await house.held(1);
    house.feedTo(48 + 20);
    await house.held(1);
    house.feedTo(48 + 24);
    const { status, headers, body } = await waiting;
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('video/mp4');
    expect(Number(headers['content-length'])).toBe(body.byteLength);
    expect(body.equals((await house.get(`/live/show/${hint}`)).body)).toBe(true);
  });

  test('[LL17] a hint that a restart of the compositor took back is 404', async () => {
    const waiting = house.get('/live/show/hi/e1/s2.p2.mp4');
    await house.held(1);
    house.restartCompositor(ZERO_UNIX_MS + 4000);
    expect((await waiting).status).toBe(404);
  });

  test('[LL17] the hinted init segment of the next epoch is held until the encoder is configured', async () => {
    house.output.push({ type: 'epoch', epoch: 2, timelineZeroUnixMs: ZERO_UNIX_MS + 5000 });
    const text = await house.text('/live/show/hi.m3u8');
    expect(text).toContain('#EXT-X-PRELOAD-HINT:TYPE=MAP,URI="hi/e2/init.mp4"');
    const waiting = house.get('/live/show/hi/e2/init.mp4');
    await house.held(1);
    house.restartCompositor(ZERO_UNIX_MS + 6000);
    // That was one epoch too many: the hinted one never came to anything.
    expect((await waiting).status).toBe(404);
    expect((await house.get('/live/show/hi/e3/init.mp4')).status).toBe(200);
  });

  test('[LL3] a segment is its parts, joined', async () => {
    const parts = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((i) => house.get(`/live/show/hi/e1/s1.p${i}.mp4`)),
    );
    const segment = await house.get('/live/show/hi/e1/s1.mp4');
    expect(segment.body.equals(Buffer.concat(parts.map(({ body }) => body)))).toBe(true);
  });
});

test('[LL15] what is held longer than three target durations is 503, not to be kept', async () => {
  house = await House.open({ profile: SHORT });
  house.feedTo(30);
  const started = performance.now();
  const [playlist, part] = await Promise.all([
    house.get('/live/show/hi.m3u8?_HLS_msn=2&_HLS_part=2'),
    house.get('/live/show/hi/e1/s2.p1.mp4'),
  ]);
  expect(performance.now() - started).toBeGreaterThanOrEqual(3000);
  for (const { status, headers } of [playlist, part]) {
    expect(status).toBe(503);
    expect(headers['cache-control']).toBe('public, max-age=1');
  }
  await house.held(0);
});

test('before the first part the playlists are held, then answered', async () => {
  house = await House.open();
  const waiting = ['hi.m3u8', 'audio.m3u8', 'lo.m3u8?_HLS_msn=1&_HLS_part=0'].map((name) =>
    house.get(`/live/show/${name}`),
  );
  await house.held(3);
  house.feedTo(9);
  for (const { status, body } of await Promise.all(waiting)) {
    expect(status).toBe(200);
    expect(body.toString()).toContain('#EXT-X-PART:');
  }
});
