/** Private channels at an origin without an edge: every answer but 403 needs the cookie of a right to the channel. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MediaKeys, signMediaRight } from '@rostrum/contracts/media-right';
import { idOfAccess } from '@rostrum/contracts/media-urls';
import { ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { House } from './testing/house.ts';

const ID = idOfAccess('show', 'private');
const KEYS = MediaKeys.parse(`one:${'1'.repeat(32)},two:${'2'.repeat(32)}`);
const LIVE = `/private/live/${ID}/hi.m3u8`;
const RECORDED = `/private/recordings/${ID}/multivariant.m3u8`;

let nowUnixMs = ZERO_UNIX_MS;
let house: House;
beforeEach(async () => {
  nowUnixMs = ZERO_UNIX_MS;
  house = await House.open({ channelId: ID, mediaKeys: KEYS, nowUnixMs: () => nowUnixMs });
  house.feedTo(48 * 4);
  await house.archived();
});
afterEach(() => house.close());

const right = (channelId = ID, keys = KEYS, validMs = 600_000): Promise<string> =>
  signMediaRight(channelId, keys, ZERO_UNIX_MS + validMs);
const get = (path: string, token?: string, method = 'GET') =>
  house.get(path, { method, headers: token === undefined ? {} : { cookie: `a=b; rostrum-media=${token}` } });

test('with a right to it, playlists, parts, segments and HEAD are as of an open channel', async () => {
  const token = await right();
  expect((await get(LIVE, token)).headers['cache-control']).toBe('public, max-age=1');
  for (const name of ['multivariant.m3u8', 'hi/e1/init.mp4', 'hi/e1/s3.p0.mp4', 'hi/e1/s1.mp4']) {
    const path = `/private/live/${ID}/${name}`;
    expect([name, (await get(path, token)).status, (await get(path, token, 'HEAD')).status]).toEqual([
      name,
      200,
      200,
    ]);
    expect([name, (await get(path)).status, (await get(path, undefined, 'HEAD')).status]).toEqual([
      name,
      403,
      403,
    ]);
  }
});

test('a held reload needs the right when it is asked, and is answered in its time', async () => {
  const path = `${LIVE}?_HLS_msn=5&_HLS_part=2`;
  const held = get(path, await right());
  await house.held(1);
  expect((await get(path)).status).toBe(403);
  house.feedTo(48 * 4 + 24);
  expect((await held).status).toBe(200);
});

test('[LL22] a refusal can be read by any page, and is kept by no cache', async () => {
  for (const path of [
    LIVE,
    RECORDED,
    `/private/live/${ID}/hi/e1/s1.mp4`,
    `/private/live/${idOfAccess('none', 'private')}/hi.m3u8`,
  ]) {
    const answer = await house.get(path, { headers: { origin: 'https://elsewhere.example' } });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body.toString())).toEqual({ error: 'no-right' });
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' });
  }
});

test('another channel’s right, another key’s, one that was altered, one without a signature, none: all are 403', async () => {
  const good = await right();
  const [head = '', body = '', signature = ''] = good.split('.');
  const none = Buffer.from('{"alg":"none","kid":"one"}').toString('base64url');
  const longer = JSON.parse(Buffer.from(body, 'base64url').toString()) as { exp: number };
  const altered = Buffer.from(JSON.stringify({ ...longer, exp: longer.exp + 1e6 })).toString('base64url');
  const bad = [
    await right(idOfAccess('other', 'private')),
    await right(ID, MediaKeys.parse(`one:${'9'.repeat(32)}`)),
    await right(ID, MediaKeys.parse(`three:${'3'.repeat(32)}`)),
    `${head}.${altered}.${signature}`,
    `${none}.${body}.`,
    `${none}.${body}.${signature}`,
    good.slice(0, -1),
    '',
    'x'.repeat(5000),
    `${good}; rostrum-media=x`,
  ];
  for (const token of bad) expect([token, (await get(LIVE, token)).status]).toEqual([token, 403]);
  expect((await get(LIVE, `x; rostrum-media=${good}`)).status).toBe(200);
});

test('a right ends when it does, though it was verified before; each key signs while it is one of ours', async () => {
  const [first, second] = [await right(), await right(ID, KEYS.slice(1), 900_000)];
  for (const token of [first, second]) expect((await get(LIVE, token)).status).toBe(200);
  nowUnixMs += 600_000;
  expect((await get(LIVE, first)).status).toBe(403);
  expect((await get(LIVE, second)).status).toBe(200);
});

test('a private channel has no other address, and an open one none below /private', async () => {
  const token = await right();
  for (const path of [
    LIVE.replace('/private', ''),
    RECORDED.replace('/private', ''),
    `/private/live/show/hi.m3u8`,
    `/private${LIVE}`,
    `//private/live/${ID}/hi.m3u8`,
    `/%70rivate/live/${ID}/hi.m3u8`,
    `/private/live/${ID}`,
    `/live/x/../../private/live/${ID}/hi.m3u8`,
  ]) {
    expect([path, (await get(path, token)).status]).toEqual([path, 404]);
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  }
});

test('a right to one channel opens nothing beside it, whatever the path says', async () => {
  const token = await right(idOfAccess('other', 'private'));
  const other = idOfAccess('other', 'private');
  for (const path of [
    `/private/live/${other}/../${ID}/hi.m3u8`,
    `/private/live/${other}/..%2f${ID}/hi.m3u8`,
    `/private/recordings/${other}/../${ID}/multivariant.m3u8`,
    `/private/recordings/${other}/../${ID}/hi/e1/s1.mp4`,
  ]) {
    expect([path, (await get(path, token)).status]).toEqual([path, 404]);
  }
  expect((await get(`${LIVE}?x=/private/live/${other}/`, token)).status).toBe(403);
});

test('a recording needs the right too, and is gone for everybody once it is deleted while it plays', async () => {
  const { recordingPath } = await house.output.end();
  expect(recordingPath).toBe(RECORDED);
  const [token, media] = [await right(), `/private/live/${ID}/hi/e1/s1.mp4`];
  for (const path of [RECORDED, media]) {
    expect([(await get(path)).status, (await get(path, token)).status]).toEqual([403, 200]);
  }
  house.origin.removeChannel(ID);
  await rm(join(house.archiveDir, ID), { recursive: true });
  expect((await get(media, token)).status).toBe(404);
  expect((await get(media)).status).toBe(403);
});

test('a key that comes is taken at once, and what one signed that went is refused, though it was verified before', async () => {
  let keys: typeof KEYS = KEYS.slice(1);
  const ring = { keys };
  const changing = await House.open({
    ...{ channelId: ID, nowUnixMs: () => nowUnixMs },
    mediaKeys: {
      get keys() {
        return ring.keys;
      },
      async look() {
        ring.keys = keys;
      },
    },
  });
  try {
    changing.feedTo(48 * 4);
    const status = async (token: string): Promise<number> =>
      (await changing.get(LIVE, { headers: { cookie: `rostrum-media=${token}` } })).status;
    const [byFirst, bySecond] = [await right(ID, KEYS.slice(0, 1)), await right(ID, KEYS.slice(1))];
    expect([await status(byFirst), await status(bySecond)]).toEqual([403, 200]);
    keys = KEYS;
    expect([await status(byFirst), await status(bySecond)]).toEqual([200, 200]);
    keys = KEYS.slice(0, 1);
    expect([await status(byFirst), await status(bySecond)]).toEqual([200, 403]);
  } finally {
    await changing.close();
  }
});

test('a right by a key that came within the last look is looked for once more', async () => {
  const ring: { keys: typeof KEYS } = { keys: KEYS.slice(1) };
  const lazy = await House.open({
    ...{ channelId: ID, nowUnixMs: () => nowUnixMs },
    mediaKeys: {
      get keys() {
        return ring.keys;
      },
      async look(withinMs) {
        if (withinMs < 1000) ring.keys = KEYS;
      },
    },
  });
  try {
    lazy.feedTo(48 * 4);
    const cookie = `rostrum-media=${await right(ID, KEYS.slice(0, 1))}`;
    expect((await lazy.get(LIVE, { headers: { cookie } })).status).toBe(200);
  } finally {
    await lazy.close();
  }
});

test('without keys nobody has a right', async () => {
  const closed = await House.open({ channelId: ID, nowUnixMs: () => nowUnixMs });
  try {
    const answer = await closed.get(LIVE, { headers: { cookie: `rostrum-media=${await right()}` } });
    expect(answer.status).toBe(403);
  } finally {
    await closed.close();
  }
});

test('a CDN that verified the right itself shows a secret instead; nothing like it does', async () => {
  const secrets = ['n'.repeat(32), 'o'.repeat(32)];
  const behind = await House.open({ channelId: ID, mediaKeys: KEYS, cdnSecrets: secrets });
  try {
    behind.feedTo(48 * 4);
    const status = async (secret: string): Promise<number> =>
      (await behind.get(LIVE, { headers: { 'rostrum-cdn': secret } })).status;
    for (const secret of secrets) expect(await status(secret)).toBe(200);
    for (const wrong of [
      '',
      'n'.repeat(31),
      'n'.repeat(33),
      'x'.repeat(32),
      secrets.join(','),
      secrets.join(', '),
    ]) {
      expect([wrong, await status(wrong)]).toEqual([wrong, 403]);
    }
    expect((await house.get(LIVE, { headers: { 'rostrum-cdn': '' } })).status).toBe(403);
  } finally {
    await behind.close();
  }
});
