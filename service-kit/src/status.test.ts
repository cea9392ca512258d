import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStatusRoutes } from './status.ts';

let server: Server;
let url = '';
let ready = false;
let metrics = (): Promise<string> => Promise.resolve('up 1\n');
beforeAll(async () => {
  const status = createStatusRoutes({ contentType: 'text/plain', metrics: () => metrics() }, () => ({
    ready,
    rooms: 2,
  }));
  server = createServer((request, response) => {
    if (!status(request, response)) response.writeHead(418).end();
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe('a service says how it is', () => {
  test('healthy while it answers, ready when it can take work', async () => {
    const health = await fetch(`${url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { healthy: true }]);
    expect(health.headers.get('cache-control')).toBe('no-store');
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    ready = true;
    const readiness = await fetch(`${url}/readyz?now`);
    expect([readiness.status, await readiness.json()]).toEqual([200, { ready: true, rooms: 2 }]);
    expect(await (await fetch(`${url}/readyz`, { method: 'HEAD' })).text()).toBe('');
  });

  test('with its metrics, and 500 when they cannot be had', async () => {
    const scraped = await fetch(`${url}/metrics`);
    expect([scraped.headers.get('content-type'), await scraped.text()]).toEqual(['text/plain', 'up 1\n']);
    metrics = () => Promise.reject(new Error('collector broken'));
    expect((await fetch(`${url}/metrics`)).status).toBe(500);
  });

  test('to nobody who wants to change it, and leaves other paths to the service', async () => {
    expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${url}/else`)).status).toBe(418);
  });
});
