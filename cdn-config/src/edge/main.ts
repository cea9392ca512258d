/** The edge as a service: Varnish, and HAProxy over TLS, under supervision, with status and metrics on a port of its own. */
import { mediaKeyRing, mediaKeySettings, mediaKeySource, refuseBoth } from '@rostrum/service-kit/media-keys';
import { endInOrder, endWhenGone, sayReady, settingsOrExit } from '@rostrum/service-kit/process';
import { IpAddress, PemFile, Port, parseSettings } from '@rostrum/service-kit/settings';
import { serveStatus } from '@rostrum/service-kit/status-server';
import { pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import { EDGE_SECRET, EDGE_SECRET_RULE } from './control.ts';
import { startEdge } from './edge.ts';

const STOP_WITHIN_MS = 5000;

/** Every setting of the edge, by its environment variable. */
const SettingsSchema = z
  .object({
    ROSTRUM_EDGE_HOST: z.string().min(1, 'an address to listen on').default('127.0.0.1'),
    ROSTRUM_EDGE_PORT: Port.refine((port) => port !== 0, 'a port: it cannot say which one it was given'),
    /** Where the origin listens on this machine. */
    ROSTRUM_ORIGIN_HOST: z.string().min(1, 'the origin’s host').default('127.0.0.1'),
    ROSTRUM_ORIGIN_PORT: Port,
    /** Certificate with its chain, and its key: then it speaks HTTPS alone, HTTP/2 and HTTP/1.1. */
    ROSTRUM_TLS_CERT: PemFile.optional(),
    ROSTRUM_TLS_KEY: PemFile.optional(),
    /** Keys of rights to private channels, as the coordinator has them; HAProxy is told them at its start alone. */
    ...mediaKeySettings,
    /** Where broadcasters tell it to forget a deleted recording; without the port they cannot. */
    ROSTRUM_EDGE_CONTROL_HOST: IpAddress.default('127.0.0.1'),
    ROSTRUM_EDGE_CONTROL_PORT: Port.refine(
      (port) => port !== 0,
      'a port: broadcasters have to know it',
    ).optional(),
    /** The secret they have to show. */
    ROSTRUM_EDGE_CONTROL_SECRET: z.string().regex(EDGE_SECRET, EDGE_SECRET_RULE).optional(),
    /** Where Varnish keeps its counters, some 80 MB; it is emptied. Without it among the system's temporary files. */
    ROSTRUM_EDGE_WORK_DIR: z.string().min(1, 'a folder').optional(),
    ROSTRUM_EDGE_MEMORY_MB: z.coerce.number().int().min(10, 'megabytes, from 10').default(512),
    ROSTRUM_PARENT_PIPE: z.enum(['0', '1'], { error: '0 or 1' }).default('0'),
    ROSTRUM_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .superRefine((given, context) => {
    if (given.ROSTRUM_EDGE_CONTROL_PORT !== undefined && given.ROSTRUM_EDGE_CONTROL_SECRET === undefined) {
      const message = 'ROSTRUM_EDGE_CONTROL_PORT is set; give this one too';
      context.addIssue({ code: 'custom', path: ['ROSTRUM_EDGE_CONTROL_SECRET'], message });
    }
    refuseBoth(given, context);
    const [cert, key] = ['ROSTRUM_TLS_CERT', 'ROSTRUM_TLS_KEY'] as const;
    if ((given[cert] === undefined) === (given[key] === undefined)) return;
    const [missing, other] = given[cert] === undefined ? [cert, key] : [key, cert];
    context.addIssue({ code: 'custom', path: [missing], message: `${other} is set; give this one too` });
  });

/** The programs' counters that tell how an edge does, and what they are called here. */
const COUNTERS = {
  'MAIN.client_req': ['rostrum_edge_requests', 'Requests of viewers'],
  'MAIN.backend_req': ['rostrum_edge_origin_requests', 'Requests to the origin'],
  'MAIN.cache_hit': ['rostrum_edge_hits', 'Requests answered from the cache'],
  'MAIN.cache_miss': ['rostrum_edge_misses', 'Requests that fetched from the origin'],
  'MAIN.busy_sleep': ['rostrum_edge_waits', 'Requests that waited for an object on its way'],
  'MAIN.s_resp_bodybytes': ['rostrum_edge_sent_bytes', 'Bytes sent to viewers'],
  'MAIN.sess_dropped': ['rostrum_edge_dropped_connections', 'Connections refused for want of threads'],
  'haproxy.CurrSslConns': ['rostrum_edge_tls_connections', 'Connections of viewers over TLS now'],
} as const;

const settings = settingsOrExit(
  (env) =>
    parseSettings(SettingsSchema, env, { secrets: ['ROSTRUM_MEDIA_KEYS', 'ROSTRUM_EDGE_CONTROL_SECRET'] }),
  'The edge cannot start:',
);
const { ROSTRUM_TLS_CERT: certFile, ROSTRUM_TLS_KEY: keyFile } = settings;
const tls = certFile && keyFile ? { certFile, keyFile } : undefined;
const {
  ROSTRUM_EDGE_CONTROL_HOST: controlHost,
  ROSTRUM_EDGE_CONTROL_PORT: controlPort,
  ROSTRUM_EDGE_CONTROL_SECRET: secret,
} = settings;
const control = controlPort && secret ? { host: controlHost, port: controlPort, secret } : undefined;
const logger = pino({ name: 'edge', level: settings.ROSTRUM_LOG_LEVEL });

try {
  const edge = await startEdge({
    host: settings.ROSTRUM_EDGE_HOST,
    port: settings.ROSTRUM_EDGE_PORT,
    tls,
    originHost: settings.ROSTRUM_ORIGIN_HOST,
    originPort: settings.ROSTRUM_ORIGIN_PORT,
    mediaKeys: mediaKeyRing(mediaKeySource(settings), logger).keys,
    control,
    memoryMb: settings.ROSTRUM_EDGE_MEMORY_MB,
    workDir: settings.ROSTRUM_EDGE_WORK_DIR,
    log: (line, program) => logger.info({ [program]: line }, `${program} says`),
  });
  // One without the other serves nobody.
  endWhenGone('a program of the edge', {
    gone: edge.died,
    close: () => edge.close(),
    withinMs: STOP_WITHIN_MS,
    logger,
  });
  const registry = new Registry();
  const gauges = Object.entries(COUNTERS).map(([counter, [name, help]]) => ({
    counter,
    gauge: new Gauge({ name, help, registers: [registry] }),
  }));
  const status = await serveStatus(
    { ip: '127.0.0.1', port: 0 },
    {
      contentType: registry.contentType,
      async metrics() {
        const counters = await edge.counters();
        for (const { counter, gauge } of gauges) gauge.set(counters.get(counter) ?? 0);
        return registry.metrics();
      },
    },
    () => ({ ready: true }),
  );
  endInOrder({
    async close() {
      await Promise.all([status.close(), edge.close()]);
    },
    withinMs: STOP_WITHIN_MS,
    parentPipe: settings.ROSTRUM_PARENT_PIPE === '1',
    logger,
  });
  const host = ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(settings.ROSTRUM_EDGE_HOST)
    ? 'localhost'
    : settings.ROSTRUM_EDGE_HOST;
  sayReady({
    ready: 'edge',
    url: `${tls ? 'https' : 'http'}://${host}:${settings.ROSTRUM_EDGE_PORT}`,
    metrics: `${status.url}/metrics`,
  });
} catch (error) {
  logger.fatal({ err: error }, 'cannot start');
  process.stderr.write(`The edge cannot start: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
