/** The edge over TLS before an origin of a test's own: the real programs, as `./rostrum up --edge --tls` runs them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaKey } from '@rostrum/contracts/media-right';
import { freePort } from '@rostrum/service-kit/free-port';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { type Edge, startEdge } from '../edge/edge.ts';
import { HoldingOrigin } from './holding-origin.ts';
import { Http2Viewer } from './viewers.ts';

export interface TlsEdge {
  readonly origin: HoldingOrigin;
  readonly edge: Edge;
  readonly port: number;
  readonly viewer: Http2Viewer;
  close(): Promise<void>;
}

export async function openTlsEdge(mediaKeys: readonly MediaKey[] = []): Promise<TlsEdge> {
  const undo: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'rostrum-edge-tls-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const origin = await HoldingOrigin.open();
    undo.push(() => origin.close());
    const port = await freePort();
    const edge = await startEdge({
      ...{ host: '127.0.0.1', port, tls: await makeCertificate(folder), memoryMb: 32, mediaKeys },
      ...{ originHost: '127.0.0.1', originPort: origin.port, log: () => undefined },
    });
    undo.push(() => edge.close());
    const viewer = await Http2Viewer.open(port);
    undo.push(() => viewer.close());
    return { origin, edge, port, viewer, close };
  } catch (error) {
    await close();
    throw error;
  }
}
