import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Heartbeat, NODE_NAMESPACE, NodeHandshake, NodeNotice } from '@rostrum/contracts';
import { type Namespace, Server, type Socket } from 'socket.io';
import { type Node, type NodeOptions, startNode } from './node.ts';

/** The dial-in against a real Socket.IO server. */
let http: HttpServer;
let io: Server;
let namespace: Namespace;
let port = 0;
let node: Node | null = null;

async function listen(): Promise<void> {
  http = createServer();
  io = new Server(http);
  namespace = io.of(NODE_NAMESPACE);
  await new Promise<void>((listening) => {
    http.listen(port, '127.0.0.1', listening);
  });
  port = (http.address() as AddressInfo).port;
}
beforeEach(async () => {
  port = 0;
  await listen();
});
afterEach(async () => {
  node?.close();
  await io.close();
});

const nextNode = (): Promise<Socket> => new Promise((resolve) => namespace.once('connection', resolve));

function dial(changes: Partial<NodeOptions> = {}): Node {
  node = startNode({
    coordinatorUrl: `http://127.0.0.1:${port}`,
    nodeToken: 'a token of the test',
    nodeId: 'test-node',
    bootId: 'test-boot',
    rpc: async (method, params) => ({ ok: true, value: { method, params } }),
    node: () => ({ kind: 'sfu', roomIds: ['room-1'] }),
    work: () => ({ cpuCores: 0.25, loads: 1, rooms: [], channels: [], roomForChannels: null, archive: null }),
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    ...changes,
  });
  return node;
}

describe('a media node dials in', () => {
  test('it says who it is and which rooms it runs, beats, and answers calls', async () => {
    const connected = nextNode();
    dial();
    const socket = await connected;
    expect(NodeHandshake.parse(socket.handshake.auth)).toEqual({
      protocol: 1,
      nodeToken: 'a token of the test',
      nodeId: 'test-node',
      bootId: 'test-boot',
      node: { kind: 'sfu', roomIds: ['room-1'] },
    });
    const beat = await new Promise((resolve) => socket.once('heartbeat', resolve));
    expect(Heartbeat.parse(beat)).toEqual({
      cpuCores: 0.25,
      loads: 1,
      rooms: [],
      channels: [],
      roomForChannels: null,
      archive: null,
      pressure: { idleCores: expect.any(Number), loopDelayMs: expect.any(Number) },
    });
    expect(await socket.timeout(1000).emitWithAck('rpc', 'room.open', { roomId: 'room-2' })).toEqual({
      ok: true,
      value: { method: 'room.open', params: { roomId: 'room-2' } },
    });
    socket.emit('rpc', 'room.open'); // nobody waits: dropped
    socket.emit('rpc');
    expect(await socket.timeout(1000).emitWithAck('rpc', 7, null)).toMatchObject({ ok: true });
  });

  test('a coordinator that restarts gets what happened meanwhile, except who spoke', async () => {
    const first = nextNode();
    const dialled = dial();
    await first;
    await io.close();
    while (dialled.connected()) await new Promise((wake) => setTimeout(wake, 5));
    dialled.tell({ type: 'speakers', roomId: 'room-1', speakers: { dominant: null, levels: [] } });
    dialled.tell({ type: 'room.lost', roomId: 'room-1' });
    await listen();
    const notice = await new Promise((resolve) => {
      namespace.on('connection', (socket) => socket.once('notice', resolve));
    });
    expect(NodeNotice.parse(notice)).toEqual({ type: 'room.lost', roomId: 'room-1' });
  });

  test('it asks again after a refusal', async () => {
    let attempts = 0;
    namespace.use((_socket, next) => {
      attempts += 1;
      next(attempts === 1 ? new Error('protocol-mismatch') : undefined);
    });
    const connected = nextNode();
    dial();
    await connected;
    expect(attempts).toBe(2);
  });

  test('it acts when the coordinator stays away, and not when it comes back in time', async () => {
    let orphaned = 0;
    const first = nextNode();
    const act = (): void => {
      orphaned += 1;
    };
    dial({ orphaned: { afterMs: 1500, act } });
    const socket = await first;
    const second = nextNode();
    socket.conn.close();
    await second;
    await new Promise((wake) => setTimeout(wake, 1700));
    expect(orphaned).toBe(0);
    await io.close();
    while (orphaned === 0) await new Promise((wake) => setTimeout(wake, 20));
    await listen();
  });
});
