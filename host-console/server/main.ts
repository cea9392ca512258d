import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { mediaKeyRing } from '@rostrum/service-kit/media-keys';
import { endInOrder, sayReady, settingsOrExit } from '@rostrum/service-kit/process';
import { serveStatus } from '@rostrum/service-kit/status-server';
import { pino } from 'pino';
import { serveCopies } from './backup/control.ts';
import { CONNECTION_LIMITS, type Coordinator, createCoordinator } from './coordinator.ts';
import { ALPN_PROTOCOLS, addHttp2 } from './http2.ts';
import { limitsWith } from './identity/limits.ts';
import { composer } from './mail/compose.ts';
import { folderDelivery } from './mail/folder.ts';
import { smtpDelivery, verifySmtp } from './mail/smtp.ts';
import { iceServersOf } from './media/ice-servers.ts';
import { createMediaPlane, dialledNodes } from './media/index.ts';
import { createMetrics } from './metrics.ts';
import { OwnerLink } from './owner-link.ts';
import { openPages } from './pages.ts';
import { randomIds, systemClock } from './ports.ts';
import { readSettings } from './settings.ts';
import { openStore } from './store/index.ts';
import { SNAPSHOT_POLICY } from './webinars/snapshots.ts';

/** How long a stop may take before the process ends anyway, ms. */
const STOP_WITHIN_MS = 5000;

/** How often it is looked whether the owner's link was revoked by another process of the same database, or is old, ms. */
const LOOK_AT_OWNER_LINK_MS = 10_000;

const settings = settingsOrExit(readSettings, 'The console cannot start:');
const logger = pino({ name: 'host-console', level: settings.logLevel });

async function start(): Promise<void> {
  const { smtp } = settings;
  const metrics = createMetrics();
  const store = await openStore(settings, logger, {
    committed({ seconds, appends, events }) {
      metrics.commitSeconds.observe(seconds);
      metrics.commitAppends.observe(appends);
      metrics.logEvents.inc(events);
    },
    commitFailed: () => metrics.commitFailures.inc(),
  });
  const copies = settings.databaseUrl ? null : await serveCopies(settings.dataDir, store.database, logger);
  const httpServer = settings.tls ? createSecureServer(settings.tls) : createServer();
  let listeningUrl = '';
  const publicUrl = (): string => settings.publicUrl ?? listeningUrl;
  // The pages ask for the origin while they are served, when the coordinator stands.
  let coordinator: Coordinator | null = null;
  let tellOwnerLink = (): void => undefined;
  const pages = await openPages(
    settings,
    logger,
    publicUrl,
    () => coordinator?.mediaPlane.originUrl() ?? null,
  );
  coordinator = createCoordinator({
    httpServer,
    store,
    secret: settings.secret,
    mediaKeys: mediaKeyRing(settings.mediaKeys, logger),
    cookieDomain: settings.cookieDomain,
    cloudFront: settings.cloudFront && {
      keyPairId: settings.cloudFront.keyPairId,
      privateKeyPem: readFileSync(settings.cloudFront.keyFile, 'utf8'),
    },
    publicUrl,
    allowedOrigins: settings.allowedOrigins,
    mediaPlane: ({ io, wordSide }) =>
      createMediaPlane({
        nodes: dialledNodes({ io, nodeToken: settings.nodeToken, logger, nowMs: systemClock.nowMs }),
        wordSide,
        iceServers: iceServersOf({
          fixed: settings.iceServers,
          turn: settings.turn,
          nowUnixMs: systemClock.nowUnixMs,
        }),
        logger,
        nowMs: systemClock.nowMs,
        nowUnixMs: systemClock.nowUnixMs,
        metrics: metrics.registry,
      }),
    pages: pages?.serve ?? null,
    clock: systemClock,
    ids: randomIds,
    logger,
    qualityLogger: pino({ name: 'quality', level: settings.logLevel }),
    metrics,
    doorsMinutes: settings.doorsMinutes,
    abandonedEndMs: settings.abandonedEndMs,
    webhooksToLoopback: settings.webhooksToLoopback,
    surroundings: {
      dataDir: settings.dataDir,
      turnUrls: settings.turn?.urls ?? [],
      smtp: smtp && { host: smtp.host, verify: () => verifySmtp(smtp) },
    },
    keepRecordingsMs: settings.keepRecordingsMs,
    mailFrom: settings.mailFrom,
    mail: {
      compose: composer({
        from: settings.mailFrom ?? { address: 'rostrum@localhost', name: 'Rostrum' },
        dkim: settings.dkim && {
          ...settings.dkim,
          privateKeyPem: readFileSync(settings.dkim.keyFile, 'utf8'),
        },
      }),
      delivery: settings.smtp
        ? smtpDelivery(settings.smtp)
        : folderDelivery(join(settings.dataDir, 'outbox')),
    },
    keepParticipantsMs: settings.keepParticipantsMs,
    keepQualityMs: settings.keepQualityMs,
    limits: limitsWith(settings.votesPerAddress),
    trustedProxies: settings.trustedProxies,
    snapshots: { ...SNAPSHOT_POLICY, logKeepMs: settings.logKeepMs },
    ownerLinksRevoked: () => tellOwnerLink(),
  });
  const running = coordinator;
  const statusAt = { ip: settings.metricsIp, port: settings.metricsPort };
  const status = await serveStatus(statusAt, metrics.registry, () => running.readiness());
  await coordinator.adopt();
  await new Promise<void>((resolve, reject) => {
    httpServer.once('error', reject);
    // When everyone reconnects at once, more connections wait than Node's 511 (the system may allow fewer).
    const backlog = 4096;
    httpServer.listen({ port: settings.port, host: settings.host, backlog }, () => {
      httpServer.off('error', reject);
      resolve();
    });
  });
  const { port } = httpServer.address() as AddressInfo;
  listeningUrl = `${settings.tls ? 'https' : 'http'}://${hostInUrl(settings.host)}:${port}`;
  const ownerLink = new OwnerLink({
    generation: () => store.installation.ownerGeneration(),
    wanted: async () => settings.ownerLink !== 'first' || !(await store.accounts.hasOwner()),
    make: () => running.service.ownerUrl(),
    nowUnixMs: systemClock.nowUnixMs,
  });
  // The owner's token stands on this line and nowhere else. `setupUrl` is the same link where somebody is to open it.
  const sayOwnerLink = async (): Promise<void> => {
    const told = await ownerLink.look();
    if (told === 'same') return;
    const { url: ownerUrl } = told;
    const isForPeople = settings.ownerLink !== 'demo' || !(await store.accounts.hasOwner());
    const urls = {
      url: publicUrl(),
      ...(ownerUrl === null ? {} : { ownerUrl }),
      ...(ownerUrl === null || !isForPeople ? {} : { setupUrl: ownerUrl.replace('/#', '/setup#') }),
      listens: listeningUrl,
      metrics: `${status.url}/metrics`,
    };
    sayReady({ ready: 'host-console', ...urls });
  };
  // The launcher takes the line out of the log. Where nobody does, a link that was revoked is not followed there by the next.
  if (settings.parentPipe) {
    tellOwnerLink = () =>
      void sayOwnerLink().catch((error: unknown) =>
        logger.warn({ err: error }, 'it is not known whether the owner’s link is still good'),
      );
  }
  const lookingAtOwnerLink = setInterval(() => tellOwnerLink(), LOOK_AT_OWNER_LINK_MS);
  endInOrder({
    async close() {
      clearInterval(lookingAtOwnerLink);
      await running.close();
      await status.close();
      await pages?.close();
      await copies?.close();
      await store.close();
    },
    withinMs: STOP_WITHIN_MS,
    parentPipe: settings.parentPipe,
    logger,
  });
  await sayOwnerLink();
}

function createSecureServer(tls: { readonly certFile: string; readonly keyFile: string }): HttpsServer {
  const server = createTlsServer({
    cert: readFileSync(tls.certFile),
    key: readFileSync(tls.keyFile),
    ALPNProtocols: ALPN_PROTOCOLS,
    handshakeTimeout: CONNECTION_LIMITS.headersMs,
  });
  addHttp2(server, CONNECTION_LIMITS);
  return server;
}

/** Everywhere and here are both reached as localhost. */
function hostInUrl(host: string): string {
  if (['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

try {
  await start();
} catch (error) {
  logger.fatal({ err: error }, 'the console cannot start');
  process.stderr.write(
    `The console cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}
