import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEdge } from '@rostrum/cdn-config/edge';
import { MediaKeys, signMediaRight } from '@rostrum/contracts/media-right';
import { idOfAccess } from '@rostrum/contracts/media-urls';
import { freePort } from '@rostrum/service-kit/free-port';
import { Downloads } from '../archive/mp4/downloads.ts';
import { ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { House, request, silentLogger } from './testing/house.ts';

const PRIVATE = idOfAccess('show', 'private');
const KEYS = MediaKeys.parse(`one:${'1'.repeat(32)}`);
let house: House;
let downloads: Downloads;
async function begin(channelId: string): Promise<void> {
  house = await House.open({ channelId, mediaKeys: KEYS, nowUnixMs: () => ZERO_UNIX_MS });
  house.feedTo(48 * 6);
  await house.output.end();
  const { archiveDir } = house;
  downloads = new Downloads({ archiveDir, maxUsedShare: 1, logger: silentLogger });
  await make(channelId);
}
async function make(channelId: string, cuts: Parameters<Downloads['want']>[2] = []): Promise<void> {
  await downloads.want(channelId, ['hi'], cuts);
  while (downloads.state(channelId)[0]?.state !== 'ready')
    await new Promise((resolve) => setTimeout(resolve, 10));
}
afterEach(async () => {
  await downloads.close();
  await house.close();
});
const PATH = '/recordings/show/download/hi.mp4';

test('a download is saved under the title, and said to be kept no longer than a playlist', async () => {
  await begin('show');
  const unnamed = await house.get(PATH);
  expect(unnamed.headers['content-disposition']).toBe('attachment; filename="Recording hi.mp4"');
  await writeFile(join(house.archiveDir, 'show/about.json'), JSON.stringify({ title: 'Größe/Zahlen' }));
  const { status, headers, body } = await house.get(PATH);
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'cache-control': 'public, max-age=10',
    'access-control-allow-origin': '*',
    'content-disposition': `attachment; filename="Gro_e-Zahlen hi.mp4"; filename*=UTF-8''Gr%C3%B6%C3%9Fe-Zahlen%20hi.mp4`,
  });
  expect(body.subarray(4, 8).toString()).toBe('ftyp');
  const [told] = downloads.state('show');
  expect(told).toMatchObject({ state: 'ready', bytes: body.byteLength, path: 'download/hi.mp4' });
});

test('who broke off goes on with the same file, and gets the whole of another', async () => {
  await begin('show');
  const whole = await house.get(PATH);
  const etag = whole.headers.etag ?? '';
  expect(etag).toMatch(/^"[\w-]{22}"$/);
  const rest = { range: 'bytes=1000-', 'if-range': etag };
  const more = await house.get(PATH, { headers: rest });
  expect(more.status).toBe(206);
  expect(more.headers.etag).toBe(etag);
  expect(more.body.equals(whole.body.subarray(1000))).toBe(true);
  expect((await house.get(PATH, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const { status, headers } = await house.get(PATH, { method: 'HEAD', headers: rest });
  expect([status, headers['content-length'], headers.etag]).toEqual([
    200,
    String(whole.body.byteLength),
    etag,
  ]);
  for (const other of [`W/${etag}`, '"other"', new Date().toUTCString()]) {
    expect((await house.get(PATH, { headers: { ...rest, 'if-range': other } })).status).toBe(200);
  }
  await make('show', [{ fromUnixMs: ZERO_UNIX_MS, toUnixMs: ZERO_UNIX_MS + 1000 }]);
  const cut = await house.get(PATH, { headers: rest });
  expect(cut.status).toBe(200);
  expect(cut.headers.etag).not.toBe(etag);
  expect(cut.body.byteLength).toBeLessThan(whole.body.byteLength);
});

test('a private one needs a right, as the rest of the channel does', async () => {
  await begin(PRIVATE);
  const path = `/private/recordings/${PRIVATE}/download/hi.mp4`;
  expect((await house.get(path)).status).toBe(403);
  expect((await house.get(path.slice('/private'.length))).status).toBe(404);
  const token = await signMediaRight(PRIVATE, KEYS, ZERO_UNIX_MS + 600_000);
  const { status, headers } = await house.get(path, { headers: { cookie: `rostrum-media=${token}` } });
  expect([status, headers['content-type']]).toEqual([200, 'video/mp4']);
});

test('an edge passes it on by ranges, and keeps nothing of it', async () => {
  await begin('show');
  const port = await freePort();
  const edge = await startEdge({
    ...{ host: '127.0.0.1', port, originHost: '127.0.0.1', originPort: house.port },
    ...{ memoryMb: 64, log: () => undefined },
  });
  try {
    for (const _ of [1, 2]) {
      const { status, body } = await request(port, PATH, { headers: { range: 'bytes=100-199' } });
      expect([status, body.byteLength]).toEqual([206, 100]);
    }
    const asked = { class: 'recording', status: '206' };
    expect(await house.metric('rostrum_origin_responses_total', asked)).toBe(2);
  } finally {
    await edge.close();
  }
});

test('nothing else in the folder is served, nor what is no file of ours', async () => {
  await begin('show');
  const folder = join(house.archiveDir, 'show/download');
  await rename(join(folder, 'hi.mp4'), join(folder, 'hi.mp4.part'));
  await writeFile(join(folder, 'lo.mp4'), 'not made here');
  await mkdir(join(folder, 'sub.mp4'));
  for (const name of ['hi.mp4', 'hi.mp4.part', 'lo.mp4', 'sub.mp4', 'wanted.json', '../journal.jsonl', '']) {
    expect([name, (await house.get(`/recordings/show/download/${name}`)).status]).toEqual([name, 404]);
  }
});
