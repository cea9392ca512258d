/** What one connection may cost: limits of time and number that Node leaves open, for a server of either protocol. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { constants, type Http2SecureServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { answerUnreadable, type UnreadableStatus } from './unreadable.ts';

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

/** For `createSecureServer`: a page holds a dozen streams; Node's own limit is four thousand million. */
export const HTTP2_SETTINGS = { maxConcurrentStreams: 256 } as const;

/** How a server words what is answered here in its place, and whom it counts connections by. */
export interface Guarded {
  /** The JSON text for a request that could not be read. */
  unreadable(status: UnreadableStatus): string;
  /** For `Allow`, with the refusal of CONNECT. */
  readonly methods: string;
  /** Connections at once: of everybody, and of each `clientOf`. Absent: as many as the system takes. */
  readonly most?: {
    readonly all: number;
    readonly perClient: number;
    /** By the peer's address; null: it is not counted, since many come through it. */
    clientOf(address: string): string | null;
  };
}

interface Progress {
  takenBytes: number;
  sinceMs: number;
}

/**
 * Puts the limits on a server that does not listen yet. Returns the way to stop looking after its connections (they are
 * not closed by it).
 */
export function guardConnections(
  server: Server | HttpsServer | Http2SecureServer,
  limits: ConnectionLimits,
  { unreadable, methods, most }: Guarded,
): () => void {
  const connections = new Map<Socket, Progress>();
  const track = (socket: Socket): void => {
    connections.set(socket, { takenBytes: 0, sinceMs: performance.now() });
    socket.once('close', () => connections.delete(socket));
  };
  const sweep = setInterval(() => cutStalled(connections, limits), limits.takenWithinMs / 12);
  sweep.unref();

  // TLS sockets carry HTTP/1.1 in their own buffers; those of HTTP/2 are the session's, so streams have a clock each.
  (server as Server).on('setSecureContext' in server ? 'secureConnection' : 'connection', track);
  if ('updateSettings' in server) limitHttp2(server, limits);
  else {
    server.headersTimeout = limits.headersMs;
    server.requestTimeout = 2 * limits.headersMs;
  }
  if (most) countConnections(server as Server, most);
  answerUnreadable(server as Server, unreadable);
  server.on('connect', (_request: IncomingMessage, socket: unknown) => {
    // Of HTTP/1.1 the raw socket; HTTP/2 hands over a response.
    if (isSocket(socket)) {
      socket.end(
        `HTTP/1.1 405 Method Not Allowed\r\nAllow: ${methods}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
    } else (socket as ServerResponse).writeHead(405, { allow: methods }).end();
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

/** A stream is over after `limits.streamMs`, and so is a session on which nothing moves. */
export function limitHttp2(
  server: Http2Server | Http2SecureServer,
  { streamMs }: Pick<ConnectionLimits, 'streamMs'>,
): void {
  server.on('stream', (stream: ServerHttp2Stream) => limitStream(stream, streamMs));
  server.setTimeout(streamMs, (session?: { destroy(): void }) => session?.destroy());
}

/** Those that are too many are closed before they are read from. */
function countConnections(server: Server, { all, perClient, clientOf }: NonNullable<Guarded['most']>): void {
  server.maxConnections = all;
  const counts = new Map<string, number>();
  server.prependListener('connection', (socket: Socket) => {
    const client = clientOf(socket.remoteAddress ?? '');
    if (client === null) return;
    const count = (counts.get(client) ?? 0) + 1;
    counts.set(client, count);
    socket.once('close', () => {
      const left = (counts.get(client) ?? 1) - 1;
      if (left > 0) counts.set(client, left);
      else counts.delete(client);
    });
    if (count > perClient) cut(socket);
  });
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
