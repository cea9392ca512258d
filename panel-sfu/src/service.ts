import { randomUUID } from 'node:crypto';
import type { NodeNotice } from '@rostrum/contracts';
import { createCpuMeter, processSeconds } from '@rostrum/service-kit/cpu';
import { type Node, startNode } from '@rostrum/service-kit/node';
import { serveStatus } from '@rostrum/service-kit/status-server';
import { setLogEventListeners } from 'mediasoup';
import type { Logger } from 'pino';
import { createMetrics } from './metrics.ts';
import { Rooms } from './rooms.ts';
import { createSfuRpc } from './rpc.ts';
import type { Settings } from './settings.ts';
import { createWorkerPool, type WorkerPool } from './workers.ts';

export interface Service {
  readonly metricsUrl: string;
  /** For tests and benchmarks; in operation the coordinator's calls are the way in. */
  readonly rooms: Rooms;
  readonly pool: WorkerPool;
  close(): Promise<void>;
}

/** Puts a media node together and starts it. Throws when a worker or the metrics port cannot be had. */
export async function startService(settings: Settings, logger: Logger): Promise<Service> {
  const { listenIp, announcedIp, workerBin, rtcPort } = settings;
  // The worker's own complaints; its warnings are about single packets, and come with every stray one.
  setLogEventListeners({ onerror: (namespace, log) => logger.warn({ namespace, log }, 'mediasoup') });
  const pool = await createWorkerPool({
    count: settings.workers,
    rtcPort,
    listenIp,
    announcedIp,
    workerBin,
    logger,
  });
  let node: Node | null = null;
  const tell = (notice: NodeNotice): void => node?.tell(notice);
  const rooms = new Rooms({ pool, listenIp, announcedIp, tell, logger });
  const metrics = createMetrics(rooms, pool, () => node?.connected() ?? false, settings.relays ?? []);
  const rpc = createSfuRpc({
    rooms,
    observe: metrics.observeRpc,
    onInternal: (method, error) => logger.error({ method, err: error }, 'call failed'),
  });
  const statusAt = { ip: settings.metricsIp, port: settings.metricsPort };
  const status = await serveStatus(statusAt, metrics.registry, () => {
    const workers = pool.alive().length;
    const connected = node?.connected() ?? false;
    return { ready: connected && workers === pool.wanted, connected, workers };
  }).catch(async (error: unknown) => {
    await pool.close();
    throw new Error(
      `cannot listen at ${settings.metricsIp}:${settings.metricsPort} (ROSTRUM_SFU_METRICS_PORT)`,
      {
        cause: error,
      },
    );
  });
  const cpuCores = createCpuMeter(() => processSeconds() + pool.cpuSeconds(), logger);
  node = startNode({
    coordinatorUrl: settings.coordinatorUrl,
    nodeToken: settings.nodeToken,
    nodeId: settings.nodeId,
    bootId: randomUUID(),
    rpc,
    node: () => ({ kind: 'sfu', roomIds: rooms.ids }),
    work: () => ({
      cpuCores: cpuCores(),
      loads: rooms.ids.length,
      rooms: rooms.ids,
      channels: [],
      roomForChannels: null,
      archive: null,
    }),
    // People keep seeing each other through a restart of the coordinator; later, nobody can come or go any more.
    orphaned: {
      afterMs: settings.orphanMs,
      act() {
        logger.warn({ rooms: rooms.ids.length }, 'the coordinator stays away: closing rooms');
        rooms.closeAll();
      },
    },
    logger,
  });
  return {
    metricsUrl: `${status.url}/metrics`,
    rooms,
    pool,
    async close() {
      node?.close();
      rooms.closeAll();
      await Promise.all([status.close(), pool.close()]);
    },
  };
}
