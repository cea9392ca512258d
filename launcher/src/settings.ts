import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { toolsDir } from './paths.ts';

const portRule = 'give a whole number from 0 (the system chooses one) to 65535';
const anyPort = z
  .string()
  .regex(/^\d{1,5}$/, portRule)
  .transform(Number)
  .refine((value) => value <= 65535, portRule);
const port = (fallback: number) => anyPort.default(fallback);
const toldPort = anyPort.refine((value) => value !== 0, 'give a port from 1: people are told it');

const wholeMegabytes = z
  .string()
  .regex(/^[1-9]\d{1,5}$/, 'give megabytes, from 10')
  .transform(Number);

const host = (rule: string) => z.string().regex(/^[A-Za-z0-9.:-]+$/, rule);

const httpUrl = z.url({
  protocol: /^https?$/,
  error: 'give the address as people reach it, like https://webinar.example.org',
});

const readableFile = z.string().refine((path) => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}, 'give the path of a PEM file that exists and can be read');

const secret = z.string().min(32, 'give at least 32 characters, or leave it out: then one is made and kept');

const environment = z.object({
  ROSTRUM_HOME: z
    .string()
    .min(1, 'give a folder')
    .default(toolsDir)
    .transform((path) => resolve(path)),
  ROSTRUM_DATA_DIR: z.string().min(1, 'give a folder').optional(),
  ROSTRUM_USER: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'give the name of a user of this machine')
    .optional(),
  ROSTRUM_CONSOLE_HOST: host('give an address to listen on, like 127.0.0.1 or 0.0.0.0').default('127.0.0.1'),
  ROSTRUM_CONSOLE_PORT: port(3000),
  ROSTRUM_PUBLIC_URL: httpUrl.optional(),
  ROSTRUM_SECRET: secret.optional(),
  ROSTRUM_NODE_TOKEN: secret.optional(),
  /** What the services verify themselves: `ID:SECRET`, comma separated. */
  ROSTRUM_MEDIA_KEYS: z
    .string()
    .min(34, 'give ID:SECRET, or leave it out: then one is made and kept')
    .optional(),
  ROSTRUM_MEDIA_KEYS_FILE: z
    .string()
    .min(1, 'give the path of a file')
    .transform((path) => resolve(path))
    .optional(),
  ROSTRUM_COOKIE_DOMAIN: host('give a domain, like example.org').optional(),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'give a postgresql:// address, or leave it out for SQLite' })
    .optional(),
  ROSTRUM_SFU_RTC_PORT: port(44444),
  ROSTRUM_SFU_LISTEN_IP: z
    .string()
    .refine((value) => isIP(value) !== 0, 'give an IP address of this machine, or 0.0.0.0')
    .optional(),
  ROSTRUM_SFU_ANNOUNCED_IP: z
    .string()
    .refine((value) => isIP(value) !== 0, 'give the IP address at which browsers reach this machine')
    .optional(),
  ROSTRUM_SFU_METRICS_PORT: port(3001),
  ROSTRUM_ORIGIN_HOST: host('give an address to listen on, like 127.0.0.1 or 0.0.0.0').optional(),
  ROSTRUM_ORIGIN_PORT: port(8080),
  /** 0: any free one, which is kept over a restart. */
  ROSTRUM_ORIGIN_METRICS_PORT: port(0),
  ROSTRUM_CONSOLE_METRICS_PORT: port(0),
  ROSTRUM_ORIGIN_PUBLIC_URL: httpUrl.optional(),
  ROSTRUM_EDGE_PORT: port(8000),
  ROSTRUM_EDGE_MEMORY_MB: wholeMegabytes.default(512),
  /** Where people reach the TURN server, with `up --turn`. */
  ROSTRUM_TURN_HOST: host(
    'give the name or address at which people reach it, like turn.example.org',
  ).optional(),
  ROSTRUM_TURN_PORT: toldPort.default(3478),
  ROSTRUM_TURN_TLS_PORT: toldPort.optional(),
  ROSTRUM_TURN_MIN_PORT: toldPort.default(49152),
  ROSTRUM_TURN_MAX_PORT: toldPort.default(65535),
  ROSTRUM_TURN_CERT: readableFile.optional(),
  ROSTRUM_TURN_KEY: readableFile.optional(),
  ROSTRUM_TURN_SECRET: secret.optional(),
  /** Those of others, beside our own. */
  ROSTRUM_TURN_URLS: z.string().optional(),
  ROSTRUM_TURN_STAGES: z.string().optional(),
  ROSTRUM_TLS_CERT: readableFile.optional(),
  ROSTRUM_TLS_KEY: readableFile.optional(),
  // The demo's own, which reads them itself: refused here, before anything is started.
  ROSTRUM_DEMO_PANELISTS: z
    .string()
    .regex(/^[1-4]$/, 'give 1 to 4')
    .optional(),
  ROSTRUM_DEMO_PROFILE: z
    .enum(['fast', 'standard', 'scale'], { error: 'give fast, standard or scale' })
    .optional(),
});

/** The names of all settings. */
export const settingNames = Object.keys(environment.shape);

type Environment = z.infer<typeof environment>;

/** Everything the launcher can be told, with what follows from it filled in. Paths are absolute. */
export interface Settings {
  /** Where run/, log/, data/ and tls/ of this instance lie. */
  homeDir: string;
  dataDir: string;
  /** Who the services run as when root starts them; undefined: a user of their own. */
  user: string | undefined;
  console: { host: string; port: number; publicUrl: string | undefined; metricsPort: number };
  sfu: { rtcPort: number; listenIp: string; announcedIp: string; metricsPort: number };
  origin: { host: string; port: number; publicUrl: string | undefined; metricsPort: number };
  /** The edge, with `up --edge`: listens at the origin's host, and the origin on this machine alone. */
  edge: { port: number; memoryMb: number };
  /** The TURN server, with `up --turn`: listens where the stage does. */
  turn: {
    host: string;
    port: number;
    /** undefined: 443 where it can be had. */
    tlsPort: number | undefined;
    /** undefined: that of everything else. */
    cert: { certFile: string; keyFile: string } | undefined;
    /** The address of this machine that relayed media leaves from. */
    relayIp: string;
    minPort: number;
    maxPort: number;
    secret: string | undefined;
    /** TURN servers of others, and media nodes elsewhere that ours lets people through to; comma separated. */
    otherUrls: string | undefined;
    otherStages: string | undefined;
  };
  tls: { certFile: string; keyFile: string } | undefined;
  databaseUrl: string | undefined;
  secret: string | undefined;
  nodeToken: string | undefined;
  mediaKeys: string | undefined;
  /** Holds them, in the place of that. */
  mediaKeysFile: string | undefined;
  cookieDomain: string | undefined;
}

/** A setting that cannot be used; the message has its name, its value and what would do. */
export class SettingsError extends Error {
  readonly code = 'bad_setting';
}

/** Their values are not for logs. */
const hidden = new Set([
  'ROSTRUM_SECRET',
  'ROSTRUM_NODE_TOKEN',
  'ROSTRUM_MEDIA_KEYS',
  'ROSTRUM_TURN_SECRET',
  'DATABASE_URL',
]);

/** How a setting that cannot be used is told. */
export function complaint(name: string, value: string | undefined, rule: string): string {
  const shown = hidden.has(name) ? '(not shown)' : value;
  return `${name}=${shown ?? ''} cannot be used: ${rule}`;
}

/** Whether it means "every address of this machine". */
export const isAnyAddress = (address: string) => address === '0.0.0.0' || address === '::';
const isLoopback = (address: string) =>
  address === 'localhost' || address === '::1' || address.startsWith('127.');

/** The first address at which another machine can reach this one; undefined on a machine without a network. */
function firstOuterAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => !address.internal && address.family === 'IPv4')?.address;
}

/** Whether this machine has it itself; behind a 1:1 NAT it does not have the one it announces. */
const isOurs = (address: string): boolean =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some((own) => own.address === address));

/** What does not go together though each is possible alone. */
function contradictions(env: Environment): string[] {
  const found: string[] = [];
  const ports = (
    [
      'ROSTRUM_CONSOLE_PORT',
      'ROSTRUM_CONSOLE_METRICS_PORT',
      'ROSTRUM_SFU_METRICS_PORT',
      'ROSTRUM_ORIGIN_PORT',
      'ROSTRUM_ORIGIN_METRICS_PORT',
      'ROSTRUM_EDGE_PORT',
      'ROSTRUM_TURN_PORT',
    ] as const
  ).filter((name) => env[name] !== 0);
  for (const [index, name] of ports.entries()) {
    const same = ports.slice(0, index).find((other) => env[other] === env[name]);
    if (same) found.push(complaint(name, String(env[name]), `${same} is the same; give another, or 0`));
  }
  for (const [cert, key] of [
    ['ROSTRUM_TLS_CERT', 'ROSTRUM_TLS_KEY'],
    ['ROSTRUM_TURN_CERT', 'ROSTRUM_TURN_KEY'],
  ] as const) {
    if (env[cert] && !env[key]) found.push(complaint(key, '', `${cert} is set; give its key's file too`));
    if (env[key] && !env[cert])
      found.push(complaint(cert, '', `${key} is set; give its certificate's file too`));
  }
  const { ROSTRUM_TURN_MIN_PORT: min, ROSTRUM_TURN_MAX_PORT: max } = env;
  if (min > max)
    found.push(complaint('ROSTRUM_TURN_MAX_PORT', String(max), `ROSTRUM_TURN_MIN_PORT is ${min}; give more`));
  return found;
}

/**
 * Reads the settings from an environment. An empty variable counts as not set.
 * Throws a SettingsError that names every setting that cannot be used.
 */
export function readSettings(processEnv: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(processEnv).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) =>
      complaint(String(path[0]), given[String(path[0])], message),
    );
    throw new SettingsError([...new Set(lines)].join('\n'));
  }
  const env = parsed.data;
  const wrong = contradictions(env);
  const listenIp =
    env.ROSTRUM_SFU_LISTEN_IP ?? (isLoopback(env.ROSTRUM_CONSOLE_HOST) ? '127.0.0.1' : '0.0.0.0');
  const announcedIp =
    env.ROSTRUM_SFU_ANNOUNCED_IP ?? (isAnyAddress(listenIp) ? firstOuterAddress() : listenIp);
  if (announcedIp === undefined) {
    wrong.push(
      complaint(
        'ROSTRUM_SFU_ANNOUNCED_IP',
        '',
        `the stage listens on ${listenIp} and this machine has no outer address; give the one browsers reach`,
      ),
    );
  }
  if (wrong.length > 0 || announcedIp === undefined) throw new SettingsError(wrong.join('\n'));
  return {
    homeDir: env.ROSTRUM_HOME,
    dataDir: env.ROSTRUM_DATA_DIR ? resolve(env.ROSTRUM_DATA_DIR) : `${env.ROSTRUM_HOME}/data`,
    user: env.ROSTRUM_USER,
    console: {
      host: env.ROSTRUM_CONSOLE_HOST,
      port: env.ROSTRUM_CONSOLE_PORT,
      publicUrl: env.ROSTRUM_PUBLIC_URL,
      metricsPort: env.ROSTRUM_CONSOLE_METRICS_PORT,
    },
    sfu: {
      rtcPort: env.ROSTRUM_SFU_RTC_PORT,
      listenIp,
      announcedIp,
      metricsPort: env.ROSTRUM_SFU_METRICS_PORT,
    },
    origin: {
      host: env.ROSTRUM_ORIGIN_HOST ?? env.ROSTRUM_CONSOLE_HOST,
      port: env.ROSTRUM_ORIGIN_PORT,
      publicUrl: env.ROSTRUM_ORIGIN_PUBLIC_URL,
      metricsPort: env.ROSTRUM_ORIGIN_METRICS_PORT,
    },
    edge: { port: env.ROSTRUM_EDGE_PORT, memoryMb: env.ROSTRUM_EDGE_MEMORY_MB },
    turn: {
      host: env.ROSTRUM_TURN_HOST ?? announcedIp,
      port: env.ROSTRUM_TURN_PORT,
      tlsPort: env.ROSTRUM_TURN_TLS_PORT,
      cert:
        env.ROSTRUM_TURN_CERT && env.ROSTRUM_TURN_KEY
          ? { certFile: resolve(env.ROSTRUM_TURN_CERT), keyFile: resolve(env.ROSTRUM_TURN_KEY) }
          : undefined,
      relayIp: isAnyAddress(listenIp)
        ? isOurs(announcedIp)
          ? announcedIp
          : (firstOuterAddress() ?? announcedIp)
        : listenIp,
      minPort: env.ROSTRUM_TURN_MIN_PORT,
      maxPort: env.ROSTRUM_TURN_MAX_PORT,
      secret: env.ROSTRUM_TURN_SECRET,
      otherUrls: env.ROSTRUM_TURN_URLS,
      otherStages: env.ROSTRUM_TURN_STAGES,
    },
    tls:
      env.ROSTRUM_TLS_CERT && env.ROSTRUM_TLS_KEY
        ? { certFile: resolve(env.ROSTRUM_TLS_CERT), keyFile: resolve(env.ROSTRUM_TLS_KEY) }
        : undefined,
    databaseUrl: env.DATABASE_URL,
    secret: env.ROSTRUM_SECRET,
    nodeToken: env.ROSTRUM_NODE_TOKEN,
    mediaKeys: env.ROSTRUM_MEDIA_KEYS,
    mediaKeysFile: env.ROSTRUM_MEDIA_KEYS_FILE,
    cookieDomain: env.ROSTRUM_COOKIE_DOMAIN,
  };
}
