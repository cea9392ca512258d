import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { ask, askAtOnce } from './http.ts';

let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('an answer that comes well after one that nothing holds was waited for', async () => {
  const base = await serve((request, response) => {
    void setTimeout(request.url === '/held' ? 1300 : 0).then(() => response.end());
  });
  expect(await askAtOnce(`${base}/held`, `${base}/plain`)).toMatchObject({ status: 200, atOnce: false });
  expect(await askAtOnce(`${base}/other`, `${base}/plain`)).toMatchObject({ status: 200, atOnce: true });
});

test('where everything is slow nothing was waited for', async () => {
  const base = await serve((_request, response) => {
    void setTimeout(1300).then(() => response.end());
  });
  expect(await askAtOnce(`${base}/held`, `${base}/plain`)).toMatchObject({ atOnce: true });
});

test('a connection that is closed before the request came is no answer, and one is asked for again', async () => {
  let requests = 0;
  const base = await serve((request, response) => {
    requests += 1;
    if (requests === 1) request.socket.destroy();
    else response.end('here');
  });
  expect((await ask(`${base}/`)).status).toBe(200);
  expect(requests).toBe(2);
});

test('a held request whose connection ends without an answer is told', async () => {
  let requests = 0;
  const base = await serve((request) => {
    requests += 1;
    void setTimeout(400).then(() => request.socket.destroy());
  });
  await expect(ask(`${base}/`)).rejects.toMatchObject({ code: 'unreachable' });
  expect(requests).toBe(1);
});
