import { accessSync, constants, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { Id } from '@rostrum/contracts';
import { z } from 'zod';

const Port = z.coerce
  .number({ error: 'a port number; 0 for any free one' })
  .int()
  .min(0, 'a port number; 0 for any free one')
  .max(65_535, 'at most 65535');
const HttpUrl = z.url({ protocol: /^https?$/, error: 'an http(s) URL, e.g. http://localhost:3000' });
const Address = z.union([z.ipv4(), z.ipv6()], { error: 'an IP address' });
const ReadableFile = z.string().refine(isReadable, 'the path of a PEM file that can be read');

/** Settings of the broadcaster; every one is an environment variable. */
export const SettingsSchema = z
  .object({
    ROSTRUM_COORDINATOR_URL: HttpUrl,
    ROSTRUM_NODE_TOKEN: z
      .string({ error: "the installation's node token" })
      .min(16, 'at least 16 characters')
      .max(512),
    ROSTRUM_BROADCASTER_NODE_ID: Id.optional(),
    /** Address and port of the origin: playlists, media, the watch page. */
    ROSTRUM_ORIGIN_HOST: z.string().min(1).max(255).default('127.0.0.1'),
    ROSTRUM_ORIGIN_PORT: Port.default(8080),
    /** Base URL viewers reach the origin at, when it is not its own. */
    ROSTRUM_ORIGIN_PUBLIC_URL: HttpUrl.optional(),
    /** Channels' files lie in `channels` below it. */
    ROSTRUM_DATA_DIR: z.string({ error: 'a folder for recordings' }).min(1, 'a folder for recordings'),
    /** The built watch page. Without it the origin serves media only. */
    ROSTRUM_WATCH_DIR: z.string().min(1).optional(),
    ROSTRUM_TLS_CERT: ReadableFile.optional(),
    ROSTRUM_TLS_KEY: ReadableFile.optional(),
    /** This machine's address that SFUs send RTP to. */
    ROSTRUM_MEDIA_IP: Address.default('127.0.0.1'),
    ROSTRUM_PARENT_PIPE: z.enum(['0', '1'], { error: '0 or 1' }).default('0'),
    ROSTRUM_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .superRefine((s, context) => {
    const complain = (name: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (s.ROSTRUM_TLS_CERT !== undefined && s.ROSTRUM_TLS_KEY === undefined)
      complain('ROSTRUM_TLS_KEY', "ROSTRUM_TLS_CERT is set; give its key's file too");
    if (s.ROSTRUM_TLS_KEY !== undefined && s.ROSTRUM_TLS_CERT === undefined)
      complain('ROSTRUM_TLS_CERT', "ROSTRUM_TLS_KEY is set; give its certificate's file too");
    if (s.ROSTRUM_MEDIA_IP === '0.0.0.0' || s.ROSTRUM_MEDIA_IP === '::')
      complain('ROSTRUM_MEDIA_IP', 'the one address of this machine that SFUs reach');
    const archiveDir = archiveDirOf(s.ROSTRUM_DATA_DIR);
    try {
      mkdirSync(archiveDir, { recursive: true });
      accessSync(archiveDir, constants.W_OK);
    } catch {
      complain('ROSTRUM_DATA_DIR', 'a folder that can be written');
    }
  });

export interface Settings {
  readonly coordinatorUrl: string;
  readonly nodeToken: string;
  readonly nodeId: string;
  readonly originHost: string;
  readonly originPort: number;
  readonly originPublicUrl: string | undefined;
  readonly archiveDir: string;
  readonly watchPageDir: string | undefined;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly mediaIp: string;
  readonly parentPipe: boolean;
  readonly logLevel: string;
}

const archiveDirOf = (dataDir: string): string => join(resolve(dataDir), 'channels');

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Reads the environment. Throws an `Error` that names each wrong setting, its value and what would do. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  // An empty variable is an unset one, as in docker-compose files.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = SettingsSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? 'settings');
      const value = given[name];
      const shown =
        value === undefined ? 'not set' : name.includes('TOKEN') ? '(hidden)' : JSON.stringify(value);
      return `${name} is ${shown}: ${issue.message}`;
    });
    throw new Error(`impossible settings\n  ${lines.join('\n  ')}`);
  }
  const s = parsed.data;
  return {
    coordinatorUrl: s.ROSTRUM_COORDINATOR_URL,
    nodeToken: s.ROSTRUM_NODE_TOKEN,
    nodeId: s.ROSTRUM_BROADCASTER_NODE_ID ?? defaultNodeId(s.ROSTRUM_ORIGIN_PORT),
    originHost: s.ROSTRUM_ORIGIN_HOST,
    originPort: s.ROSTRUM_ORIGIN_PORT,
    originPublicUrl: s.ROSTRUM_ORIGIN_PUBLIC_URL?.replace(/\/+$/, ''),
    archiveDir: archiveDirOf(s.ROSTRUM_DATA_DIR),
    watchPageDir: s.ROSTRUM_WATCH_DIR,
    tls:
      s.ROSTRUM_TLS_CERT !== undefined && s.ROSTRUM_TLS_KEY !== undefined
        ? { certFile: s.ROSTRUM_TLS_CERT, keyFile: s.ROSTRUM_TLS_KEY }
        : undefined,
    mediaIp: s.ROSTRUM_MEDIA_IP,
    parentPipe: s.ROSTRUM_PARENT_PIPE === '1',
    logLevel: s.ROSTRUM_LOG_LEVEL,
  };
}

/** Stable over restarts: two nodes on one machine differ by port. Without a fixed port, by process. */
function defaultNodeId(originPort: number): string {
  const host = hostname()
    .replaceAll(/[^A-Za-z0-9-]/g, '-')
    .slice(0, 40);
  return `broadcaster-${host}-${originPort === 0 ? `p${process.pid}` : originPort}`;
}
