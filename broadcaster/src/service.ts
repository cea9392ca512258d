/** The broadcaster put together: origin and channels behind one port, and the line to the coordinator. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { NodeNotice } from '@rostrum/contracts/node-socket';
import { createCpuMeter, processSeconds } from '@rostrum/service-kit/cpu';
import { mediaKeyRing } from '@rostrum/service-kit/media-keys';
import { type Node, startNode } from '@rostrum/service-kit/node';
import { serveStatus } from '@rostrum/service-kit/status-server';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type FolderLock, lockFolder } from './archive/lock.ts';
import type { Downloads } from './archive/mp4/downloads.ts';
import { Capacity } from './channels/capacity.ts';
import type { Channel } from './channels/channel.ts';
import { Channels } from './channels/channels.ts';
import { prepareConfinement } from './channels/confinement.ts';
import { serviceMetrics } from './channels/metrics.ts';
import { createBroadcasterRpc } from './channels/rpc.ts';
import { listen, localHost } from './origin/listen.ts';
import { createOrigin } from './origin/origin.ts';
import { Recordings } from './recordings.ts';
import type { Settings } from './settings.ts';

export interface Service {
  /** Base URL of the origin as viewers reach it. */
  readonly url: string;
  /** Where the origin listens itself. */
  readonly listensUrl: string;
  /** Prometheus, on a port of its own. */
  readonly metricsUrl: string;
  /** For tests; in operation the coordinator's calls are the way in. */
  readonly channels: Channels;
  readonly downloads: Downloads;
  close(): Promise<void>;
}

/** Starts the broadcaster. Throws when its port or certificate cannot be had. */
export async function startService(settings: Settings, logger: Logger): Promise<Service> {
  await mkdir(settings.archiveDir, { recursive: true });
  const lock = await lockFolder(settings.archiveDir);
  try {
    return await startLocked(settings, logger, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startLocked(settings: Settings, logger: Logger, lock: FolderLock): Promise<Service> {
  prepareConfinement();
  const registry = new Registry();
  const clock = { nowUnixMs: () => Date.now() };
  let node: Node | null = null;
  let url = settings.originPublicUrl ?? '';
  const recordings = await Recordings.open({
    settings,
    channels: () => channels,
    nowUnixMs: clock.nowUnixMs,
    logger,
    metrics: registry,
  });
  const origin = createOrigin({
    archiveDir: settings.archiveDir,
    ...(settings.watchPageDir === undefined ? {} : { watchPageDir: settings.watchPageDir }),
    coordinatorUrl: settings.coordinatorUrl,
    publicUrl: () => url,
    embedAncestors: settings.embedAncestors,
    mediaKeys: mediaKeyRing(settings.mediaKeys, logger),
    cdnSecrets: settings.cdnSecrets,
    isDeleted: recordings.isDeleted,
    hasEnded: recordings.hasEnded,
    shapeOf: (channelId) => recordings.shapes.now(channelId),
    clock,
    logger,
    metrics: registry,
  });
  const capacity = new Capacity(settings.maxChannels);
  const room = (): number => capacity.room(channels.live.map((c) => c.startedMs));
  const channels: Channels = new Channels({
    origin,
    openArchives: recordings.openArchives,
    isDeleted: recordings.isDeleted,
    shapes: recordings.shapes,
    reserve: recordings.reserve,
    archiveDir: settings.archiveDir,
    originUrl: () => url,
    mediaIp: settings.mediaIp,
    pictureCap: settings.pictureCap,
    clock,
    logger,
    metrics: registry,
    tell: (notice: NodeNotice) => node?.tell(notice),
    recorded: recordings.recorded,
    room,
  });
  const connected = (): boolean => node?.connected() ?? false;
  const metrics = serviceMetrics(registry, () => channels.live, room, connected);
  const statusAt = { ip: settings.metricsIp, port: settings.metricsPort };
  const status = await serveStatus(statusAt, registry, () => ({
    ready: connected(),
    connected: connected(),
    channels: channels.live.length,
    ...recordings.publishing,
  })).catch((error: unknown) => {
    throw new Error(`cannot listen at ${statusAt.ip}:${statusAt.port} (ROSTRUM_ORIGIN_METRICS_PORT)`, {
      cause: error,
    });
  });
  const server = await listen(settings, origin.handle).catch(async (error: unknown) => {
    await status.close();
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  const scheme = settings.tls ? 'https' : 'http';
  url ||= `${scheme}://localhost:${port}`;
  const ownCores = createCpuMeter(processSeconds, logger);
  node = startNode({
    coordinatorUrl: settings.coordinatorUrl,
    nodeToken: settings.nodeToken,
    nodeId: settings.nodeId,
    bootId: randomUUID(),
    node: () => ({
      kind: 'broadcaster',
      originUrl: url,
      channelIds: channels.live.map((channel) => channel.channelId),
    }),
    work({ idleCores }) {
      const { live } = channels;
      const coresOf = (c: Channel): number =>
        (c.status().stats?.cpuCores ?? 0) + (c.tracks.status().stats?.cpuCores ?? 0);
      const cpuCores = live.reduce((sum, c) => sum + coresOf(c), ownCores());
      const states = live.map((c) => ({
        channelId: c.channelId,
        state: c.status().pressure,
        withheld: [...c.withheld],
        runs: { compositor: c.status().epoch, recorder: c.tracks.status().starts },
      }));
      capacity.measure({
        idleCores,
        usedCores: cpuCores,
        startedMs: live.map((c) => c.startedMs),
        shedding: states.some(({ state }) => state.step > 0),
      });
      return {
        cpuCores,
        loads: live.length,
        rooms: [],
        channels: states,
        roomForChannels: room(),
        archive: recordings.health(channels.archiveFailingSinceUnixMs),
        ...recordings.beat(),
      };
    },
    rpc: createBroadcasterRpc({
      channels,
      deletions: recordings.deletions,
      observe: metrics.observeRpc,
      onInternal: (method, error) => logger.error({ method, err: error }, 'call failed'),
    }),
    logger,
  });
  await recordings.begin();
  let closing = false;
  void lock.lost.then(() => {
    if (closing) return;
    // Somebody else may write there from now on.
    logger.fatal({ archiveDir: settings.archiveDir }, 'the lock of the archive folder is lost');
    process.exit(70);
  });
  return {
    url,
    listensUrl: `${scheme}://${localHost(settings.originHost)}:${port}`,
    metricsUrl: `${status.url}/metrics`,
    channels,
    downloads: recordings.downloads,
    async close() {
      closing = true;
      node?.close();
      await origin.stop();
      await recordings.stop();
      await channels.close();
      await recordings.close();
      await status.close();
      await lock.release();
      await new Promise<void>((done) => {
        server.close(() => done());
        if ('closeAllConnections' in server) server.closeAllConnections();
        else setTimeout(done, 200).unref(); // HTTP/2 sessions end with the process
      });
    },
  };
}
