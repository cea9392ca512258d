/** Where the origin listens: HTTP, or HTTPS with HTTP/2. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { Server as NetServer } from 'node:net';
import { HTTP2_SETTINGS } from '@rostrum/service-kit/connections';
import { guardOrigin } from './connections.ts';
import type { OriginRequest, OriginResponse } from './interface.ts';

export interface ListenOptions {
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly originHost: string;
  readonly originPort: number;
}

/** An address that a client on this machine can use. */
export function localHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** Rejects with what to do when the port or the certificate cannot be had. */
export async function listen(
  options: ListenOptions,
  handle: (request: OriginRequest, response: OriginResponse) => void,
): Promise<Server | Http2SecureServer> {
  const { tls, originHost, originPort } = options;
  const server = tls
    ? createSecureServer(
        {
          allowHTTP1: true,
          settings: HTTP2_SETTINGS,
          cert: await readFile(tls.certFile),
          key: await readFile(tls.keyFile),
        },
        handle,
      )
    : createServer(handle);
  guardOrigin(server);
  // Both are net servers; their own listener overloads have nothing in common.
  const net = server as NetServer;
  await new Promise<void>((listening, failed) => {
    net.once('error', (error) =>
      failed(
        new Error(`cannot listen at ${originHost}:${originPort} (ROSTRUM_ORIGIN_PORT)`, { cause: error }),
      ),
    );
    net.listen(originPort, originHost, listening);
  });
  return server;
}
