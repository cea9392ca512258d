import { availableParallelism } from 'node:os';
import { Id } from '@rostrum/contracts';
import {
  defaultNodeId,
  type Environment,
  IpAddress,
  nodeSettings,
  Port,
  parseSettings,
} from '@rostrum/service-kit/settings';
import { z } from 'zod';
import { parseRelay, type Relay } from './relays.ts';

const anyAddress = (ip: string): boolean => ip === '0.0.0.0' || ip === '::';

/** Settings of a media node; every one is an environment variable. */
export const SettingsSchema = z
  .object({
    ...nodeSettings,
    ROSTRUM_SFU_NODE_ID: Id.optional(),
    /** First WebRTC port, UDP and TCP; worker i listens at this port + i. 0: any free ports. */
    ROSTRUM_SFU_RTC_PORT: Port.default(44_444),
    ROSTRUM_SFU_LISTEN_IP: IpAddress.default('127.0.0.1'),
    /** The address browsers and the broadcaster are told; needed when it is not the one listened at. */
    ROSTRUM_SFU_ANNOUNCED_IP: IpAddress.optional(),
    /** Where TURN servers send from what they relay, comma separated, e.g. 192.0.2.7:49152-65535: so it is known who is relayed. */
    ROSTRUM_SFU_RELAYS: z
      .string()
      .default('')
      .transform((text, context): Relay[] =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
          .flatMap((part) => {
            const relay = parseRelay(part);
            if (relay) return relay;
            context.addIssue({ code: 'custom', message: 'ADDRESS:MIN-MAX, e.g. 192.0.2.7:49152-65535' });
            return [];
          }),
      ),
    ROSTRUM_SFU_METRICS_IP: IpAddress.default('127.0.0.1'),
    ROSTRUM_SFU_METRICS_PORT: Port.default(0),
    ROSTRUM_SFU_WORKERS: z.coerce
      .number()
      .int()
      .min(1)
      .max(128)
      .default(() => availableParallelism()),
    /** How long rooms live on while the coordinator is away. */
    ROSTRUM_SFU_ORPHAN_MS: z.coerce.number().int().min(1000).max(3_600_000).default(60_000),
    /** Path of mediasoup's worker; without it the one in mediasoup's package. */
    MEDIASOUP_WORKER_BIN: z.string().min(1).optional(),
  })
  .superRefine((s, context) => {
    if (anyAddress(s.ROSTRUM_SFU_LISTEN_IP) && s.ROSTRUM_SFU_ANNOUNCED_IP === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['ROSTRUM_SFU_ANNOUNCED_IP'],
        message: `must be set when ROSTRUM_SFU_LISTEN_IP is ${s.ROSTRUM_SFU_LISTEN_IP}: the address others reach this machine at`,
      });
    }
    if (s.ROSTRUM_SFU_RTC_PORT !== 0 && s.ROSTRUM_SFU_RTC_PORT + s.ROSTRUM_SFU_WORKERS - 1 > 65_535) {
      context.addIssue({
        code: 'custom',
        path: ['ROSTRUM_SFU_RTC_PORT'],
        message: `with ${s.ROSTRUM_SFU_WORKERS} workers must be at most ${65_536 - s.ROSTRUM_SFU_WORKERS}`,
      });
    }
  });

export interface Settings {
  readonly coordinatorUrl: string;
  readonly nodeToken: string;
  readonly nodeId: string;
  readonly rtcPort: number;
  readonly listenIp: string;
  readonly announcedIp: string | undefined;
  readonly relays?: readonly Relay[];
  readonly metricsIp: string;
  readonly metricsPort: number;
  readonly workers: number;
  readonly orphanMs: number;
  readonly workerBin: string | undefined;
  readonly parentPipe: boolean;
  readonly logLevel: string;
}

/** Reads the environment. Throws a `SettingsError` that names each wrong setting, its value and what would do. */
export function readSettings(env: Environment): Settings {
  const s = parseSettings(SettingsSchema, env, { secrets: ['ROSTRUM_NODE_TOKEN'] });
  return {
    coordinatorUrl: s.ROSTRUM_COORDINATOR_URL,
    nodeToken: s.ROSTRUM_NODE_TOKEN,
    nodeId: s.ROSTRUM_SFU_NODE_ID ?? defaultNodeId('sfu', s.ROSTRUM_SFU_RTC_PORT),
    rtcPort: s.ROSTRUM_SFU_RTC_PORT,
    listenIp: s.ROSTRUM_SFU_LISTEN_IP,
    announcedIp: s.ROSTRUM_SFU_ANNOUNCED_IP,
    relays: s.ROSTRUM_SFU_RELAYS,
    metricsIp: s.ROSTRUM_SFU_METRICS_IP,
    metricsPort: s.ROSTRUM_SFU_METRICS_PORT,
    workers: s.ROSTRUM_SFU_WORKERS,
    orphanMs: s.ROSTRUM_SFU_ORPHAN_MS,
    workerBin: s.MEDIASOUP_WORKER_BIN,
    parentPipe: s.ROSTRUM_PARENT_PIPE === '1',
    logLevel: s.ROSTRUM_LOG_LEVEL,
  };
}
