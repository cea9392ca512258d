/** A service's status on a port of its own: it names what runs, and is nobody's business but the operator's. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStatusRoutes, type MetricsSource, type Readiness } from './status.ts';

export interface StatusServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `/metrics`, `/healthz` and `/readyz`, and nothing else. Rejects with the system's error when it cannot listen there. */
export async function serveStatus(
  { ip, port }: { readonly ip: string; readonly port: number },
  registry: MetricsSource,
  ready: () => Readiness | Promise<Readiness>,
): Promise<StatusServer> {
  const status = createStatusRoutes(registry, ready);
  const server: Server = createServer((request, response) => {
    if (status(request, response)) return;
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, ip, listening);
  });
  const address = server.address() as AddressInfo;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${host}:${address.port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
