import { request } from 'node:http';
import { constants, createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Server } from 'node:https';
import { type Duplex, duplexPair, pipeline } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type ConnectionLimits, HTTP2_SETTINGS, limitHttp2 } from '@rostrum/service-kit/connections';

/** For `https.createServer`: what the browser may choose from. */
export const ALPN_PROTOCOLS = ['h2', 'http/1.1'];

/** Belong to one HTTP/1.1 connection; forbidden in HTTP/2 (RFC 9113, section 8.2.2). */
const OF_A_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Adds HTTP/2 to a server whose listeners speak HTTP/1.1 only, as those of Next.js and Socket.IO do: each HTTP/2 request
 * becomes one of HTTP/1.1 over a pair of streams in this process. WebSockets come over HTTP/1.1 connections, as browsers
 * open them. Call it before anything else listens for connections.
 */
export function addHttp2(server: Server, limits: Pick<ConnectionLimits, 'streamMs'>): void {
  const accept = server.listeners('secureConnection') as ((socket: Duplex) => void)[];
  const acceptHttp1 = (socket: Duplex): void => {
    for (const listener of accept) listener.call(server, socket);
  };
  const http2 = createServer({ settings: HTTP2_SETTINGS }, (incoming, outgoing) =>
    bridge(incoming, outgoing, acceptHttp1),
  );
  limitHttp2(http2, limits);
  // A browser that goes away in the middle is not an error of ours.
  http2.on('sessionError', () => undefined);
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') http2.emit('connection', socket);
    else acceptHttp1(socket);
  });
}

function bridge(
  incoming: Http2ServerRequest,
  outgoing: Http2ServerResponse,
  acceptHttp1: (socket: Duplex) => void,
): void {
  const [near, far] = duplexPair();
  // Rate limits go by it.
  Object.defineProperty(far, 'remoteAddress', { value: incoming.socket.remoteAddress });
  acceptHttp1(far);
  const headers = Object.entries(incoming.headers).filter(([name]) => !name.startsWith(':'));
  const inner = request({
    createConnection: () => near,
    method: incoming.method,
    path: incoming.url,
    headers: { ...Object.fromEntries(headers), host: incoming.authority, connection: 'close' },
  });
  inner.on('response', (answer) => {
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined && !OF_A_CONNECTION.has(name)) outgoing.setHeader(name, value);
    }
    outgoing.writeHead(answer.statusCode ?? constants.HTTP_STATUS_BAD_GATEWAY);
    pipeline(answer, outgoing, () => near.destroy());
  });
  inner.on('error', () => outgoing.stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  outgoing.on('close', () => inner.destroy());
  incoming.pipe(inner);
}
