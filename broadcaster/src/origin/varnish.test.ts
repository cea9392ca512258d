/** The generated Varnish in front of the real origin: one object, one origin request, however many ask. */
import { type Edge, startEdge } from '@rostrum/cdn-config/edge';
import { MediaKeys, signMediaRight } from '@rostrum/contracts/media-right';
import { idOfAccess } from '@rostrum/contracts/media-urls';
import { freePort } from '@rostrum/service-kit/free-port';
import { House, request } from './testing/house.ts';

describe('behind Varnish', () => {
  let house: House;
  let edge: Edge;
  let port: number;

  beforeAll(async () => {
    house = await House.open();
    house.feedTo(48 * 8 + 16);
    port = await freePort();
    edge = await startEdge({
      host: '127.0.0.1',
      port,
      originHost: '127.0.0.1',
      originPort: house.port,
      memoryMb: 64,
      log: () => undefined,
    });
  });

  afterAll(async () => {
    await edge?.close();
    await house?.close();
  });

  const originRequests = async (): Promise<number> =>
    house.metric('rostrum_origin_responses_total', { class: 'playlist', status: '200' });

  test('[LL23] many who wait for one playlist make exactly one origin request', async () => {
    const before = await originRequests();
    const waiting = Array.from({ length: 200 }, (_, i) =>
      request(port, `/live/show/hi.m3u8?_HLS_msn=9&_HLS_part=2&CMCD=sid%3D${i}`),
    );
    await house.held(1);
    // All are in: the edge has one connection for each.
    await new Promise((resolve) => setTimeout(resolve, 300));
    house.feedTo(48 * 8 + 24);
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1);
    expect(answers[0]?.body.toString()).toContain('hi/e1/s9.p2.mp4');
    expect((await originRequests()) - before).toBe(1);
    // [LL20] and whoever asks later gets it from the edge.
    const counters = await edge.counters();
    expect(counters.get('MAIN.client_req')).toBeGreaterThanOrEqual(200);
    const late = await request(port, '/live/show/hi.m3u8?_HLS_part=2&x=y&_HLS_msn=9');
    expect(late.body.equals(answers[0]?.body ?? Buffer.alloc(0))).toBe(true);
    expect((await originRequests()) - before).toBe(1);
  });

  test('[LL17] [LL23] the hinted part is asked for once', async () => {
    const metric = { class: 'media', status: '200' };
    const before = await house.metric('rostrum_origin_responses_total', metric);
    const waiting = Array.from({ length: 100 }, () => request(port, '/live/show/lo/e1/s9.p3.mp4'));
    await house.held(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    house.feedTo(48 * 8 + 32);
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await house.metric('rostrum_origin_responses_total', metric)) - before).toBe(1);
  });

  test('[LL22] [LL14] methods, CORS and bad requests are as at the origin', async () => {
    const preflight = await request(port, '/live/show/hi.m3u8', { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, '*']);
    expect((await request(port, '/live/show/hi.m3u8', { method: 'POST' })).status).toBe(405);
    expect((await request(port, '/live/show/hi.m3u8?_HLS_part=3')).status).toBe(400);
    const { headers } = await request(port, '/live/show/hi/e1/s1.mp4?x=1');
    expect(headers['access-control-expose-headers']).toContain('Age');
    expect(headers.age).toBeDefined();
  });

  test('whoever plays the recording gets from the edge what live has put there: no segment is asked of the origin again', async () => {
    const names = ['hi/e1/init.mp4', ...[1, 2, 3].map((msn) => `hi/e1/s${msn}.mp4`)];
    const live = await Promise.all(names.map((name) => request(port, `/live/show/${name}`)));
    await house.output.end();
    house.origin.removeChannel('show');
    const answers = async (): Promise<number> =>
      (await house.metric('rostrum_origin_responses_total', { class: 'media', status: '200' })) +
      (await house.metric('rostrum_origin_responses_total', { class: 'recording', status: '200' }));
    const playlist = (await request(port, '/recordings/show/hi.m3u8')).body.toString();
    expect(playlist).toContain('#EXT-X-ENDLIST');
    const before = await answers();
    for (const [i, name] of names.entries()) {
      const address = [...playlist.matchAll(/^(?:#.*URI=")?([^#"\n]+\.mp4)"?$/gm)].find(([, uri]) =>
        uri?.endsWith(name),
      );
      const { pathname } = new URL(
        address?.[1] ?? 'none',
        `http://127.0.0.1:${port}/recordings/show/hi.m3u8`,
      );
      const { status, body } = await request(port, pathname);
      expect([pathname, status, body.equals(live[i]?.body ?? Buffer.of())]).toEqual([pathname, 200, true]);
    }
    expect((await answers()) - before).toBe(0);
    // What is the bucket's alone is not there where there is none.
    expect((await request(port, '/standard/show/multivariant.m3u8')).status).toBe(404);
  });
});

test('behind Varnish alone a private channel is the origin’s to refuse, for each who asks', async () => {
  const channelId = idOfAccess('show', 'private');
  const keys = MediaKeys.parse(`one:${'1'.repeat(32)}`);
  const house = await House.open({ channelId, mediaKeys: keys, nowUnixMs: Date.now });
  const port = await freePort();
  const edge = await startEdge({
    ...{ host: '127.0.0.1', port, memoryMb: 16, log: () => undefined },
    ...{ originHost: '127.0.0.1', originPort: house.port },
  });
  try {
    house.feedTo(48 * 4);
    const path = `/private/live/${channelId}/hi.m3u8`;
    const cookie = `rostrum-media=${await signMediaRight(channelId, keys, Date.now() + 60_000)}`;
    const statuses = [];
    for (const headers of [{}, { cookie }, {}, { cookie: `${cookie}x` }, { cookie }]) {
      statuses.push((await request(port, path, { headers })).status);
    }
    expect(statuses).toEqual([403, 200, 403, 403, 200]);
  } finally {
    await edge.close();
    await house.close();
  }
});
