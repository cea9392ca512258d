import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerUnreadable } from './unreadable.ts';

let server: Server;
beforeEach(async () => {
  server = createServer({ connectionsCheckingInterval: 20, headersTimeout: 100, requestTimeout: 150 });
  answerUnreadable(server, (status) => JSON.stringify({ error: status }));
  server.on('request', (request, response) => {
    request.resume();
    if (request.url === '/begun') response.write('begun');
    else if (request.method === 'GET') response.end('fine');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends these bytes and reads until the server closes. */
function sent(bytes: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

const HOST = 'Host: a\r\n';
test.each([
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['a bad method', `G ET / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a head that is too large', `GET / HTTP/1.1\r\n${HOST}authorization: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['a head that never ends', `GET / HTTP/1.1\r\n${HOST}`, 408],
  ['a body that never comes', `POST / HTTP/1.1\r\n${HOST}content-length: 5\r\n\r\n`, 408],
])('%s is answered in JSON that any page may read', async (_what, bytes, status) => {
  const [head = '', body = ''] = (await sent(bytes)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head.toLowerCase()).toContain('access-control-allow-origin: *');
  expect(JSON.parse(body)).toEqual({ error: status });
});

test('an answer under way is cut, not followed by another', async () => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`POST /begun HTTP/1.1\r\n${HOST}transfer-encoding: chunked\r\n\r\n`);
  socket.once('data', () => socket.write('nonsense\r\n'));
  const all = await text(socket);
  expect(all.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(all).not.toContain('400');
});

test('a good request before a bad one is answered first', async () => {
  const all = await sent(`GET / HTTP/1.1\r\n${HOST}\r\nhello\r\n\r\n`);
  expect(all).toMatch(/200 OK[\s\S]*fine[\s\S]*400 Bad Request/);
});
