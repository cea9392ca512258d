/** Pages of other sites, and who is no page at all: WebSockets and polling. */
import { BEAT_NAMESPACE, NODE_NAMESPACE, PERSON_NAMESPACE, PROTOCOL_VERSION } from '@rostrum/contracts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { io, type Socket } from 'socket.io-client';
import { createMediaPlane, dialledNodes } from '../media/index.ts';
import { ownOrigins, socketOrigins } from '../origins.ts';
import { type House, openHouse, tokenOf } from '../testing/house.ts';

const silent = pino({ level: 'silent' });
const clock = { nowMs: () => performance.now(), nowUnixMs: () => Date.now() };
const NODE_TOKEN = 'a node token for these tests only!';
const NODE = {
  protocol: PROTOCOL_VERSION,
  nodeToken: NODE_TOKEN,
  nodeId: 'node-1',
  bootId: 'boot-1',
  node: { kind: 'sfu', roomIds: [] },
};

let house: House;
const sockets: Socket[] = [];
beforeEach(async () => {
  house = await openHouse();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await house.close();
});

/** `connected`, or why not. */
function outcome(
  namespace: string,
  auth: Record<string, unknown>,
  transport: 'websocket' | 'polling',
  origin: string | undefined,
  site?: string,
): Promise<string> {
  const socket = io(`${house.url}${namespace}`, {
    auth,
    transports: [transport],
    forceNew: true,
    reconnection: false,
    extraHeaders: {
      ...(origin === undefined ? {} : { origin }),
      ...(site === undefined ? {} : { 'sec-fetch-site': site }),
    },
  });
  sockets.push(socket);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve('connected'));
    socket.once('connect_error', (error: Error & { data?: { code?: string } }) =>
      resolve(error.data?.code ?? 'no connection'),
    );
  });
}

describe.each(['websocket', 'polling'] as const)('over %s', (transport) => {
  test('pages of the console, of the settings and of broadcasters are let in, programs too, and nobody else', async () => {
    const webinarId = await house.webinar();
    const auth = { protocol: PROTOCOL_VERSION, token: await tokenOf(webinarId, 'attendee', 'attendee-1') };
    const by = (origin?: string): Promise<string> => outcome(PERSON_NAMESPACE, auth, transport, origin);
    const { port } = new URL(house.url);
    expect(await outcome(PERSON_NAMESPACE, auth, transport, undefined, 'same-origin')).toBe('connected');
    expect(await outcome(PERSON_NAMESPACE, auth, transport, undefined, 'cross-site')).toBe('no connection');
    for (const origin of [
      house.url,
      `http://localhost:${port}`,
      'https://pages.example',
      'http://origin.test:8080',
      undefined,
    ]) {
      expect([origin, await by(origin)]).toEqual([origin, 'connected']);
    }
    for (const origin of [
      'https://evil.example',
      'null',
      `https://127.0.0.1:${port}`,
      `${house.url}.evil.example`,
    ]) {
      expect([origin, await by(origin)]).toEqual([origin, 'no connection']);
    }
  });

  test.each([NODE_NAMESPACE, BEAT_NAMESPACE])('no page is a node: %s', async (namespace) => {
    await house.close();
    house = await openHouse({
      mediaPlane: ({ io: server, wordSide }) =>
        createMediaPlane({
          nodes: dialledNodes({ io: server, nodeToken: NODE_TOKEN, logger: silent, nowMs: clock.nowMs }),
          wordSide,
          iceServers: () => [],
          logger: silent,
          ...clock,
          metrics: new Registry(),
        }),
    });
    expect(await outcome(namespace, NODE, transport, 'https://pages.example')).toBe('token-invalid');
    expect(await outcome(namespace, NODE, transport, undefined, 'same-origin')).toBe('token-invalid');
    expect(await outcome(namespace, NODE, transport, undefined)).toBe('connected');
  });
});

test('what a page may open sockets at is named', () => {
  expect(socketOrigins(ownOrigins('https://console.example:8443/base'))).toEqual([
    'wss://console.example:8443',
  ]);
  expect(socketOrigins(ownOrigins('http://127.0.0.1:3000'))).toEqual([
    'ws://localhost:3000',
    'ws://127.0.0.1:3000',
  ]);
  expect(ownOrigins('')).toEqual([]);
});
