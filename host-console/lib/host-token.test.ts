import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from './api.ts';
import { hostTokenOf } from './host-token.ts';

let server: Server;
/** Tokens that open nothing any more, and whether anybody answers at all. */
let revoked: Set<string>;
let answering: boolean;
let made: number;
const browserFetch = globalThis.fetch;

beforeEach(async () => {
  [revoked, answering, made] = [new Set(), true, 0];
  server = createServer((request, response) => {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (!answering) answer(500, { error: { code: 'internal', message: '' } });
    else if (revoked.has(token)) answer(401, { error: { code: 'unauthenticated', message: 'revoked' } });
    else if (request.method === 'GET') answer(200, {});
    else {
      made += 1;
      answer(201, { token: `host-${made}`, expiresUnixMs: Date.now() + 7 * 86_400_000 });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  globalThis.fetch = (path, init) => browserFetch(`http://127.0.0.1:${port}${path}`, init);
  const kept = new Map<string, string>();
  Object.assign(globalThis, {
    localStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    },
  });
});
afterEach(() => {
  globalThis.fetch = browserFetch;
  server.closeAllConnections();
  server.close();
});

const token = async (): Promise<unknown> => {
  const result = await hostTokenOf(createApi('owner'), 'webinar-1');
  return result.ok ? result.value : result.error.code;
};

test('the owner stays the same host in this browser', async () => {
  expect([await token(), await token()]).toEqual(['host-1', 'host-1']);
});

test('a host link that was revoked is not opened again: another is made', async () => {
  await token();
  revoked.add('host-1');
  expect([await token(), await token()]).toEqual(['host-2', 'host-2']);
});

test('a server that has trouble says nothing against the link', async () => {
  await token();
  answering = false;
  expect(await token()).toBe('host-1');
});
