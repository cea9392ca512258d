import { checkout } from './paths.ts';
import { isAnyAddress, type Settings } from './settings.ts';
import type { ReadyLine } from './supervisor.ts';
import type { TurnPlan } from './turn.ts';

/** What all processes of a run are told beside the environment they inherit from us. */
export interface RunContext {
  settings: Settings;
  secret: string;
  nodeToken: string;
  /** Keys of rights to private channels. */
  mediaKeys: string;
  workerBin: string;
  /** For what people reach: the console, and the edge or else the origin. */
  tls: { certFile: string; keyFile: string } | undefined;
  /** Where the edge listens; undefined without one. */
  edgePort: number | undefined;
  /** Where the broadcaster tells the edge to forget a deleted recording; undefined without an edge of our own. */
  edgeControl?: { port: number; secret: string } | undefined;
  /** Undefined without a TURN server of our own. */
  turn: TurnPlan | undefined;
  /** The origin's own port, known when it is ready. */
  originPort: number;
  /** The coordinator's address and its owner's link, from its latest ready line; empty until then. */
  coordinator: { url: string; ownerUrl: string };
  /** Whether the demo is among them. */
  demo: boolean;
}

export interface ServiceDefinition {
  name: 'host-console' | 'panel-sfu' | 'turn' | 'broadcaster' | 'edge' | 'demo';
  cwd: string;
  args: string[];
  /** Its settings. `last` is its latest ready line: a port that the system chose is kept over restarts. */
  env(context: RunContext, last: ReadyLine | undefined): Record<string, string | undefined>;
}

/** The port in use, where one was left to the system; else the one that was set. */
function keptPort(set: number, url: string | undefined): string {
  return set === 0 && url ? new URL(url).port || '0' : String(set);
}

/** The address to give out: the one that was set; else, for a service open to all, this machine's outer one. */
function publicUrl(
  { tls, settings }: RunContext,
  { host, port, publicUrl: given }: { host: string; port: number; publicUrl: string | undefined },
): string | undefined {
  if (given || port === 0 || !isAnyAddress(host)) return given;
  const { announcedIp } = settings.sfu;
  return `${tls ? 'https' : 'http'}://${announcedIp.includes(':') ? `[${announcedIp}]` : announcedIp}:${port}`;
}

/** Where viewers are sent: to the edge where there is one. */
function viewersUrl(context: RunContext): string | undefined {
  const { settings, edgePort, tls } = context;
  if (edgePort === undefined) return publicUrl(context, settings.origin);
  return (
    publicUrl(context, { ...settings.origin, port: edgePort }) ??
    `${tls ? 'https' : 'http'}://localhost:${edgePort}`
  );
}

/** Behind an edge the origin is for this machine alone, and in the clear: nobody comes past the edge. */
const BEHIND_EDGE_HOST = '127.0.0.1';
const noTls = { ROSTRUM_TLS_CERT: undefined, ROSTRUM_TLS_KEY: undefined };

/** Where the origin listens: the edge in front of it has its host then. */
export const originHost = (settings: Settings, edge: boolean): string =>
  edge ? BEHIND_EDGE_HOST : settings.origin.host;

/** One of the two: services take no both. */
const mediaKeysEnv = ({ mediaKeys, settings }: RunContext) => ({
  ROSTRUM_MEDIA_KEYS: settings.mediaKeysFile === undefined ? mediaKeys : settings.mediaKeys,
  ROSTRUM_MEDIA_KEYS_FILE: settings.mediaKeysFile,
});

const tlsEnv = ({ tls }: RunContext) => ({
  ROSTRUM_TLS_CERT: tls?.certFile,
  ROSTRUM_TLS_KEY: tls?.keyFile,
});

const list = (...parts: (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(',');

/** Of the coordinator: our own TURN server, and those of others beside it or alone. */
function turnEnv({ turn, settings }: RunContext): Record<string, string | undefined> {
  const urls = list(...(turn?.urls ?? []), settings.turn.otherUrls);
  return {
    ROSTRUM_TURN_URLS: urls === '' ? undefined : urls,
    ROSTRUM_TURN_SECRET: turn?.secret ?? settings.turn.secret,
  };
}

/** Started in this order, each after the one before is ready where `settings` come from it; stopped in reverse. */
export const services: Record<ServiceDefinition['name'], ServiceDefinition> = {
  'host-console': {
    name: 'host-console',
    cwd: `${checkout}/host-console`,
    args: ['server/main.ts'],
    env: (context, last) => ({
      ROSTRUM_CONSOLE_HOST: context.settings.console.host,
      ROSTRUM_CONSOLE_PORT: keptPort(context.settings.console.port, last?.listens ?? last?.url),
      ROSTRUM_CONSOLE_METRICS_PORT: keptPort(context.settings.console.metricsPort, last?.metrics),
      ROSTRUM_PUBLIC_URL: publicUrl(context, context.settings.console),
      ROSTRUM_DATA_DIR: context.settings.dataDir,
      ROSTRUM_SECRET: context.secret,
      ROSTRUM_NODE_TOKEN: context.nodeToken,
      ...mediaKeysEnv(context),
      ROSTRUM_COOKIE_DOMAIN: context.settings.cookieDomain,
      DATABASE_URL: context.settings.databaseUrl,
      ...turnEnv(context),
      // The demo plans its webinar by the owner's link, also where the owner has an account.
      ROSTRUM_OWNER_LINK: process.env.ROSTRUM_OWNER_LINK ?? (context.demo ? 'demo' : undefined),
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      ...tlsEnv(context),
    }),
  },
  'panel-sfu': {
    name: 'panel-sfu',
    cwd: `${checkout}/panel-sfu`,
    args: ['src/main.ts'],
    env: (context, last) => ({
      ROSTRUM_COORDINATOR_URL: context.coordinator.url,
      ROSTRUM_NODE_TOKEN: context.nodeToken,
      ROSTRUM_SFU_RTC_PORT:
        context.settings.sfu.rtcPort === 0 && typeof last?.rtcPort === 'number'
          ? String(last.rtcPort)
          : String(context.settings.sfu.rtcPort),
      ROSTRUM_SFU_LISTEN_IP: context.settings.sfu.listenIp,
      ROSTRUM_SFU_ANNOUNCED_IP: context.settings.sfu.announcedIp,
      ...(context.turn ? { ROSTRUM_SFU_RELAYS: context.turn.relays.join(',') } : {}),
      ROSTRUM_SFU_METRICS_PORT: keptPort(context.settings.sfu.metricsPort, last?.metrics),
      MEDIASOUP_WORKER_BIN: context.workerBin,
    }),
  },
  turn: {
    name: 'turn',
    cwd: `${checkout}/panel-sfu`,
    args: ['src/turn/main.ts'],
    env: ({ settings, turn }) => ({
      ROSTRUM_TURN_SECRET: turn?.secret,
      ROSTRUM_TURN_LISTEN_IPS: turn?.listenIps.join(','),
      ROSTRUM_TURN_PORT: String(settings.turn.port),
      ROSTRUM_TURN_TLS_PORT: turn?.tls ? String(turn.tls.port) : undefined,
      ROSTRUM_TURN_CERT: turn?.tls?.certFile,
      ROSTRUM_TURN_KEY: turn?.tls?.keyFile,
      ROSTRUM_TURN_RELAY_IP: settings.turn.relayIp,
      ROSTRUM_TURN_ANNOUNCED_IP: settings.sfu.announcedIp,
      ROSTRUM_TURN_MIN_PORT: String(settings.turn.minPort),
      ROSTRUM_TURN_MAX_PORT: String(settings.turn.maxPort),
      ROSTRUM_TURN_STAGES: list(settings.sfu.announcedIp, settings.turn.otherStages),
    }),
  },
  broadcaster: {
    name: 'broadcaster',
    cwd: `${checkout}/broadcaster`,
    args: ['src/main.ts'],
    env: (context, last) => ({
      ROSTRUM_COORDINATOR_URL: context.coordinator.url,
      ROSTRUM_NODE_TOKEN: context.nodeToken,
      ...mediaKeysEnv(context),
      ROSTRUM_ORIGIN_HOST: originHost(context.settings, context.edgePort !== undefined),
      ROSTRUM_ORIGIN_PORT: keptPort(context.settings.origin.port, last?.listens ?? last?.url),
      ROSTRUM_ORIGIN_METRICS_PORT: keptPort(context.settings.origin.metricsPort, last?.metrics),
      ROSTRUM_ORIGIN_PUBLIC_URL: viewersUrl(context),
      ROSTRUM_DATA_DIR: context.settings.dataDir,
      ROSTRUM_WATCH_DIR: `${checkout}/audience-web/dist`,
      // With four of them, the default, a disk that hangs holds all that everything else waits for too.
      UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '8',
      ...(context.edgeControl && {
        ROSTRUM_EDGE_CONTROL_URLS: `http://${BEHIND_EDGE_HOST}:${context.edgeControl.port}`,
        ROSTRUM_EDGE_CONTROL_SECRET: context.edgeControl.secret,
      }),
      ...(context.edgePort === undefined ? tlsEnv(context) : noTls),
    }),
  },
  edge: {
    name: 'edge',
    cwd: `${checkout}/cdn-config`,
    args: ['src/edge/main.ts'],
    env: (context) => ({
      ROSTRUM_ORIGIN_HOST: BEHIND_EDGE_HOST,
      ROSTRUM_ORIGIN_PORT: String(context.originPort),
      ...mediaKeysEnv(context),
      ROSTRUM_EDGE_HOST: context.settings.origin.host,
      ROSTRUM_EDGE_PORT: String(context.edgePort),
      ROSTRUM_EDGE_MEMORY_MB: String(context.settings.edge.memoryMb),
      ROSTRUM_EDGE_WORK_DIR: `${context.settings.dataDir}/edge`,
      ...(context.edgeControl && {
        ROSTRUM_EDGE_CONTROL_HOST: BEHIND_EDGE_HOST,
        ROSTRUM_EDGE_CONTROL_PORT: String(context.edgeControl.port),
        ROSTRUM_EDGE_CONTROL_SECRET: context.edgeControl.secret,
      }),
      ...tlsEnv(context),
    }),
  },
  demo: {
    name: 'demo',
    cwd: `${checkout}/e2e`,
    args: ['src/demo/main.ts'],
    env: (context) => ({
      ROSTRUM_COORDINATOR_URL: context.coordinator.url,
      ROSTRUM_OWNER_URL: context.coordinator.ownerUrl,
      ROSTRUM_DATA_DIR: context.settings.dataDir,
    }),
  },
};
