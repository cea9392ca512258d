/** Private channels at the edge, with the real programs: who has no right gets nothing, from the cache neither. */
import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { MediaKeys, signMediaRight, verifyMediaRight } from '@rostrum/contracts/media-right';
import { idOfAccess } from '@rostrum/contracts/media-urls';
import { freePort } from '@rostrum/service-kit/free-port';
import { type HoldingOrigin, PART_BYTES } from '../testing/holding-origin.ts';
import { openTlsEdge, type TlsEdge } from '../testing/tls-edge.ts';
import { type Answer, type Http2Viewer, http1Get } from '../testing/viewers.ts';
import { startEdge } from './edge.ts';

const ID = idOfAccess('show', 'private');
const OTHER = idOfAccess('other', 'private');
const KEYS = MediaKeys.parse(`one:${'1'.repeat(32)},two:${'-_'.repeat(16)}`);
const right = (channelId = ID, keys = KEYS, validMs = 600_000): Promise<string> =>
  signMediaRight(channelId, keys, Date.now() + validMs);

let house: TlsEdge;
let origin: HoldingOrigin;
let port: number;
let viewer: Http2Viewer;
/** What was asked before is in the cache: each test asks for names of its own. */
let name = 0;

beforeAll(async () => {
  house = await openTlsEdge(KEYS);
  ({ origin, port, viewer } = house);
});
afterAll(() => house?.close());
beforeEach(() => {
  name += 1;
});

const part = (id = ID): string => `/private/live/${id}/hi/e1/s${name}.p0.mp4`;
const get = (path: string, token?: string): Promise<Answer> =>
  viewer.ask(path, 'GET', token === undefined ? {} : { cookie: `a=b; rostrum-media=${token}` }).answer;

test('who has the right gets it from the cache that another one filled; who has none gets 403 before and after', async () => {
  expect((await get(part())).status).toBe(403);
  expect(origin.asked.get(part())).toBeUndefined();
  const first = await get(part(), await right());
  expect([first.status, first.body.length]).toEqual([200, PART_BYTES]);
  expect((await get(part(), await right(ID, KEYS.slice(1)))).status).toBe(200);
  expect((await http1Get(port, part(), { cookie: `rostrum-media=${await right()}` })).status).toBe(200);
  expect(origin.asked.get(part())).toBe(1);
  for (const answer of [await get(part()), await http1Get(port, part())]) {
    expect([answer.status, JSON.parse(answer.body)]).toEqual([403, { error: 'no-right' }]);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' });
  }
});

test('[P4] held reloads of a private channel are one request to the origin, known by their directives', async () => {
  const path = `/private/live/${ID}/hi.m3u8?_HLS_msn=${name}&_HLS_part=0`;
  const tokens = [await right(), await right(ID, KEYS, 500_000)];
  const held = tokens.map((token) => get(`${path}&x=${token.length}`, token));
  await origin.holds(1);
  expect((await get(path)).status).toBe(403);
  origin.release();
  expect((await Promise.all(held)).map(({ status, body }) => [status, body])).toEqual(
    Array(2).fill([200, path]),
  );
  expect(origin.asked.get(path)).toBe(1);
});

test('what the origin takes for no right, the edge takes for none', async () => {
  const good = await right();
  const [head = '', body = '', signature = ''] = good.split('.');
  const claims = { iss: 'rostrum', aud: 'rostrum:media', sub: ID, exp: Math.floor(Date.now() / 1000) + 600 };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = (change: object, header: object): string =>
    `${encode({ alg: 'HS256', kid: 'one', ...header })}.${encode({ ...claims, ...change })}`;
  const sign = (change: object, header: object = {}, hash = 'sha256'): string => {
    const text = unsigned(change, header);
    return `${text}.${createHmac(hash, '1'.repeat(32)).update(text).digest('base64url')}`;
  };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const byCurve = unsigned({}, { alg: 'ES256' });
  const curveSignature = signWith('sha256', Buffer.from(byCurve), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  const bad = [
    await right(OTHER),
    await right(ID, KEYS, -1000),
    await right(ID, MediaKeys.parse(`one:${'9'.repeat(32)}`)),
    await right(ID, MediaKeys.parse(`three:${'1'.repeat(32)}`)),
    await right(ID, MediaKeys.parse(`two:${'1'.repeat(32)}`)),
    `${head}.${encode({ ...claims, exp: claims.exp + 1e6 })}.${signature}`,
    `${encode({ alg: 'none', kid: 'one' })}.${body}.`,
    `${encode({ alg: 'none', kid: 'one' })}.${body}.${signature}`,
    sign({}, { alg: 'HS512' }, 'sha512'),
    sign({}, { alg: 'HS512' }),
    sign({}, { kid: undefined }),
    `${byCurve}.${curveSignature.toString('base64url')}`,
    sign({ aud: 'rostrum:link' }),
    sign({ iss: 'else' }),
    sign({ exp: undefined }),
    sign({ sub: undefined }),
    good.slice(0, -2),
    `${head}.${body}`,
    '',
    'x'.repeat(3000),
    `${good}; rostrum-media=x`,
  ];
  for (const token of bad) {
    const plain = token.split(';').at(-1)?.replace(' rostrum-media=', '') ?? '';
    const known = await verifyMediaRight(plain, KEYS, Date.now());
    expect([token, known?.channelId === ID]).toEqual([token, false]);
    expect([token, (await get(part(), token)).status]).toEqual([token, 403]);
  }
  expect(origin.asked.get(part())).toBeUndefined();
  for (const token of [good, sign({}), `x; rostrum-media=${good}`]) {
    expect([token, (await get(part(), token)).status]).toEqual([token, 200]);
  }
});

test('a right to one channel opens no other, however the path is written', async () => {
  const token = await right(OTHER);
  for (const path of [part(), `/private/live/../live/${ID}/x.mp4`, `/private/recordings/${ID}/x.mp4`]) {
    expect([path, (await get(path, token)).status]).toEqual([path, 403]);
  }
  const absolute = (cookie: string): Promise<Answer> =>
    http1Get(port, `http://elsewhere${part()}`, { host: 'elsewhere', cookie: `rostrum-media=${cookie}` });
  expect((await absolute(token)).status).toBe(403);
  expect((await absolute(await right())).status).toBe(200);
  origin.asked.delete(part());
  expect((await absolute(token)).status).toBe(403);
  expect(origin.asked.get(part())).toBeUndefined();
});

test('open channels need no cookie, and none of theirs goes to the origin', async () => {
  expect((await get(`/live/show/hi/e1/s${name}.p0.mp4`)).status).toBe(200);
  expect((await viewer.ask(part(), 'OPTIONS').answer).status).toBe(204);
});

test('an edge without TLS keeps nothing private: the origin is asked for each', async () => {
  const plainPort = await freePort();
  const plain = await startEdge({
    ...{ host: '127.0.0.1', port: plainPort, memoryMb: 16, mediaKeys: KEYS },
    ...{ originHost: '127.0.0.1', originPort: origin.port, log: () => undefined },
  });
  try {
    for (let n = 0; n < 2; n += 1)
      await (await fetch(`http://127.0.0.1:${plainPort}${part()}`)).arrayBuffer();
    expect(origin.asked.get(part())).toBe(2);
  } finally {
    await plain.close();
  }
});
