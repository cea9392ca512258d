/** Slow, greedy and vanishing clients over real sockets. The same at the size of a show: `./rostrum bench abandon`. */
import { createServer } from 'node:http';
import { connect, createSecureServer } from 'node:http2';
import net, { type AddressInfo, type Server } from 'node:net';
import { CONNECTION_LIMITS, type ConnectionLimits, guardConnections } from './connections.ts';
import { FuzzHouse, makeCertificate, PARTS_PER_SEGMENT } from './testing/fuzz-house.ts';
import { request2, WireConnection } from './testing/fuzz-wire.ts';

const LIMITS: ConnectionLimits = { ...CONNECTION_LIMITS, takenWithinMs: 500, streamMs: 800 };
/** More than the buffers of both ends of a loopback connection hold. */
const LARGE = Buffer.alloc(32 * 2 ** 20);
const HELD = '/live/show/hi.m3u8?_HLS_msn=15&_HLS_part=2';
const head = (path: string, method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('a client that does not take its answer', () => {
  test('is cut off over HTTP/1.1, and one that does is not', async () => {
    const server = createServer((_request, response) => response.end(LARGE));
    const stop = guardConnections(server, LIMITS);
    const port = await listening(server);
    const open = (): net.Socket => {
      const socket = net.connect({ port, host: '127.0.0.1' });
      socket.write(head('/'));
      return socket;
    };
    const idle = open();
    idle.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => {
      server.once('connection', (socket) => socket.once('close', () => resolve()));
    });
    await closed;
    const steady = open();
    let taken = 0;
    await new Promise<void>((resolve) => {
      steady.on('data', (chunk: Buffer) => {
        taken += chunk.byteLength;
        if (taken > LARGE.byteLength) resolve();
      });
    });
    // It keeps its connection, with nothing left to take, beyond the limit.
    await new Promise((resolve) => setTimeout(resolve, 2 * LIMITS.takenWithinMs));
    expect(steady.destroyed).toBe(false);
    steady.destroy();
    idle.destroy();
    stop();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('loses its stream over HTTP/2, and its session serves on', async () => {
    const server = createSecureServer(await makeCertificate(), (request, response) =>
      response.end(request.url === '/large' ? LARGE.subarray(0, 2 ** 22) : 'small'),
    );
    const stop = guardConnections(server, LIMITS);
    const port = await listening(server as unknown as Server);
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.once('connect', () => session.setLocalWindowSize(2 ** 24)); // what stalls is the stream alone
    const stalled = session.request({ ':path': '/large' }); // never read: its window stays as it was
    stalled.on('error', () => undefined);
    stalled.pause();
    let closed = false;
    server.once('stream', (stream) => stream.once('close', () => (closed = true)));
    for (const startMs = performance.now(); !closed || performance.now() < startMs + 2 * LIMITS.streamMs; ) {
      expect((await request2(session, 'GET', '/small', {}).answer).body.toString()).toBe('small');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    session.destroy();
    stop();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});

describe('held requests', () => {
  let house: FuzzHouse;
  beforeEach(async () => {
    house = await FuzzHouse.open();
  });
  afterEach(() => house.close());

  const forgotten = (): Promise<void> => house.until('nobody waits', async () => (await house.held()) === 0);
  const held = (count: number): Promise<void> =>
    house.until(`${count} wait`, async () => (await house.held()) === count);

  test('[LL15] that queue on one connection are all forgotten when it ends', async () => {
    const connection = await WireConnection.open(house.plainPort);
    connection.send(head(HELD).repeat(10));
    await held(10);
    connection.destroy();
    await forgotten();
  });

  test('more than a browser would queue end the connection', async () => {
    const connection = await WireConnection.open(house.plainPort);
    connection.send(head(HELD).repeat(CONNECTION_LIMITS.pipelined + 2));
    await connection.ended();
    await forgotten();
  });

  test('[LL15] three hundred that are abandoned leave no waiter and no socket: HTTP/1.1', async () => {
    const connections = await Promise.all(
      Array.from({ length: 300 }, () => WireConnection.open(house.plainPort)),
    );
    connections.forEach((connection, i) => {
      connection.send(head(i % 2 === 0 ? HELD : '/live/show/lo/e1/s15.p2.mp4', i % 3 === 0 ? 'HEAD' : 'GET'));
    });
    await held(300);
    for (const connection of connections.slice(100)) connection.destroy();
    await held(100);
    for (const connection of connections) connection.destroy();
    await forgotten();
    await house.until('no socket is open', () => house.openSockets === 0);
  });

  test('[LL15] three hundred that are abandoned leave no waiter: HTTP/2', async () => {
    const sessions = [house.session(), house.session(), house.session()];
    const requests = sessions.flatMap((session) =>
      Array.from({ length: 100 }, (_, i) => request2(session, i % 3 === 0 ? 'HEAD' : 'GET', HELD, {})),
    );
    await held(300);
    for (const { abort } of requests.slice(0, 150)) abort();
    await held(150);
    for (const session of sessions) session.destroy();
    await forgotten();
    await house.until('no socket is open', () => house.openSockets === 0);
  });

  test('[LL17] HEAD of what is held gets the headers of the answer, and no body', async () => {
    const connection = await WireConnection.open(house.plainPort);
    const session = house.session();
    connection.send(head(HELD, 'HEAD'));
    const second = request2(session, 'HEAD', HELD, {});
    await held(2);
    house.feed(PARTS_PER_SEGMENT);
    for (const { status, headers, body } of [await connection.next('HEAD'), await second.answer]) {
      expect([status, body.byteLength, Number(headers['content-length']) > 500]).toEqual([200, 0, true]);
    }
    connection.destroy();
    session.destroy();
  });
});
