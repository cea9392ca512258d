/** Slow and greedy clients over real sockets. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import net, { type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { type ConnectionLimits, guardConnections } from './connections.ts';
import { makeCertificate } from './testing/certificate.ts';

const LIMITS: ConnectionLimits = {
  // A machine that is busy stops this process too, and with it the client that takes.
  takenWithinMs: 1500,
  leastBytes: 128 * 1024,
  streamMs: 800,
  headersMs: 15_000,
  pipelined: 16,
};
const WORDS = { unreadable: () => '{}', methods: 'GET' };
/** More than the buffers of both ends of a loopback connection hold. */
const LARGE = Buffer.alloc(32 * 2 ** 20);
const head = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function certificate(): Promise<{ key: Buffer; cert: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-tls-'));
  const { certFile, keyFile } = await makeCertificate(folder);
  const pair = { key: await readFile(keyFile), cert: await readFile(certFile) };
  await rm(folder, { recursive: true });
  return pair;
}

const answerOf = (stream: NodeJS.ReadableStream): Promise<string> => text(stream as AsyncIterable<Buffer>);

describe('a client that does not take its answer', () => {
  test('is cut off over HTTP/1.1, and one that does is not', async () => {
    const server = createServer((_request, response) => response.end(LARGE));
    const stop = guardConnections(server, LIMITS, WORDS);
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
    const server = createSecureServer(await certificate(), (request, response) =>
      response.end(request.url === '/large' ? LARGE.subarray(0, 2 ** 22) : 'small'),
    );
    const stop = guardConnections(server, LIMITS, WORDS);
    const port = await listening(server as unknown as Server);
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.once('connect', () => session.setLocalWindowSize(2 ** 24)); // what stalls is the stream alone
    const stalled = session.request({ ':path': '/large' }); // never read: its window stays as it was
    stalled.on('error', () => undefined);
    stalled.pause();
    let closed = false;
    server.once('stream', (stream) => stream.once('close', () => (closed = true)));
    for (const startMs = performance.now(); !closed || performance.now() < startMs + 2 * LIMITS.streamMs; ) {
      expect(await answerOf(session.request({ ':path': '/small' }))).toBe('small');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    session.destroy();
    stop();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('is cut off over HTTP/1.1 under TLS as well', async () => {
    const server = createTlsServer(await certificate(), (_request, response) => response.end(LARGE));
    const stop = guardConnections(server, LIMITS, WORDS);
    const closed = new Promise<void>((resolve) => {
      server.once('secureConnection', (socket) => socket.once('close', () => resolve()));
    });
    const idle = connectTls({ port: await listening(server), host: '127.0.0.1', rejectUnauthorized: false });
    idle.on('error', () => undefined);
    idle.write(head('/'));
    await closed;
    idle.destroy();
    stop();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});

describe('connections', () => {
  const ask = (port: number, localAddress: string): { socket: net.Socket; answer: Promise<string> } => {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress });
    socket.write(head('/'));
    const answer = new Promise<string>((resolve) => {
      socket.once('data', (chunk) => resolve(String(chunk).split('\r\n', 1)[0] ?? ''));
      socket.once('error', () => undefined);
      socket.once('close', () => resolve('closed'));
    });
    return { socket, answer };
  };

  test('too many of one client are closed, and others come; who is not counted may have any number', async () => {
    const server = createServer((_request, response) => response.end());
    const stop = guardConnections(server, LIMITS, {
      ...WORDS,
      most: { all: 100, perClient: 2, clientOf: (address) => (address === '127.0.0.9' ? null : address) },
    });
    const port = await listening(server);
    const first = ask(port, '127.0.0.1');
    const second = ask(port, '127.0.0.1');
    expect(await first.answer).toContain('200');
    expect(await second.answer).toContain('200');
    const third = ask(port, '127.0.0.1');
    expect(await third.answer).toBe('closed');
    const others = ['127.0.0.2', '127.0.0.9', '127.0.0.9', '127.0.0.9'].map((from) => ask(port, from));
    for (const { answer } of others) expect(await answer).toContain('200');
    // One that ends makes room for another.
    const gone = new Promise((resolve) => first.socket.once('close', resolve));
    first.socket.end();
    await gone;
    const fourth = ask(port, '127.0.0.1');
    expect(await fourth.answer).toContain('200');
    for (const { socket } of [second, fourth, ...others]) socket.destroy();
    stop();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
