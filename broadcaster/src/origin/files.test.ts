/** Files over real sockets: what is sent, and what it costs of memory, descriptors and threads. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Registry } from 'prom-client';
import { FileSender } from './files.ts';
import { OriginMetrics } from './metrics.ts';
import { Responder } from './responder.ts';
import { type Answer, recordingLogger, request } from './testing/house.ts';

const KIB = 1024;
const HEADERS = { 'content-type': 'video/mp4' };
const bytesOf = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff));

let folder: string;
let files: FileSender;
let server: http.Server;
let port: number;
let logger: ReturnType<typeof recordingLogger>;
let sockets: Socket[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-files-'));
  logger = recordingLogger();
  sockets = [];
  files = new FileSender(new Responder(new OriginMetrics(new Registry())), logger);
  server = http.createServer((incoming, response) => {
    const [path = '', start, length] = (incoming.url ?? '').slice(1).split(',');
    const slice = length === undefined ? undefined : { start: Number(start), length: Number(length) };
    files.send(incoming, response, {
      path: join(folder, path),
      slice,
      metricClass: 'recording',
      headers: HEADERS,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await rm(folder, { recursive: true, force: true });
});

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${what}`);
}

const get = (path: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> =>
  request(port, `/${path}`, { headers });

/** Asks, `times` on one connection, and takes nothing of the answers. */
async function askAndTakeNothing(path: string, times = 1): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined).pause();
  await once(socket, 'connect');
  socket.write(`GET /${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(times));
  return socket;
}

/** Descriptors of this process for files of the folder. */
async function openFiles(): Promise<number> {
  const names = await readdir('/proc/self/fd');
  const links = await Promise.all(names.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return links.filter((link) => link.startsWith(folder)).length;
}

test.each([0, 1, 64 * KIB, 64 * KIB + 1, 320 * KIB, 320 * KIB + 1, 3000 * KIB + 7])(
  '%i bytes arrive as they are, whole, by range, and as a slice; again on a connection that is known to be quick',
  async (length) => {
    const bytes = bytesOf(length);
    await writeFile(join(folder, 'file'), bytes);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let time = 0; time < 3; time += 1) {
      const body = await new Promise<Buffer>((resolve, reject) => {
        http
          .get({ port, path: '/file', agent }, async (incoming) => {
            resolve(Buffer.concat(await incoming.toArray()));
          })
          .on('error', reject);
      });
      expect(body.equals(bytes)).toBe(true);
    }
    agent.destroy();
    if (length < 100) return;
    const range = await get('file', { range: `bytes=50-${length - 10}` });
    expect([range.status, range.body.equals(bytes.subarray(50, length - 9))]).toEqual([206, true]);
    const slice = await get(`file,20,${length - 30}`);
    expect([slice.status, slice.body.equals(bytes.subarray(20, length - 10))]).toEqual([200, true]);
    await until('all is closed', async () => (await openFiles()) === 0 && files.heldBytes === 0);
  },
);

test('who has a file is told so; a range goes on with the file it was begun of, and of another all of it is sent', async () => {
  await writeFile(join(folder, 'file'), bytesOf(1000));
  const { etag = '' } = (await get('file')).headers;
  expect(etag).toMatch(/^"[^"]+"$/);
  for (const header of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
    const known = await get('file', { 'if-none-match': header });
    expect([known.status, known.headers.etag, known.body.byteLength]).toEqual([304, etag, 0]);
  }
  expect((await get('file', { 'if-none-match': '"other"' })).status).toBe(200);
  const rest = (ifRange: string) => get('file', { range: 'bytes=900-', 'if-range': ifRange });
  expect([(await rest(etag)).status, (await rest(etag)).body.byteLength]).toEqual([206, 100]);
  for (const other of ['"other"', `W/${etag}`, new Date().toUTCString()]) {
    expect([(await rest(other)).status, (await rest(other)).body.byteLength]).toEqual([200, 1000]);
  }
  // A slice is not the file whose tag it would be.
  expect((await get('file,10,20')).headers.etag).toBeUndefined();
  await writeFile(join(folder, 'file'), bytesOf(1001));
  expect((await rest(etag)).status).toBe(200);
});

test('of a client that takes nothing one piece is in memory, and nothing once it is gone', async () => {
  const clients = 30;
  await writeFile(join(folder, 'file'), bytesOf(64 * 1024 * KIB));
  for (let i = 0; i < clients; i += 1) await askAndTakeNothing('file');
  await until('each has a piece', () => files.heldBytes >= clients * 64 * KIB);
  let before = -1;
  await until('no more is read', async () => {
    const same = before === files.heldBytes;
    before = files.heldBytes;
    return same;
  });
  expect(files.heldBytes).toBeLessThanOrEqual(clients * 256 * KIB);
  await writeFile(join(folder, 'other'), bytesOf(1000));
  expect((await get('other')).status).toBe(200);
  for (const socket of sockets) socket.destroy();
  await until('all is closed', async () => files.heldBytes === 0 && (await openFiles()) === 0);
  expect(logger.lines).toEqual([]);
});

test('what waits behind another answer of its connection opens no file, and its end leaves none open', async () => {
  await writeFile(join(folder, 'file'), bytesOf(64 * 1024 * KIB));
  const socket = await askAndTakeNothing('file', 10);
  await until('the first is read', () => files.heldBytes > 0);
  expect(await openFiles()).toBe(1);
  socket.destroy();
  await until('all is closed', async () => files.heldBytes === 0 && (await openFiles()) === 0);
});

test('a disk that answers to nobody takes no more than its share of the threads: what is live is made durable meanwhile', async () => {
  // To open a pipe that nobody writes to takes for ever, as a file on a network disk that is gone.
  const pipe = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  const asked = Array.from({ length: 8 }, () => get('pipe'));
  try {
    // Not before they are read: the order of turns is that of requests.
    await until('they have been read', async () => {
      const count = await promisify(server.getConnections.bind(server))();
      return count === 8;
    });
    for (let i = 0; i < 20; i += 1) {
      const file = await open(join(folder, `segment-${i}`), 'w');
      await file.write(bytesOf(1000));
      await file.sync();
      await file.close();
    }
  } finally {
    const writer = await open(pipe, 'r+');
    const answers = await Promise.all(asked);
    await writer.close();
    expect(answers.map(({ status }) => status)).toEqual(asked.map(() => 404));
  }
});

test('a file that ends before its length is no whole answer', async () => {
  await writeFile(join(folder, 'file'), bytesOf(1000));
  await expect(get('file,500,5000')).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(logger.lines).toHaveLength(1);
  await until('all is closed', async () => (await openFiles()) === 0);
});
