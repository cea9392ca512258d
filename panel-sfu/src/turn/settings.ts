import { type Environment, IpAddress, PemFile, Port, parseSettings } from '@rostrum/service-kit/settings';
import { z } from 'zod';
import type { Peers, TurnPolicy } from './policy.ts';

const addresses = z
  .string()
  .transform((text) => text.split(',').filter((part) => part.trim() !== ''))
  .pipe(z.array(z.string().trim().pipe(IpAddress)));
const listenPort = Port.refine((port) => port !== 0, 'a port from 1: clients are told it');
const plain = z.string().regex(/^[!-"$-~]+$/, 'letters, digits and signs, without spaces and #');
const count = (fallback: number) => z.coerce.number().int().min(1).max(1_000_000).default(fallback);

/** Every setting of the TURN server, by its environment variable. */
export const SettingsSchema = z
  .object({
    /** What credentials are made with, the same as the coordinator's. */
    ROSTRUM_TURN_SECRET: plain.min(32, 'at least 32 characters'),
    /** A name that clients are shown; it has no meaning. */
    ROSTRUM_TURN_REALM: plain.default('rostrum'),
    /** Comma separated; none: all of this machine but loopback. */
    ROSTRUM_TURN_LISTEN_IPS: addresses.default([]),
    /** UDP and TCP. */
    ROSTRUM_TURN_PORT: listenPort.default(3478),
    /** TLS, where there is a certificate. */
    ROSTRUM_TURN_TLS_PORT: listenPort.default(443),
    ROSTRUM_TURN_CERT: PemFile.optional(),
    ROSTRUM_TURN_KEY: PemFile.optional(),
    /** The address of this machine that relayed media leaves from. */
    ROSTRUM_TURN_RELAY_IP: IpAddress,
    /** The same as others see it, behind a 1:1 NAT. */
    ROSTRUM_TURN_ANNOUNCED_IP: IpAddress.optional(),
    ROSTRUM_TURN_MIN_PORT: listenPort.default(49_152),
    ROSTRUM_TURN_MAX_PORT: listenPort.default(65_535),
    /** Addresses that the media nodes announce, comma separated: nobody else is reached through the relay. */
    ROSTRUM_TURN_STAGES: addresses,
    /** 1: all public addresses besides, for media nodes that come and go. */
    ROSTRUM_TURN_PUBLIC_PEERS: z.enum(['0', '1'], { error: '0 or 1' }).default('0'),
    /** Relayed addresses at a time. A browser takes one for each transport, URL and network interface. */
    ROSTRUM_TURN_PERSON_QUOTA: count(48),
    ROSTRUM_TURN_TOTAL_QUOTA: count(4800),
    /** Of one relayed address, each way. */
    ROSTRUM_TURN_MAX_KBPS: count(12_000),
    ROSTRUM_TURN_METRICS_IP: IpAddress.default('127.0.0.1'),
    ROSTRUM_TURN_METRICS_PORT: Port.default(0),
    /** 1: exit when standard input ends, which is when the parent process is gone. */
    ROSTRUM_PARENT_PIPE: z.enum(['0', '1'], { error: '0 or 1' }).default('0'),
    ROSTRUM_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .superRefine((given, context) => {
    const wrong = (name: keyof typeof given, message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message });
    const [cert, key] = ['ROSTRUM_TURN_CERT', 'ROSTRUM_TURN_KEY'] as const;
    if (given[cert] !== undefined && given[key] === undefined) wrong(key, `${cert} is set; give its key too`);
    if (given[key] !== undefined && given[cert] === undefined)
      wrong(cert, `${key} is set; give its certificate too`);
    if (given.ROSTRUM_TURN_MIN_PORT > given.ROSTRUM_TURN_MAX_PORT) {
      wrong('ROSTRUM_TURN_MAX_PORT', `at least ROSTRUM_TURN_MIN_PORT, ${given.ROSTRUM_TURN_MIN_PORT}`);
    }
    if (given.ROSTRUM_TURN_STAGES.length === 0 && given.ROSTRUM_TURN_PUBLIC_PEERS === '0') {
      wrong('ROSTRUM_TURN_STAGES', 'the address of a media node at least; nobody would be reached');
    }
  });

export interface Settings {
  readonly policy: TurnPolicy;
  readonly metricsIp: string;
  readonly metricsPort: number;
  readonly parentPipe: boolean;
  readonly logLevel: string;
}

/** Reads the environment. Throws a `SettingsError` that names each wrong setting, its value and what would do. */
export function readSettings(env: Environment): Settings {
  const s = parseSettings(SettingsSchema, env, { secrets: ['ROSTRUM_TURN_SECRET'] });
  const { ROSTRUM_TURN_CERT: certFile, ROSTRUM_TURN_KEY: keyFile } = s;
  const peers: Peers = {
    reach: s.ROSTRUM_TURN_PUBLIC_PEERS === '1' ? 'public' : 'stages',
    stages: s.ROSTRUM_TURN_STAGES,
  };
  return {
    policy: {
      realm: s.ROSTRUM_TURN_REALM,
      secret: s.ROSTRUM_TURN_SECRET,
      listen: {
        ips: s.ROSTRUM_TURN_LISTEN_IPS,
        port: s.ROSTRUM_TURN_PORT,
        tls: certFile && keyFile ? { port: s.ROSTRUM_TURN_TLS_PORT, certFile, keyFile } : null,
      },
      relay: {
        ip: s.ROSTRUM_TURN_RELAY_IP,
        announcedIp: s.ROSTRUM_TURN_ANNOUNCED_IP ?? s.ROSTRUM_TURN_RELAY_IP,
        minPort: s.ROSTRUM_TURN_MIN_PORT,
        maxPort: s.ROSTRUM_TURN_MAX_PORT,
      },
      peers,
      limits: {
        allocationsPerPerson: s.ROSTRUM_TURN_PERSON_QUOTA,
        allocations: s.ROSTRUM_TURN_TOTAL_QUOTA,
        bytesPerSecond: s.ROSTRUM_TURN_MAX_KBPS * 125,
      },
    },
    metricsIp: s.ROSTRUM_TURN_METRICS_IP,
    metricsPort: s.ROSTRUM_TURN_METRICS_PORT,
    parentPipe: s.ROSTRUM_PARENT_PIPE === '1',
    logLevel: s.ROSTRUM_LOG_LEVEL,
  };
}
