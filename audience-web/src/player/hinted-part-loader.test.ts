import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPartHints } from './hinted-part-loader.ts';

let server: Server;
let base: string;
const asked: string[] = [];
const held = new Map<string, ServerResponse>();

beforeEach(async () => {
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/held')) held.set(request.url, response);
    else response.writeHead(request.url?.startsWith('/there') ? 200 : 404).end('part');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  held.clear();
});

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('[LL17] a hinted part is asked for before it is listed, and handed over whole', async () => {
  const hints = createPartHints();
  hints.prefetch(`${base}/held-1`);
  await until(() => held.has('/held-1'));
  const taken = hints.take(`${base}/held-1`);
  held.get('/held-1')!.end('the part');
  const part = await taken?.part;
  expect(new TextDecoder().decode(part!.bytes)).toBe('the part');
  expect(part!.endedAtMs).toBeGreaterThanOrEqual(part!.firstByteAtMs);
});

test('what of it came so far is told, and until the rest is there it counts as under way', async () => {
  const hints = createPartHints();
  hints.prefetch(`${base}/held-2`);
  await until(() => held.has('/held-2'));
  const taken = hints.take(`${base}/held-2`);
  const told: number[] = [];
  taken!.onProgress(({ bytes }) => told.push(bytes));
  held.get('/held-2')!.writeHead(200, { 'content-length': 10 }).write('first');
  await until(() => told.length > 0);
  expect(told).toEqual([5]);
  expect(hints.underWay()).toBe(1);
  held.get('/held-2')!.end('other');
  expect((await taken!.part)!.bytes.byteLength).toBe(10);
  expect(hints.underWay()).toBe(0);
});

test('a part that is given up is not waited for', async () => {
  const hints = createPartHints();
  hints.prefetch(`${base}/held-3`);
  await until(() => held.has('/held-3'));
  const taken = hints.take(`${base}/held-3`);
  taken!.abort();
  expect(await taken!.part).toBeNull();
  expect(hints.underWay()).toBe(0);
});

test('the same hint twice is one request, and a part is handed over once', async () => {
  const hints = createPartHints();
  hints.prefetch(`${base}/there`);
  hints.prefetch(`${base}/there`);
  expect(await hints.take(`${base}/there`)?.part).not.toBeNull();
  expect(hints.take(`${base}/there`)).toBeNull();
  expect(asked).toEqual(['/there']);
});

test('what the player asks for by itself is not fetched a second time', async () => {
  const hints = createPartHints();
  expect(hints.take(`${base}/there`)).toBeNull();
  hints.prefetch(`${base}/there`);
  expect(hints.take(`${base}/there`)).toBeNull();
  expect(asked).toEqual([]);
});

test('[LL17] an abandoned hint (404) is no part, so that the ordinary request follows', async () => {
  const hints = createPartHints();
  hints.prefetch(`${base}/gone`);
  expect(await hints.take(`${base}/gone`)?.part).toBeNull();
});

test('parts that nobody came for are let go, and so are all at the end', async () => {
  const hints = createPartHints();
  for (let n = 0; n < 25; n += 1) hints.prefetch(`${base}/there?${n}`);
  expect(hints.take(`${base}/there?0`)).toBeNull();
  const kept = hints.take(`${base}/there?24`);
  hints.clear();
  expect(hints.take(`${base}/there?23`)).toBeNull();
  expect(kept).not.toBeNull();
  await kept?.part;
});
