/** Vanishing clients over real sockets. The same at the size of a show: `./rostrum bench abandon`. */
import { CONNECTION_LIMITS } from './connections.ts';
import { FuzzHouse, PARTS_PER_SEGMENT } from './testing/fuzz-house.ts';
import { request2, WireConnection } from './testing/fuzz-wire.ts';

const HELD = '/live/show/hi.m3u8?_HLS_msn=15&_HLS_part=2';
const head = (path: string, method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

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
