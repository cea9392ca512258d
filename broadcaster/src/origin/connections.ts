/** What one connection may cost: limits of time and number that Node leaves open, for a server of either protocol. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { constants, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { answerUnreadable } from '@rostrum/service-kit/unreadable';

export interface ConnectionLimits {
  /** While something waits for a client, it has to take `leastBytes` in each such time, or the rest of it. */
  readonly takenWithinMs: number;
  readonly leastBytes: number;
  /** An HTTP/2 stream, its wait included, is over after this; its session, when nothing comes or goes, likewise. */
  readonly streamMs: number;
  /** Request line and headers have to be here by then. */
  readonly headersMs: number;
  /** Requests of one HTTP/1.1 connection that may queue behind an unanswered one. */
  readonly pipelined: number;
}

/** 128 KiB in 30 s are a third of what sound alone needs: nobody who plays is that slow. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  takenWithinMs: 30_000,
  leastBytes: 128 * 1024,
  streamMs: 75_000,
  headersMs: 15_000,
  pipelined: 16,
};

/** For `createSecureServer`: a page holds a dozen streams; Node's own limit is four thousand million. */
export const HTTP2_SETTINGS = { maxConcurrentStreams: 256 } as const;

const CONNECT_ANSWER =
  'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

const UNREADABLE_CODES = {
  400: 'bad-request',
  408: 'request-timeout',
  413: 'too-large',
  431: 'too-large',
} as const;

interface Progress {
  takenBytes: number;
  sinceMs: number;
}

/**
 * Puts the limits on a server that does not listen yet. Returns the way to stop looking after its connections (they are
 * not closed by it).
 */
export function guardConnections(
  server: Server | Http2SecureServer,
  limits: ConnectionLimits = CONNECTION_LIMITS,
): () => void {
  const connections = new Map<Socket, Progress>();
  const track = (socket: Socket): void => {
    connections.set(socket, { takenBytes: 0, sinceMs: performance.now() });
    socket.once('close', () => connections.delete(socket));
  };
  const sweep = setInterval(() => cutStalled(connections, limits), limits.takenWithinMs / 12);
  sweep.unref();

  if ('setSecureContext' in server) {
    // TLS sockets carry HTTP/1.1 in their own buffers; those of HTTP/2 are the session's, so streams have a clock each.
    server.on('secureConnection', track);
    server.on('stream', (stream) => limitStream(stream, limits.streamMs));
    server.setTimeout(limits.streamMs, (session?: { destroy(): void }) => session?.destroy());
  } else {
    server.on('connection', track);
    server.headersTimeout = limits.headersMs;
    server.requestTimeout = 2 * limits.headersMs;
  }
  answerUnreadable(server as Server, (status) => `${JSON.stringify({ error: UNREADABLE_CODES[status] })}\n`);
  server.on('connect', (_request: IncomingMessage, socket: unknown) => {
    // Of HTTP/1.1 the raw socket; HTTP/2 hands over a response.
    if (isSocket(socket)) socket.end(CONNECT_ANSWER);
    else (socket as ServerResponse).writeHead(405, { allow: 'GET, HEAD, OPTIONS' }).end();
  });
  const queued = new WeakMap<Socket, number>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (response.socket) return; // the first in its queue
    const { socket } = request;
    const count = (queued.get(socket) ?? 0) + 1;
    queued.set(socket, count);
    if (count > limits.pipelined) socket.destroy();
    else response.once('socket', () => queued.set(socket, (queued.get(socket) ?? 1) - 1));
  });
  return () => clearInterval(sweep);
}

const isSocket = (value: unknown): value is Socket =>
  typeof value === 'object' && value !== null && 'remoteAddress' in value && !('writeHead' in value);

/** Bytes count when the kernel has all of the piece they belong to. */
function cutStalled(connections: ReadonlyMap<Socket, Progress>, limits: ConnectionLimits): void {
  const nowMs = performance.now();
  for (const [socket, progress] of connections) {
    const waitingBytes = socket.writableLength;
    const takenBytes = socket.bytesWritten - waitingBytes;
    const due = nowMs - progress.sinceMs >= limits.takenWithinMs;
    if (due && waitingBytes > 0 && takenBytes - progress.takenBytes < limits.leastBytes) cut(socket);
    else if (due || waitingBytes === 0) {
      progress.takenBytes = takenBytes;
      progress.sinceMs = nowMs;
    }
  }
}

/** By a reset: otherwise the kernel keeps what the client does not take. Under TLS Node has no such end. */
function cut(socket: Socket): void {
  if (!('encrypted' in socket)) socket.resetAndDestroy(); // on its own it would wait for what is not taken
  socket.destroy();
}

function limitStream(stream: ServerHttp2Stream, limitMs: number): void {
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), limitMs);
  timer.unref();
  stream.once('close', () => clearTimeout(timer));
}
