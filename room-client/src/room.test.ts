import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ViewDelta, WebinarView } from '@rostrum/contracts';
import { type Namespace, Server, type Socket } from 'socket.io';
import { createRoomClient, type RoomClient, type RoomState } from './room.ts';

/** The pages' room client against a real Socket.IO server. */
let io: Server;
let namespace: Namespace;
let url: string;
const clients: RoomClient[] = [];

beforeEach(async () => {
  const http = createServer();
  io = new Server(http);
  namespace = io.of('/webinar');
  await new Promise<void>((listening) => {
    http.listen(0, '127.0.0.1', listening);
  });
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await io.close();
});

const VIEW = { title: 'A title', questions: [], people: [], hands: [] } as unknown as WebinarView;
const renamed = (name: string): ViewDelta => ({
  type: 'person',
  person: { personId: 'ada0', name, role: 'panelist', guest: false, muted: false, consent: null },
});

function join(): RoomClient {
  const client = createRoomClient({ coordinatorUrl: `${url}/`, token: 'a-token' });
  clients.push(client);
  return client;
}
const connection = (): Promise<Socket> => new Promise((resolve) => namespace.once('connection', resolve));
const until = (client: RoomClient, is: (state: RoomState) => boolean): Promise<RoomState> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (!is(client.getState())) return;
      off();
      resolve(client.getState());
    };
    const off = client.subscribe(look);
    look();
  });

describe('the room client', () => {
  test('takes the snapshot, folds deltas, and gives a new object on each change only', async () => {
    const socket = connection();
    const client = join();
    const server = await socket;
    expect(server.handshake.auth).toEqual({ protocol: 1, token: 'a-token' });
    server.emit('sync', { kind: 'snapshot', seq: 3, view: VIEW }, Date.now() + 5000);
    const synced = await until(client, (s) => s.view !== null);
    expect(synced).toMatchObject({ connection: 'connected', seq: 3 });
    expect(Math.abs(synced.serverOffsetMs - 5000)).toBeLessThan(1000);
    expect(client.getState()).toBe(synced);
    server.emit('deltas', { seq: 2, deltas: [renamed('Old news')] });
    server.emit('deltas', { seq: 4, deltas: [renamed('Ada')] });
    const changed = await until(client, (s) => s.seq === 4);
    expect(changed.view?.people.map((p) => p.name)).toEqual(['Ada']);
    expect(synced.view?.people).toEqual([]);
  });

  test('comes back by itself with the last seq, and takes what it missed', async () => {
    const first = connection();
    const client = join();
    let syncs = 0;
    client.onSynced(() => {
      syncs += 1;
    });
    (await first).emit('sync', { kind: 'snapshot', seq: 7, view: VIEW }, Date.now());
    await until(client, (s) => s.seq === 7);
    const second = connection();
    (await first).conn.close();
    await until(client, (s) => s.connection === 'reconnecting');
    expect(client.getState().view).toEqual(VIEW);
    const server = await second;
    expect(server.handshake.auth).toEqual({ protocol: 1, token: 'a-token', lastSeq: 7 });
    server.emit('sync', { kind: 'deltas', seq: 9, deltas: [renamed('Ada')] }, Date.now());
    const after = await until(client, (s) => s.seq === 9);
    expect(after.view?.people).toHaveLength(1);
    expect(syncs).toBe(2);
  });

  test('keeps how networks fare by person, and forgets it with the connection', async () => {
    const socket = connection();
    const client = join();
    const server = await socket;
    const tell = (people: object[], gone: string[] = []): boolean => server.emit('quality', { people, gone });
    tell([
      { personId: 'ada0', word: 'fine' },
      { personId: 'bob0', word: 'fine' },
    ]);
    tell([{ personId: 'ada0', word: 'upload-weak' }], ['bob0']);
    const told = await until(client, (s) => s.quality.ada0?.word === 'upload-weak');
    expect(Object.keys(told.quality)).toEqual(['ada0']);
    server.conn.close();
    const cut = await until(client, (s) => s.connection !== 'connected');
    expect(cut.quality).toEqual({});
  });

  test('comes back after the server itself ended the connection', async () => {
    const first = connection();
    join();
    const server = await first;
    const second = connection();
    server.disconnect(true);
    await second;
  });

  test('dials anew at once over a connection that is dead in name only, however long it waits otherwise', async () => {
    const first = connection();
    const client = join();
    (await first).emit('sync', { kind: 'snapshot', seq: 7, view: VIEW }, Date.now());
    await until(client, (s) => s.seq === 7);
    const cut = client.command('hand:raise', {});
    const second = connection();
    client.redial();
    expect(client.getState()).toMatchObject({ connection: 'reconnecting', view: VIEW });
    expect(await cut).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect((await second).handshake.auth).toMatchObject({ lastSeq: 7 });
    await until(client, (s) => s.connection === 'connected');
    // And by itself later on, as ever.
    const third = connection();
    (await second).conn.close();
    await third;
    await until(client, (s) => s.connection === 'connected');
  });

  test('dials anew when the browser is online again, and no more once it is closed', async () => {
    const page = new EventTarget();
    const before = { add: globalThis.addEventListener, remove: globalThis.removeEventListener };
    globalThis.addEventListener = page.addEventListener.bind(page) as typeof before.add;
    globalThis.removeEventListener = page.removeEventListener.bind(page) as typeof before.remove;
    try {
      const client = join();
      await connection();
      await until(client, (s) => s.connection === 'connected');
      const second = connection();
      page.dispatchEvent(new Event('online'));
      await second;
      await until(client, (s) => s.connection === 'connected');
      client.close();
      let came = 0;
      namespace.on('connection', () => {
        came += 1;
      });
      page.dispatchEvent(new Event('online'));
      expect(client.getState().connection).toBe('connected');
      const [other] = [connection(), join()];
      await other;
      expect(came).toBe(1);
    } finally {
      for (const client of clients.splice(0)) client.close();
      globalThis.addEventListener = before.add;
      globalThis.removeEventListener = before.remove;
    }
  });

  test('stays away when the server says that the connection ends for good, however it ends', async () => {
    for (const end of [(s: Socket) => s.disconnect(true), (s: Socket) => s.conn.close()]) {
      const first = connection();
      const client = join();
      const server = await first;
      let came = 0;
      namespace.on('connection', () => {
        came += 1;
      });
      const gone = new Promise((resolve) => server.once('disconnect', resolve));
      server.emit('closing', { reason: 'too-many-connections' });
      await until(client, (s) => typeof s.connection === 'object');
      end(server);
      await gone;
      // Longer than it waits before it comes back.
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(client.getState().connection).toEqual({ refused: 'too-many-connections' });
      expect([came, await client.command('hand:raise', {})]).toMatchObject([0, { ok: false }]);
    }
  });

  test('a refusal is final and named; one that passes is tried again', async () => {
    const answers = ['unavailable', 'token-expired'];
    namespace.use((_socket, next) => {
      next(Object.assign(new Error('refused'), { data: { code: answers.shift() } }));
    });
    const client = join();
    await until(client, (s) => typeof s.connection === 'object');
    expect(client.getState().connection).toEqual({ refused: 'token-expired' });
    expect(answers).toEqual([]);
  });

  test('a command is answered, or fails as unavailable: unconnected, unanswered, or cut off', async () => {
    const first = connection();
    const client = join();
    const ask = (deadlineMs = 5000) =>
      client.command('question:vote', { questionId: 'q001', vote: true }, { deadlineMs });
    expect(await ask()).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    const server = await first;
    await until(client, (s) => s.connection === 'connected');
    server.once('question:vote', (_input, ack) => ack({ ok: true, value: null }));
    expect(await ask()).toEqual({ ok: true, value: null });
    server.once('question:vote', (_input, ack) => ack('garbage'));
    expect(await ask()).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(await ask(50)).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    server.once('question:vote', () => server.conn.close());
    expect(await ask()).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  });

  test('media notices reach who listens, until they stop listening', async () => {
    const first = connection();
    const client = join();
    const heard: string[] = [];
    const off = client.on('media.muted', ({ name }) => heard.push(name));
    const server = await first;
    server.emit('media.muted', { name: 'Hal' });
    server.emit('sync', { kind: 'snapshot', seq: 1, view: VIEW }, 0);
    await until(client, (s) => s.seq === 1);
    off();
    server.emit('media.muted', { name: 'Ida' });
    server.emit('deltas', { seq: 2, deltas: [] });
    await until(client, (s) => s.seq === 2);
    expect(heard).toEqual(['Hal']);
  });
});
