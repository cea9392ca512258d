import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { watchForSilence } from './silence.ts';

const urlOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;

test('one that answers late now and then, or refuses, is left alone', async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    // Every second answer never comes; the others are of no use.
    if (asked % 2 === 0) response.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  let silent = false;
  const stop = watchForSilence(urlOf(server), {
    limits: { everyMs: 1, withinMs: 100, misses: 3, enoughMs: 1000 },
    pids: () => [],
    onSilence: () => {
      silent = true;
    },
  });
  while (asked < 8) await new Promise((resolve) => setTimeout(resolve, 5));
  server.closeAllConnections();
  server.close();
  // Nobody listens there now: that is an answer too.
  await new Promise((resolve) => setTimeout(resolve, 300));
  stop();
  expect(silent).toBe(false);
});

test('an answer that comes late is an answer', async () => {
  const late: (() => void)[] = [];
  const server = createServer((_request, response) => {
    late.push(() => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  let silent = false;
  const stop = watchForSilence(urlOf(server), {
    limits: { everyMs: 1, withinMs: 50, misses: 3, enoughMs: 1000 },
    pids: () => [],
    onSilence: () => {
      silent = true;
    },
  });
  // Each time the second question is asked, the first one is answered.
  for (let asked = 2; asked <= 8; asked += 2) {
    while (late.length < asked) await new Promise((resolve) => setTimeout(resolve, 1));
    late[asked - 2]?.();
  }
  expect(silent).toBe(false);
  while (!silent) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(late.length).toBeGreaterThanOrEqual(8 + 3);
  stop();
  server.closeAllConnections();
  server.close();
});
