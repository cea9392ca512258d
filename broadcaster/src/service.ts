/** The broadcaster put together: origin and channels behind one port, and the line to the coordinator. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { cloudFrontClient } from '@rostrum/cdn-config/cloudfront';
import {
  type ArchiveHealth,
  DOWNLOADS_A_BEAT,
  HELD_RECORDINGS_A_BEAT,
  type NodeNotice,
  OPEN_ARCHIVES_A_BEAT,
  SHAPES_A_BEAT,
} from '@rostrum/contracts/node-socket';
import { HTTP2_SETTINGS } from '@rostrum/service-kit/connections';
import { createCpuMeter, processSeconds } from '@rostrum/service-kit/cpu';
import { mediaKeyRing } from '@rostrum/service-kit/media-keys';
import { type Node, startNode } from '@rostrum/service-kit/node';
import { serveStatus } from '@rostrum/service-kit/status-server';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type CachePurge, cloudFrontCache, edgeCaches } from './archive/delete/caches.ts';
import { Deletions } from './archive/delete/deletions.ts';
import { nodeDisk } from './archive/disk.ts';
import { DiskWatch } from './archive/disk-watch.ts';
import { endOf } from './archive/ended.ts';
import { HeldRecordings } from './archive/held-recordings.ts';
import { JOURNAL_NAME } from './archive/journal.ts';
import { type FolderLock, lockFolder } from './archive/lock.ts';
import { Downloads } from './archive/mp4/downloads.ts';
import { OpenArchives } from './archive/open-archives.ts';
import { Posters } from './archive/poster/posters.ts';
import { Publisher } from './archive/publish/publisher.ts';
import { s3Target } from './archive/publish/s3.ts';
import { s3LargeTarget } from './archive/publish/s3-large.ts';
import { ShapeCopies } from './archive/publish/shape-copies.ts';
import { tellExtras } from './archive/recording-files.ts';
import { Reserve } from './archive/reserve.ts';
import { removeOldestRecording } from './archive/retention.ts';
import { Shapes } from './archive/shapes.ts';
import { Capacity } from './channels/capacity.ts';
import type { Channel } from './channels/channel.ts';
import { Channels } from './channels/channels.ts';
import { prepareConfinement } from './channels/confinement.ts';
import { serviceMetrics } from './channels/metrics.ts';
import { createBroadcasterRpc } from './channels/rpc.ts';
import { guardOrigin } from './origin/connections.ts';
import type { OriginRequest, OriginResponse } from './origin/interface.ts';
import { createOrigin } from './origin/origin.ts';
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
  const reserve = new Reserve(settings.archiveDir);
  // Before anything is served or copied: it knows what no more is.
  const deletions = await Deletions.open({
    archiveDir: settings.archiveDir,
    removeCopies: settings.s3 ? async (channelId, signal) => publisher?.remove(channelId, signal) : null,
    caches: cachesOf(settings),
    letGo: async (channelId) => {
      await channels.release(channelId);
      shapes.gone(channelId);
      await downloads.forget(channelId);
    },
    withRoom: (work) => reserve.use(work),
    nowUnixMs: clock.nowUnixMs,
    logger,
  });
  const isDeleted = (channelId: string): boolean => deletions.has(channelId);
  const shapes = new Shapes({
    archiveDir: settings.archiveDir,
    logger,
    // Of what is for nobody there is nothing to download either.
    follow: (channelId, { published, downloads: wanted, cuts }) =>
      downloads.want(channelId, published ? wanted : [], cuts),
    changed: (channelId) => {
      copies?.want(channelId);
      void posters.want(channelId);
    },
  });
  const origin = createOrigin({
    archiveDir: settings.archiveDir,
    ...(settings.watchPageDir === undefined ? {} : { watchPageDir: settings.watchPageDir }),
    coordinatorUrl: settings.coordinatorUrl,
    publicUrl: () => url,
    embedAncestors: settings.embedAncestors,
    mediaKeys: mediaKeyRing(settings.mediaKeys, logger),
    cdnSecrets: settings.cdnSecrets,
    isDeleted,
    hasEnded: async (channelId) =>
      (await endOf(join(settings.archiveDir, channelId, JOURNAL_NAME))) !== 'open',
    shapeOf: (channelId) => shapes.now(channelId),
    clock,
    logger,
    metrics: registry,
  });
  const capacity = new Capacity(settings.maxChannels);
  const room = (): number => capacity.room(channels.live.map((c) => c.startedMs));
  const openArchives = new OpenArchives();
  const channels: Channels = new Channels({
    origin,
    openArchives,
    isDeleted,
    shapes,
    reserve,
    archiveDir: settings.archiveDir,
    originUrl: () => url,
    mediaIp: settings.mediaIp,
    pictureCap: settings.pictureCap,
    clock,
    logger,
    metrics: registry,
    tell: (notice: NodeNotice) => node?.tell(notice),
    recorded: (channelId) => {
      copies?.want(channelId);
      void posters.want(channelId);
    },
    room,
  });
  const downloads = new Downloads({
    archiveDir: settings.archiveDir,
    // Beyond it the crew is told that the disk is low: what is left is for shows.
    maxUsedShare: settings.diskThresholds.low,
    logger,
    onMade: (channelId) => {
      channels
        .inTurn(channelId, () => tellExtras(nodeDisk, join(settings.archiveDir, channelId)))
        .then(() => copies?.want(channelId))
        .catch((error: unknown) => logger.error({ err: error, channelId }, 'a download is not told of'));
    },
  });
  const posters = new Posters({
    archiveDir: settings.archiveDir,
    logger,
    inTurn: (channelId, task) => channels.inTurn(channelId, task),
    made: (channelId) => copies?.want(channelId),
  });
  const publisher: Publisher | null = settings.s3
    ? new Publisher({
        archiveDir: settings.archiveDir,
        target: s3Target(settings.s3),
        large: s3LargeTarget(settings.s3),
        nowUnixMs: clock.nowUnixMs,
        isDeleted,
        logger,
        metrics: registry,
      })
    : null;
  const heldRecordings = new HeldRecordings(settings.archiveDir, () => performance.now());
  const copies =
    settings.s3 && publisher
      ? new ShapeCopies({
          archiveDir: settings.archiveDir,
          target: s3Target(settings.s3),
          complete: (channelId) => publisher.has(channelId),
          logger,
        })
      : null;
  /** With a bucket, what is not in it yet is nowhere else. */
  const mayGo = (id: string): boolean =>
    !channels.has(id) && (publisher?.has(id) ?? true) && !copies?.waits(id);
  const disk = new DiskWatch({
    folder: settings.archiveDir,
    thresholds: settings.diskThresholds,
    ...(settings.removeOldestRecordings
      ? {
          async removeOldest() {
            const removed = await removeOldestRecording(settings.archiveDir, (id) => !mayGo(id));
            if (removed !== null) shapes.gone(removed);
            return removed;
          },
        }
      : {}),
    // Where it does not fit it is tried at the next look; who needs it then finds none, and says so.
    whileThereIsRoom: () => reserve.keep().catch(() => undefined),
    logger,
    metrics: registry,
  });
  const archiveHealth = (): ArchiveHealth => {
    const { level, usedShare } = disk.use;
    return {
      disk: level,
      usedShare,
      failingSinceUnixMs: channels.archiveFailingSinceUnixMs,
      ...(publisher ? { publishing: publisher.health() } : {}),
    };
  };
  const connected = (): boolean => node?.connected() ?? false;
  const metrics = serviceMetrics(registry, () => channels.live, room, connected);
  const statusAt = { ip: settings.metricsIp, port: settings.metricsPort };
  const status = await serveStatus(statusAt, registry, () => ({
    ready: connected(),
    connected: connected(),
    channels: channels.live.length,
    ...(publisher ? { publishing: publisher.health() } : {}),
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
        archive: archiveHealth(),
        openArchives: openArchives.some(OPEN_ARCHIVES_A_BEAT, (id) => channels.has(id)),
        heldRecordings: heldRecordings.some(HELD_RECORDINGS_A_BEAT, isDeleted),
        shapes: shapes.some(SHAPES_A_BEAT),
        downloads: downloads.some(DOWNLOADS_A_BEAT),
      };
    },
    rpc: createBroadcasterRpc({
      channels,
      deletions,
      observe: metrics.observeRpc,
      onInternal: (method, error) => logger.error({ method, err: error }, 'call failed'),
    }),
    logger,
  });
  await disk.look();
  deletions.resume();
  // Beside everything else: nobody waits for it.
  openArchives.find(settings.archiveDir, logger).catch((error: unknown) => {
    logger.warn({ err: error }, 'recordings without an end were not looked for');
  });
  shapes
    .find()
    .then(() => {
      // What a process that died had not copied is found by comparing.
      for (const channelId of shapes.all) copies?.want(channelId);
    })
    .catch((error: unknown) => {
      logger.warn({ err: error }, 'what recordings are to be was not looked for');
    });
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
    downloads,
    async close() {
      closing = true;
      node?.close();
      await origin.stop();
      await deletions.close();
      await posters.close();
      await channels.close();
      await disk.close();
      await downloads.close();
      await copies?.close();
      await publisher?.close();
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

/** What is in front of the origin and keeps what was served. */
function cachesOf({ caches: { edges, cdnDistribution } }: Settings): CachePurge[] {
  return [
    ...(edges ? [edgeCaches(edges.urls, edges.secret)] : []),
    ...(cdnDistribution === undefined
      ? []
      : [cloudFrontCache(cloudFrontClient(process.env), cdnDistribution)]),
  ];
}

/** An address that a client on this machine can use. */
function localHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

async function listen(
  settings: Settings,
  handle: (request: OriginRequest, response: OriginResponse) => void,
): Promise<Server | Http2SecureServer> {
  const { tls, originHost, originPort } = settings;
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
