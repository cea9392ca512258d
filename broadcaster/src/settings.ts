import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EDGE_SECRET, EDGE_SECRET_RULE } from '@rostrum/cdn-config/edge-control';
import { CdnSecrets, Id } from '@rostrum/contracts';
import {
  type MediaKeySource,
  mediaKeySettings,
  mediaKeySource,
  refuseBoth,
} from '@rostrum/service-kit/media-keys';
import {
  defaultNodeId,
  type Environment,
  HttpUrl,
  IpAddress,
  nodeSettings,
  Port,
  parseSettings,
} from '@rostrum/service-kit/settings';
import { z } from 'zod';
import type { DiskThresholds } from './archive/disk-level.ts';
import type { S3Place } from './archive/publish/s3.ts';
import { DEFAULT_CAP, type PictureCap } from './compositor/guard/verdict.ts';

const Percent = z.coerce.number({ error: 'a percentage' }).min(1).max(100);
/** A host source of Content Security Policy without a path, or all of them. */
const EMBED_ANCESTOR = /^(?:\*|https?:\/\/(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?)$/;
const ReadableFile = z.string().refine(isReadable, 'the path of a PEM file that can be read');

/** Settings of the broadcaster; every one is an environment variable. */
export const SettingsSchema = z
  .object({
    ...nodeSettings,
    ROSTRUM_BROADCASTER_NODE_ID: Id.optional(),
    /** Keys of rights to private channels, as the coordinator has them. Without them nobody gets anything private. */
    ...mediaKeySettings,
    /** What CloudFront shows, which verifies rights itself: the same as for `./rostrum cdn`. */
    ROSTRUM_CDN_SECRET: CdnSecrets.optional(),
    /** Address and port of the origin: playlists, media, the watch page. */
    ROSTRUM_ORIGIN_HOST: z.string().min(1).max(255).default('127.0.0.1'),
    ROSTRUM_ORIGIN_PORT: Port.default(8080),
    /** Where `/metrics` and `/readyz` are: they name what is on the air, and are not for viewers. */
    ROSTRUM_ORIGIN_METRICS_IP: IpAddress.default('127.0.0.1'),
    ROSTRUM_ORIGIN_METRICS_PORT: Port.default(0),
    /** Base URL viewers reach the origin at, when it is not its own. */
    ROSTRUM_ORIGIN_PUBLIC_URL: HttpUrl.optional(),
    /**
     * Sites whose pages may show open webinars in a frame, with spaces between: `https://example.org https://*.example.org`, or `*` for
     * all. Without it the origin's own alone.
     */
    ROSTRUM_EMBED_ANCESTORS: z
      .string()
      .transform((text) => text.split(/\s+/).filter((site) => site !== ''))
      .refine((sites) => sites.every((site) => EMBED_ANCESTOR.test(site)), {
        error: 'sites such as https://example.org or https://*.example.org with spaces between, or *',
      })
      .default([]),
    /** Channels' files lie in `channels` below it. */
    ROSTRUM_DATA_DIR: z.string({ error: 'a folder for recordings' }).min(1, 'a folder for recordings'),
    /** The built watch page. Without it the origin serves media only. */
    ROSTRUM_WATCH_DIR: z.string().min(1).optional(),
    ROSTRUM_TLS_CERT: ReadableFile.optional(),
    ROSTRUM_TLS_KEY: ReadableFile.optional(),
    /** Channels it takes at most, whatever the machine has left. Without it: as many as there is room for by measurement. */
    ROSTRUM_MAX_CHANNELS: z.coerce
      .number({ error: 'a number of channels' })
      .int()
      .min(1, 'at least one channel')
      .max(1000)
      .optional(),
    /** Used share of the recordings' disk at which the crew is told. */
    ROSTRUM_DISK_LOW_PERCENT: Percent.default(90),
    /** And at which it is as good as full. The stream goes on in any case. */
    ROSTRUM_DISK_FULL_PERCENT: Percent.default(98),
    /** It has to be so far below before it counts as better again. */
    ROSTRUM_DISK_HYSTERESIS_PERCENT: z.coerce.number().min(0).max(50).default(2),
    /**
     * `1`: on a full disk the oldest finished recordings are deleted; with `ROSTRUM_S3_BUCKET` those alone that are in it
     * wholly, without it for good: they are nowhere else. Without this setting nothing is ever deleted.
     */
    ROSTRUM_DELETE_OLDEST_RECORDINGS: z.enum(['0', '1'], { error: '0 or 1' }).default('0'),
    /**
     * A bucket that recordings are copied to as they grow. Without it they are on this machine alone. Credentials are found as the
     * AWS SDK finds them: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, a profile, the machine's role.
     */
    ROSTRUM_S3_BUCKET: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket')
      .optional(),
    /** In front of all names in it, e.g. `shows/`. */
    ROSTRUM_S3_PREFIX: z
      .string()
      .regex(/^[A-Za-z0-9!_.*'()/-]{0,200}$/, 'letters, digits and ! _ . * ( ) / -')
      .default(''),
    /** The bucket's region. Without it what `AWS_REGION` or the profile says. */
    ROSTRUM_S3_REGION: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'a region, e.g. eu-central-1')
      .optional(),
    /** URL of a server other than Amazon's that speaks S3. */
    ROSTRUM_S3_ENDPOINT: HttpUrl.optional(),
    /** `1`: the bucket is in the path, not in front of the host's name, as most servers of one's own want it. */
    ROSTRUM_S3_PATH_STYLE: z.enum(['0', '1'], { error: '0 or 1' }).default('0'),
    /**
     * Caches in front of the origin that are told when a recording is deleted. Of edges: base URLs of their control ports, comma
     * separated, and the secret that they want.
     */
    ROSTRUM_EDGE_CONTROL_URLS: z
      .string()
      .default('')
      .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
      .pipe(z.array(HttpUrl)),
    ROSTRUM_EDGE_CONTROL_SECRET: z.string().regex(EDGE_SECRET, EDGE_SECRET_RULE).optional(),
    /** Id of CloudFront's distribution, as `./rostrum cdn apply` prints it; credentials as for a bucket. */
    ROSTRUM_CDN_DISTRIBUTION: z
      .string()
      .regex(/^[A-Z0-9]{8,32}$/, 'the id of a distribution, e.g. E2QWRUHAPOMQZL')
      .optional(),
    /** The largest picture of a source that is decoded, either way up; of larger ones the name card is shown. */
    ROSTRUM_MAX_PICTURE: z
      .string()
      .regex(
        /^[1-9]\d{1,3}x[1-9]\d{1,3}$/,
        `width x height, e.g. ${DEFAULT_CAP.longSide}x${DEFAULT_CAP.shortSide}`,
      )
      .default(`${DEFAULT_CAP.longSide}x${DEFAULT_CAP.shortSide}`),
    /** This machine's address that SFUs send RTP to. */
    ROSTRUM_MEDIA_IP: IpAddress.default('127.0.0.1'),
  })
  .superRefine((s, context) => {
    refuseBoth(s, context);
    const complain = (name: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (s.ROSTRUM_TLS_CERT !== undefined && s.ROSTRUM_TLS_KEY === undefined)
      complain('ROSTRUM_TLS_KEY', "ROSTRUM_TLS_CERT is set; give its key's file too");
    if (s.ROSTRUM_TLS_KEY !== undefined && s.ROSTRUM_TLS_CERT === undefined)
      complain('ROSTRUM_TLS_CERT', "ROSTRUM_TLS_KEY is set; give its certificate's file too");
    if (s.ROSTRUM_EDGE_CONTROL_URLS.length > 0 && s.ROSTRUM_EDGE_CONTROL_SECRET === undefined)
      complain('ROSTRUM_EDGE_CONTROL_SECRET', 'ROSTRUM_EDGE_CONTROL_URLS is set; give the edges’ secret too');
    if (s.ROSTRUM_MEDIA_IP === '0.0.0.0' || s.ROSTRUM_MEDIA_IP === '::')
      complain('ROSTRUM_MEDIA_IP', 'the one address of this machine that SFUs reach');
    if (s.ROSTRUM_DISK_LOW_PERCENT >= s.ROSTRUM_DISK_FULL_PERCENT)
      complain('ROSTRUM_DISK_LOW_PERCENT', 'less than ROSTRUM_DISK_FULL_PERCENT');
    if (s.ROSTRUM_DISK_HYSTERESIS_PERCENT >= s.ROSTRUM_DISK_LOW_PERCENT)
      complain('ROSTRUM_DISK_HYSTERESIS_PERCENT', 'less than ROSTRUM_DISK_LOW_PERCENT');
    if (s.ROSTRUM_S3_BUCKET === undefined) {
      const given = [
        ['ROSTRUM_S3_PREFIX', s.ROSTRUM_S3_PREFIX || undefined],
        ['ROSTRUM_S3_REGION', s.ROSTRUM_S3_REGION],
        ['ROSTRUM_S3_ENDPOINT', s.ROSTRUM_S3_ENDPOINT],
      ].find(([, value]) => value !== undefined);
      if (given) complain('ROSTRUM_S3_BUCKET', `${given[0]} is set; name the bucket too`);
    }
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
  readonly mediaKeys: MediaKeySource;
  readonly cdnSecrets: readonly string[];
  readonly originHost: string;
  readonly originPort: number;
  readonly metricsIp: string;
  readonly metricsPort: number;
  readonly originPublicUrl: string | undefined;
  /** Sites whose pages may show open webinars in a frame. */
  readonly embedAncestors: readonly string[];
  readonly archiveDir: string;
  readonly diskThresholds: DiskThresholds;
  /** The operator's consent to deletion on a full disk. */
  readonly removeOldestRecordings: boolean;
  /** Where recordings are copied to; undefined: nowhere. */
  readonly s3: S3Place | undefined;
  /** What is told of deleted recordings. */
  readonly caches: {
    /** undefined: there are no edges, or they are not told. */
    readonly edges: { readonly urls: readonly string[]; readonly secret: string } | undefined;
    readonly cdnDistribution: string | undefined;
  };
  readonly watchPageDir: string | undefined;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly mediaIp: string;
  readonly pictureCap: PictureCap;
  /** null: by measurement. */
  readonly maxChannels: number | null;
  readonly parentPipe: boolean;
  readonly logLevel: string;
}

function pictureCapOf(size: string): PictureCap {
  const sides = size.split('x').map(Number);
  return { longSide: Math.max(...sides), shortSide: Math.min(...sides) };
}

type S3Settings = Pick<
  z.infer<typeof SettingsSchema>,
  | 'ROSTRUM_S3_BUCKET'
  | 'ROSTRUM_S3_PREFIX'
  | 'ROSTRUM_S3_REGION'
  | 'ROSTRUM_S3_ENDPOINT'
  | 'ROSTRUM_S3_PATH_STYLE'
>;

/** Where copies lie; undefined: there are none. */
export function s3PlaceOf(s: S3Settings): S3Place | undefined {
  if (s.ROSTRUM_S3_BUCKET === undefined) return undefined;
  return {
    bucket: s.ROSTRUM_S3_BUCKET,
    prefix: prefixOf(s.ROSTRUM_S3_PREFIX),
    region: s.ROSTRUM_S3_REGION,
    endpoint: s.ROSTRUM_S3_ENDPOINT?.replace(/\/+$/, ''),
    pathStyle: s.ROSTRUM_S3_PATH_STYLE === '1',
  };
}

/** With one slash at its end and none in front, or empty. */
function prefixOf(text: string): string {
  const path = text.split('/').filter(Boolean).join('/');
  return path === '' ? '' : `${path}/`;
}

/** Where channels' files lie. */
export const archiveDirOf = (dataDir: string): string => join(resolve(dataDir), 'channels');

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Reads the environment. Throws a `SettingsError` that names each wrong setting, its value and what would do. */
export function readSettings(env: Environment): Settings {
  const s = parseSettings(SettingsSchema, env, {
    secrets: [
      'ROSTRUM_NODE_TOKEN',
      'ROSTRUM_MEDIA_KEYS',
      'ROSTRUM_CDN_SECRET',
      'ROSTRUM_EDGE_CONTROL_SECRET',
    ],
  });
  return {
    coordinatorUrl: s.ROSTRUM_COORDINATOR_URL,
    nodeToken: s.ROSTRUM_NODE_TOKEN,
    nodeId: s.ROSTRUM_BROADCASTER_NODE_ID ?? defaultNodeId('broadcaster', s.ROSTRUM_ORIGIN_PORT),
    mediaKeys: mediaKeySource(s),
    cdnSecrets: s.ROSTRUM_CDN_SECRET ?? [],
    originHost: s.ROSTRUM_ORIGIN_HOST,
    originPort: s.ROSTRUM_ORIGIN_PORT,
    metricsIp: s.ROSTRUM_ORIGIN_METRICS_IP,
    metricsPort: s.ROSTRUM_ORIGIN_METRICS_PORT,
    originPublicUrl: s.ROSTRUM_ORIGIN_PUBLIC_URL?.replace(/\/+$/, ''),
    embedAncestors: s.ROSTRUM_EMBED_ANCESTORS,
    archiveDir: archiveDirOf(s.ROSTRUM_DATA_DIR),
    diskThresholds: {
      low: s.ROSTRUM_DISK_LOW_PERCENT / 100,
      full: s.ROSTRUM_DISK_FULL_PERCENT / 100,
      hysteresis: s.ROSTRUM_DISK_HYSTERESIS_PERCENT / 100,
    },
    removeOldestRecordings: s.ROSTRUM_DELETE_OLDEST_RECORDINGS === '1',
    s3: s3PlaceOf(s),
    caches: {
      edges:
        s.ROSTRUM_EDGE_CONTROL_URLS.length > 0 && s.ROSTRUM_EDGE_CONTROL_SECRET !== undefined
          ? {
              urls: s.ROSTRUM_EDGE_CONTROL_URLS.map((url) => url.replace(/\/+$/, '')),
              secret: s.ROSTRUM_EDGE_CONTROL_SECRET,
            }
          : undefined,
      cdnDistribution: s.ROSTRUM_CDN_DISTRIBUTION,
    },
    watchPageDir: s.ROSTRUM_WATCH_DIR,
    tls:
      s.ROSTRUM_TLS_CERT !== undefined && s.ROSTRUM_TLS_KEY !== undefined
        ? { certFile: s.ROSTRUM_TLS_CERT, keyFile: s.ROSTRUM_TLS_KEY }
        : undefined,
    mediaIp: s.ROSTRUM_MEDIA_IP,
    pictureCap: pictureCapOf(s.ROSTRUM_MAX_PICTURE),
    maxChannels: s.ROSTRUM_MAX_CHANNELS ?? null,
    parentPipe: s.ROSTRUM_PARENT_PIPE === '1',
    logLevel: s.ROSTRUM_LOG_LEVEL,
  };
}
