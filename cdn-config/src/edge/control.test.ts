import { freePort } from '@rostrum/service-kit/free-port';
import { varnishVcl } from '../generators/varnish.ts';
import { HoldingOrigin } from '../testing/holding-origin.ts';
import { EDGE_SECRET_HEADER, edgeForgetPath } from './control.ts';
import { type Edge, startEdge } from './edge.ts';

const SECRET = 'a-secret-of-the-test-of-the-edge';
let origin: HoldingOrigin;
let edge: Edge;
let viewers: string;
let control: string;

beforeAll(async () => {
  origin = await HoldingOrigin.open();
  const [port, controlPort] = [await freePort(), await freePort()];
  viewers = `http://127.0.0.1:${port}`;
  control = `http://127.0.0.1:${controlPort}`;
  edge = await startEdge({
    ...{ host: '127.0.0.1', port, originHost: '127.0.0.1', originPort: origin.port, memoryMb: 16 },
    control: { host: '127.0.0.1', port: controlPort, secret: SECRET },
    log: () => undefined,
  });
});
afterAll(async () => {
  await edge?.close();
  origin?.close();
});

async function get(path: string): Promise<Response> {
  const response = await fetch(`${viewers}${path}`);
  await response.arrayBuffer();
  return response;
}
const post = async (path: string, secret?: string, base = control): Promise<number> => {
  const headers: Record<string, string> = secret === undefined ? {} : { [EDGE_SECRET_HEADER]: secret };
  const response = await fetch(`${base}${path}`, { method: 'POST', headers });
  await response.arrayBuffer();
  return response.status;
};
const asked = (path: string): number => origin.asked.get(path) ?? 0;

test('a channel that is to be forgotten is asked for anew, and no other', async () => {
  const gone = ['/live/gone/hi/e1/s1.mp4', '/recordings/gone/hi.m3u8'];
  const kept = ['/live/gone2/hi/e1/s1.mp4', '/recordings/kept/hi.m3u8', '/live/kept/gone/s1.mp4'];
  for (const path of [...gone, ...kept]) {
    await get(path);
    const again = await get(path);
    // How it is found is not told.
    expect([...again.headers.keys()].filter((name) => name.startsWith('x-rostrum'))).toEqual([]);
    expect(asked(path)).toBe(1);
  }
  expect(await post(edgeForgetPath('gone'), SECRET)).toBe(200);
  for (const path of [...gone, ...kept]) await get(path);
  expect(gone.map(asked)).toEqual([2, 2]);
  expect(kept.map(asked)).toEqual([1, 1, 1]);
});

test.each([
  ['without the secret', edgeForgetPath('kept'), undefined, 403],
  ['with another', edgeForgetPath('kept'), `${SECRET}x`, 403],
  ['for what is no channel', '/forget/.*', SECRET, 404],
  ['for more than a channel', '/forget/kept/..', SECRET, 404],
])('nothing is forgotten %s', async (_, path, secret, status) => {
  await get('/recordings/kept/hi.m3u8');
  const before = asked('/recordings/kept/hi.m3u8');
  expect(await post(path, secret)).toBe(status);
  await get('/recordings/kept/hi.m3u8');
  expect(asked('/recordings/kept/hi.m3u8')).toBe(before);
});

test('viewers cannot make it forget, whatever they know, and the control socket serves no viewer', async () => {
  expect(await post(edgeForgetPath('kept'), SECRET, viewers)).toBe(405);
  const headers = { [EDGE_SECRET_HEADER]: SECRET };
  expect((await fetch(`${control}/recordings/kept/hi.m3u8`, { headers })).status).toBe(403);
});

test('a secret that could end its place in the configuration does not get into it', () => {
  const options = { originHost: 'localhost', originPort: 1, rightsVerified: false };
  expect(() => varnishVcl({ ...options, controlSecret: 'sixteen letters"; return' })).toThrow(RangeError);
  expect(varnishVcl(options)).not.toContain('local.socket');
});
