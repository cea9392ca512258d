/** Greedy and stalled clients of the console, over real sockets. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { CONNECTION_LIMITS } from './coordinator.ts';
import { ALPN_PROTOCOLS, addHttp2 } from './http2.ts';
import { parseProxies } from './identity/address.ts';
import { LIMITS } from './identity/limits.ts';
import { openHouse } from './testing/house.ts';

test('of requests that queue on one connection more than a browser would send end it, those of Socket.IO too', async () => {
  const house = await openHouse();
  const ask = async (path: string, count: number): Promise<string> => {
    const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    const head = `GET ${path} HTTP/1.1\r\nHost: a\r\n`;
    socket.write(`${`${head}\r\n`.repeat(count - 1)}${head}Connection: close\r\n\r\n`);
    return text(socket).catch(() => '');
  };
  const answers = (all: string): number => all.split('HTTP/1.1 200').length - 1;
  try {
    for (const path of ['/socket.io/?EIO=4&transport=polling', '/api/openapi.json']) {
      const { pipelined } = CONNECTION_LIMITS;
      expect([path, answers(await ask(path, pipelined))]).toEqual([path, pipelined]);
      expect(answers(await ask(path, pipelined + 2))).toBeLessThan(pipelined);
    }
    const { port } = new URL(house.url);
    const tunnel = connect(Number(port), '127.0.0.1');
    tunnel.write('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n');
    expect(await text(tunnel)).toMatch(/^HTTP\/1.1 405 /);
  } finally {
    await house.close();
  }
});

test('an address has so many connections, and a trusted proxy any number', async () => {
  const two = { ...LIMITS, connections: { all: 100, perClient: 2 } };
  for (const [trusted, open] of [
    [[], 2],
    [['loopback'], 5],
  ] as const) {
    const house = await openHouse({ limits: two, trustedProxies: parseProxies(trusted) });
    try {
      const sockets = Array.from({ length: 5 }, () => connect(Number(new URL(house.url).port), '127.0.0.1'));
      const answered = await Promise.all(
        sockets.map((socket) => {
          socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
          return new Promise<boolean>((resolve) => {
            socket.once('data', () => resolve(true));
            socket.once('error', () => undefined);
            socket.once('close', () => resolve(false));
          });
        }),
      );
      expect(answered.filter(Boolean)).toHaveLength(open);
      for (const socket of sockets) socket.destroy();
    } finally {
      await house.close();
    }
  }
});

test('over HTTP/2 a stream that does not end is ended, an idle session too, and a session has so many streams', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-tls-'));
  const { certFile, keyFile } = await makeCertificate(folder);
  const server = createServer({
    cert: await readFile(certFile),
    key: await readFile(keyFile),
    ALPNProtocols: ALPN_PROTOCOLS,
  });
  await rm(folder, { recursive: true });
  // Longer than a busy machine may keep this process waiting.
  addHttp2(server, { streamMs: 2000 });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/held') response.write('held');
    else response.end('fine');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const session = connectHttp2(url, { rejectUnauthorized: false });
  const ended = once(session, 'close');
  const held = session.request({ ':path': '/held' });
  held.on('error', () => undefined);
  let cut = false;
  held.once('close', () => {
    cut = true;
  });
  // A session that is used serves on while one of its streams is ended.
  while (!cut) {
    expect(await text(session.request({ ':path': '/' }))).toBe('fine');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(session.remoteSettings.maxConcurrentStreams).toBe(256);
  expect(held.rstCode).not.toBe(0);
  await ended;
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
