import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEdge } from './edge.ts';

let server: Server;
let taken: number;

beforeAll(async () => {
  server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  taken = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('an edge that cannot have its port says what Varnish said, and leaves nothing behind', async () => {
  const edge = { host: '127.0.0.1', port: taken, originHost: '127.0.0.1', originPort: taken, memoryMb: 16 };
  await expect(startEdge({ ...edge, log: () => undefined })).rejects.toMatchObject({
    code: 'edge',
    message: expect.stringContaining('in use'),
  });
}, 30_000);
