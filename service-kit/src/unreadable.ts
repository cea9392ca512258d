import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What a request was that never reached a handler: too large a head, too slow, or no HTTP. */
export type UnreadableStatus = 400 | 408 | 413 | 431;

const STATUS: Readonly<Record<string, UnreadableStatus>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
const REASON: Readonly<Record<UnreadableStatus, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
};
/** For a client that goes on sending, time to read the answer. */
const LINGER_MS = 1000;

/**
 * Answers what Node would otherwise answer itself, without a word and without CORS: a page then couldn't tell a token that
 * is too long from a dead server. Who asks isn't known by then, so any origin may read it; it says nothing of anybody.
 *
 * @param body the JSON text of an answer
 */
export function answerUnreadable(
  // Node's HTTPS and HTTP/2 servers emit the same for their HTTP/1.1 connections, under other types.
  server: Pick<Server, 'on' | 'prependListener'>,
  body: (status: UnreadableStatus) => string,
): void {
  const open = new WeakMap<Duplex, Set<ServerResponse>>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.httpVersionMajor > 1) return; // HTTP/2 has its own errors
    const { socket } = request;
    const responses = open.get(socket) ?? new Set();
    open.set(socket, responses.add(response));
    response.once('close', () => responses.delete(response));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // In the middle of an answer another one would be taken for its body.
    const answering = [...(open.get(socket) ?? [])].some((r) => r.headersSent && !r.writableEnded);
    if (!socket.writable || answering || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const status = STATUS[error.code ?? ''] ?? 400;
    const text = body(status);
    socket.end(
      [
        `HTTP/1.1 ${status} ${REASON[status]}`,
        'Connection: close',
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(text)}`,
        'Cache-Control: no-store',
        'X-Content-Type-Options: nosniff',
        'Access-Control-Allow-Origin: *',
        '',
        text,
      ].join('\r\n'),
    );
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  });
}
