import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { watchForSilence } from './silence.ts';

test('one that answers late now and then, or refuses, is left alone', async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    // Every second answer never comes; the others are of no use.
    if (asked % 2 === 0) response.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let silent = false;
  const stop = watchForSilence(
    `http://127.0.0.1:${port}/healthz`,
    { everyMs: 1, withinMs: 100, misses: 2 },
    () => {
      silent = true;
    },
  );
  while (asked < 8) await new Promise((resolve) => setTimeout(resolve, 5));
  server.closeAllConnections();
  server.close();
  // Nobody listens there now: that is an answer too.
  await new Promise((resolve) => setTimeout(resolve, 300));
  stop();
  expect(silent).toBe(false);
});
