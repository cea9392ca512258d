import type { BlockList } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { DOORS_MINUTES_MAX, MEDIA_KEYS_RULE } from '@rostrum/contracts';
import {
  MEDIA_KEYS_FILE_RULE,
  type MediaKeySource,
  mediaKeySettings,
  mediaKeySource,
  refuseBoth,
} from '@rostrum/service-kit/media-keys';
import { type Environment, IpAddress, PemFile, Port, parseSettings } from '@rostrum/service-kit/settings';
import { z } from 'zod';
import { parseProxies } from './identity/address.ts';
import { isAddress } from './mail/compose.ts';
import type { Recipient } from './mail/mail.ts';
import { type SmtpServer, smtpServerOf } from './mail/smtp.ts';
import type { TurnServers } from './media/ice-servers.ts';

/** Every setting of the coordinator, by its environment variable. */
const url = (protocols: RegExp) =>
  z.url({ protocol: protocols }).transform((value) => value.replace(/\/+$/, ''));
const HttpUrl = url(/^https?$/);
const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((v) => v === '1');

const IceServers = z
  .string()
  .default('[]')
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.array(z.looseObject({ urls: z.union([z.string(), z.array(z.string())]) })));

const SmtpUrl = z.string().transform((text, context): SmtpServer => {
  try {
    return smtpServerOf(text);
  } catch (error) {
    // Nothing of the URL itself: it has a password in it.
    const message = error instanceof TypeError && !('input' in error) ? error.message : 'no URL';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
});
/** `Name <address>`, or the address alone. */
const Mailbox = z.string().transform((text, context): Recipient => {
  const [, name = '', bracketed] = /^(.*)<([^<>]*)>$/.exec(text.trim()) ?? [];
  const address = (bracketed ?? text).trim();
  if (isAddress(address)) return { address, name: name.trim().replaceAll(/^"|"$/g, '') || null };
  context.addIssue({ code: 'custom', message: 'no address' });
  return z.NEVER;
});
const domain = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'no domain')
  .transform((text) => text.toLowerCase());

const schema = z
  .object({
    ROSTRUM_CONSOLE_HOST: z.string().min(1).default('127.0.0.1'),
    ROSTRUM_CONSOLE_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    /** Where `/metrics` and `/readyz` are, which are the operator's business. */
    ROSTRUM_CONSOLE_METRICS_IP: IpAddress.default('127.0.0.1'),
    ROSTRUM_CONSOLE_METRICS_PORT: Port.default(0),
    ROSTRUM_PUBLIC_URL: HttpUrl.optional(),
    ROSTRUM_DATA_DIR: z.string().min(1),
    ROSTRUM_SECRET: z.string().refine((s) => Buffer.byteLength(s) >= 32, 'shorter than 32 bytes'),
    ROSTRUM_NODE_TOKEN: z.string().min(16).max(512),
    /** Keys of rights to private channels: the first signs, edge and origin take all. */
    ...mediaKeySettings,
    /** Parent domain of console and media, where their names differ: the cookies of rights are for all below it. */
    ROSTRUM_COOKIE_DOMAIN: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'no domain')
      .transform((domain) => domain.toLowerCase())
      .optional(),
    /** The private key by which CloudFront knows rights (PEM file), and the id that it gave the public half. */
    ROSTRUM_CDN_KEY: PemFile.optional(),
    ROSTRUM_CDN_KEY_PAIR_ID: z
      .string()
      .regex(/^[A-Z0-9]{8,32}$/, 'no id of a key')
      .optional(),
    DATABASE_URL: url(/^postgres(ql)?$/).optional(),
    ROSTRUM_TLS_CERT: z.string().min(1).optional(),
    ROSTRUM_TLS_KEY: z.string().min(1).optional(),
    ROSTRUM_ICE_SERVERS: IceServers,
    /** TURN servers, comma separated, of one region or several; who joins is told credentials made with the secret. */
    ROSTRUM_TURN_URLS: z
      .string()
      .default('')
      .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
      .pipe(z.array(z.string().regex(/^turns?:[^\s/?#@]+(\?transport=(udp|tcp))?$/, 'no TURN URL'))),
    ROSTRUM_TURN_SECRET: z.string().min(32, 'shorter than 32 characters').optional(),
    /** So long they are good for, from a join or an ICE restart: longer than a show. */
    ROSTRUM_TURN_TTL_S: z.coerce.number().int().min(60).max(604_800).default(43_200),
    /** Other origins whose pages may use the API, comma separated; those of connected broadcasters may anyway. */
    ROSTRUM_ALLOWED_ORIGINS: z
      .string()
      .default('')
      .transform((text) => text.split(',').filter((part) => part.trim() !== ''))
      .pipe(
        z.array(
          z
            .string()
            .trim()
            .pipe(HttpUrl)
            .transform((value) => new URL(value).origin),
        ),
      ),
    /** Proxies whose `X-Forwarded-For` is believed: CIDRs and addresses, comma separated, or `loopback`. */
    ROSTRUM_TRUSTED_PROXIES: z
      .string()
      .default('')
      .transform((text, context): BlockList => {
        const parts = text.split(',').map((part) => part.trim());
        try {
          return parseProxies(parts.filter((part) => part !== ''));
        } catch (error) {
          context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'no CIDRs' });
          return z.NEVER;
        }
      }),
    /** So many votes on one question, and raised hands, count from one address in a webinar that anyone may join; 0: all. */
    ROSTRUM_VOTES_PER_ADDRESS: z.coerce.number().int().min(0).max(1_000_000).default(25),
    /** Webhooks may lead to this machine, by http too: for trying them out. */
    ROSTRUM_WEBHOOKS_TO_LOOPBACK: z.enum(['0', '1']).default('0'),
    /** A live webinar without crew and with an empty stage ends after so many minutes; 0: never. */
    ROSTRUM_DOORS_MINUTES: z.coerce.number().int().min(0).max(DOORS_MINUTES_MAX).default(10),
    ROSTRUM_ABANDONED_END_MINUTES: z.coerce.number().min(0).max(10_080).default(30),
    /** Events of a webinar older than so many days are removed once two snapshots have what they came to; 0: never. */
    ROSTRUM_LOG_KEEP_DAYS: z.coerce.number().min(0).max(36_500).default(0),
    /** Recordings are deleted, wherever they are, so many days after their webinar's end; 0: never. */
    ROSTRUM_DELETE_RECORDINGS_AFTER_DAYS: z.coerce.number().min(0).max(36_500).default(0),
    /** Takes the mails: `smtp://user:password@host:587` (STARTTLS) or `smtps://…` (TLS). Without it they lie in a folder. */
    ROSTRUM_SMTP_URL: SmtpUrl.optional(),
    /** Whom mails come from, e.g. `Example Events <events@example.org>`. */
    ROSTRUM_MAIL_FROM: Mailbox.optional(),
    /** Signs mails (DKIM, RFC 6376): a PEM file, and where in the DNS its public half is. */
    ROSTRUM_DKIM_KEY: PemFile.optional(),
    ROSTRUM_DKIM_SELECTOR: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/i, 'no selector')
      .optional(),
    /** Default: that of `ROSTRUM_MAIL_FROM`. */
    ROSTRUM_DKIM_DOMAIN: domain.optional(),
    /**
     * Until when an owner's link is told at start, which opens /setup: `first`: until there is an owner's account. `recover`: also
     * then, for an owner who cannot sign in any more. `demo`: also then, for a process that the launcher starts.
     */
    ROSTRUM_OWNER_LINK: z.enum(['first', 'recover', 'demo']).default('first'),
    /** Who was at a webinar, and when, is forgotten so many days after they left; 0: never. */
    ROSTRUM_KEEP_PARTICIPANTS_DAYS: z.coerce.number().min(0).max(36_500).default(365),
    /** Rows of the quality log are removed after so many days; 0: never. */
    ROSTRUM_KEEP_QUALITY_DAYS: z.coerce.number().min(0).max(36_500).default(30),
    /** 0: no pages, only sockets and API. */
    ROSTRUM_CONSOLE_PAGES: flag.default(true),
    /** 1: pages from source with reload, for working on them. */
    ROSTRUM_CONSOLE_DEV: flag,
    ROSTRUM_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    /** 1: exit when standard input ends, which is when the parent process is gone. */
    ROSTRUM_PARENT_PIPE: flag,
  })
  .superRefine(refuseBoth)
  .refine((s) => (s.ROSTRUM_TLS_CERT === undefined) === (s.ROSTRUM_TLS_KEY === undefined), {
    path: ['ROSTRUM_TLS_CERT'],
    message: 'certificate and key go together',
  })
  .refine((s) => s.ROSTRUM_SMTP_URL === undefined || s.ROSTRUM_MAIL_FROM !== undefined, {
    path: ['ROSTRUM_MAIL_FROM'],
    message: 'no server takes mails from nobody',
  })
  .refine((s) => (s.ROSTRUM_DKIM_KEY === undefined) === (s.ROSTRUM_DKIM_SELECTOR === undefined), {
    path: ['ROSTRUM_DKIM_SELECTOR'],
    message: 'the key and its selector go together',
  })
  .refine((s) => s.ROSTRUM_DKIM_KEY === undefined || s.ROSTRUM_MAIL_FROM !== undefined, {
    path: ['ROSTRUM_MAIL_FROM'],
    message: 'mails are signed for the domain that they come from',
  })
  .refine((s) => s.ROSTRUM_CDN_KEY_PAIR_ID === undefined || s.ROSTRUM_CDN_KEY !== undefined, {
    path: ['ROSTRUM_CDN_KEY'],
    message: 'ROSTRUM_CDN_KEY_PAIR_ID is set; give its private key too',
  })
  .refine((s) => s.ROSTRUM_TURN_URLS.length === 0 || s.ROSTRUM_TURN_SECRET !== undefined, {
    path: ['ROSTRUM_TURN_SECRET'],
    message: 'without it nobody is let through the servers of ROSTRUM_TURN_URLS',
  });

/** What would do, for the message of a refused start. */
const REMEDY: Readonly<Record<string, string>> = {
  ROSTRUM_CONSOLE_HOST: 'an address to listen on, e.g. 0.0.0.0',
  ROSTRUM_CONSOLE_PORT: 'a port from 0 (any free one) to 65535',
  ROSTRUM_CONSOLE_METRICS_IP: 'an address of this machine, e.g. 127.0.0.1',
  ROSTRUM_CONSOLE_METRICS_PORT: 'a port from 0 (any free one) to 65535',
  ROSTRUM_PUBLIC_URL: 'the URL people reach this console at, e.g. https://console.example.org',
  ROSTRUM_DATA_DIR: 'a folder this process may write to',
  ROSTRUM_SECRET: 'at least 32 random bytes, e.g. from: openssl rand -base64 48',
  ROSTRUM_NODE_TOKEN: '16 to 512 random characters, the same as for the nodes',
  ROSTRUM_MEDIA_KEYS: MEDIA_KEYS_RULE,
  ROSTRUM_MEDIA_KEYS_FILE: MEDIA_KEYS_FILE_RULE,
  ROSTRUM_COOKIE_DOMAIN: 'a domain that both names are below, e.g. example.org',
  ROSTRUM_CDN_KEY: 'the path of a PEM file that can be read, as for ./rostrum cdn',
  ROSTRUM_CDN_KEY_PAIR_ID: 'what `./rostrum cdn apply` prints, e.g. K2JCJMDEHXQW5F',
  DATABASE_URL: 'postgres://user:password@host/database, or leave it out for SQLite',
  ROSTRUM_TLS_CERT: 'paths of a PEM certificate (ROSTRUM_TLS_CERT) and its key (ROSTRUM_TLS_KEY)',
  ROSTRUM_TLS_KEY: 'paths of a PEM certificate (ROSTRUM_TLS_CERT) and its key (ROSTRUM_TLS_KEY)',
  ROSTRUM_ICE_SERVERS:
    'a JSON list of RTCIceServer, e.g. [{"urls":"turn:turn.example.org","username":"u","credential":"c"}]',
  ROSTRUM_TURN_URLS:
    'turn: and turns: URLs, comma separated, e.g. turn:turn.example.org:3478?transport=udp,turns:turn.example.org:443?transport=tcp',
  ROSTRUM_TURN_SECRET: 'at least 32 characters, the same as the TURN server’s static-auth-secret',
  ROSTRUM_TURN_TTL_S: 'seconds, from a minute to a week (604800)',
  ROSTRUM_LOG_KEEP_DAYS: 'days, e.g. 30, or 0 to keep all events',
  ROSTRUM_DELETE_RECORDINGS_AFTER_DAYS: 'days, e.g. 90, or 0 to keep all recordings',
  ROSTRUM_DOORS_MINUTES: 'whole minutes before the start, up to 120, or 0 for never by themselves',
  ROSTRUM_KEEP_PARTICIPANTS_DAYS: 'days, e.g. 90, or 0 to keep them for ever',
  ROSTRUM_KEEP_QUALITY_DAYS: 'days, e.g. 30, or 0 to keep all rows',
  ROSTRUM_ABANDONED_END_MINUTES: 'minutes, up to a week (10080), or 0 for never',
  ROSTRUM_TRUSTED_PROXIES: 'loopback, addresses and CIDRs, comma separated, e.g. 10.0.0.0/8',
  ROSTRUM_WEBHOOKS_TO_LOOPBACK: '1, or 0',
  ROSTRUM_OWNER_LINK: 'first, or recover where no owner can sign in any more',
  ROSTRUM_VOTES_PER_ADDRESS: 'a whole number, or 0 for no limit',
  ROSTRUM_ALLOWED_ORIGINS: 'http(s) origins, comma separated',
  ROSTRUM_SMTP_URL: 'smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org',
  ROSTRUM_MAIL_FROM: 'whom mails come from, e.g. Example Events <events@example.org>',
  ROSTRUM_DKIM_KEY: 'the path of a PEM file that can be read, e.g. from: openssl genrsa 2048',
  ROSTRUM_DKIM_SELECTOR: 'the name below _domainkey in the DNS, e.g. rostrum',
  ROSTRUM_DKIM_DOMAIN: 'the domain that mails come from, e.g. example.org',
};

/** Never shown, not even when wrong. */
const SECRETS = [
  'ROSTRUM_SECRET',
  'ROSTRUM_NODE_TOKEN',
  'ROSTRUM_MEDIA_KEYS',
  'DATABASE_URL',
  'ROSTRUM_ICE_SERVERS',
  'ROSTRUM_TURN_SECRET',
  'ROSTRUM_SMTP_URL',
];

export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly metricsIp: string;
  readonly metricsPort: number;
  /** null: where it listens. */
  readonly publicUrl: string | null;
  readonly dataDir: string;
  readonly secret: string;
  readonly nodeToken: string;
  /** Of none there are no private webinars. */
  readonly mediaKeys: MediaKeySource;
  readonly cookieDomain: string | null;
  readonly cloudFront: { readonly keyFile: string; readonly keyPairId: string } | null;
  readonly databaseUrl: string | null;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  readonly iceServers: readonly Record<string, unknown>[];
  readonly turn: TurnServers | null;
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: BlockList;
  readonly webhooksToLoopback: boolean;
  /** 0: all count. */
  readonly votesPerAddress: number;
  /** 0: never. */
  readonly doorsMinutes: number;
  readonly abandonedEndMs: number;
  /** 0: for ever. */
  readonly logKeepMs: number;
  /** 0: for ever. */
  readonly keepRecordingsMs: number;
  /** null: mails lie in a folder. */
  readonly smtp: SmtpServer | null;
  readonly mailFrom: Recipient | null;
  readonly dkim: { readonly keyFile: string; readonly selector: string; readonly domain: string } | null;
  readonly ownerLink: 'first' | 'recover' | 'demo';
  /** 0: for ever. */
  readonly keepParticipantsMs: number;
  /** 0: for ever. */
  readonly keepQualityMs: number;
  readonly pages: 'none' | 'built' | 'dev';
  readonly logLevel: string;
  readonly parentPipe: boolean;
}

/** Reads the settings. Throws a `SettingsError` naming each wrong one, its value and what would do. */
export function readSettings(env: Environment): Settings {
  const s = parseSettings(schema, env, {
    secrets: SECRETS,
    say: (name, shown, message) =>
      `${name} (${shown}): ${message}. Would do: ${REMEDY[name] ?? 'see the documentation'}`,
  });
  return {
    host: s.ROSTRUM_CONSOLE_HOST,
    port: s.ROSTRUM_CONSOLE_PORT,
    metricsIp: s.ROSTRUM_CONSOLE_METRICS_IP,
    metricsPort: s.ROSTRUM_CONSOLE_METRICS_PORT,
    publicUrl: s.ROSTRUM_PUBLIC_URL ?? null,
    dataDir: isAbsolute(s.ROSTRUM_DATA_DIR) ? s.ROSTRUM_DATA_DIR : resolve(s.ROSTRUM_DATA_DIR),
    secret: s.ROSTRUM_SECRET,
    nodeToken: s.ROSTRUM_NODE_TOKEN,
    mediaKeys: mediaKeySource(s),
    cookieDomain: s.ROSTRUM_COOKIE_DOMAIN ?? null,
    cloudFront:
      s.ROSTRUM_CDN_KEY && s.ROSTRUM_CDN_KEY_PAIR_ID
        ? { keyFile: s.ROSTRUM_CDN_KEY, keyPairId: s.ROSTRUM_CDN_KEY_PAIR_ID }
        : null,
    databaseUrl: s.DATABASE_URL ?? null,
    tls:
      s.ROSTRUM_TLS_CERT && s.ROSTRUM_TLS_KEY
        ? { certFile: s.ROSTRUM_TLS_CERT, keyFile: s.ROSTRUM_TLS_KEY }
        : null,
    iceServers: s.ROSTRUM_ICE_SERVERS,
    turn:
      s.ROSTRUM_TURN_URLS.length > 0 && s.ROSTRUM_TURN_SECRET
        ? { urls: s.ROSTRUM_TURN_URLS, secret: s.ROSTRUM_TURN_SECRET, ttlS: s.ROSTRUM_TURN_TTL_S }
        : null,
    allowedOrigins: s.ROSTRUM_ALLOWED_ORIGINS,
    trustedProxies: s.ROSTRUM_TRUSTED_PROXIES,
    webhooksToLoopback: s.ROSTRUM_WEBHOOKS_TO_LOOPBACK === '1',
    votesPerAddress: s.ROSTRUM_VOTES_PER_ADDRESS,
    doorsMinutes: s.ROSTRUM_DOORS_MINUTES,
    abandonedEndMs: s.ROSTRUM_ABANDONED_END_MINUTES * 60_000,
    logKeepMs: s.ROSTRUM_LOG_KEEP_DAYS * 86_400_000,
    keepRecordingsMs: s.ROSTRUM_DELETE_RECORDINGS_AFTER_DAYS * 86_400_000,
    smtp: s.ROSTRUM_SMTP_URL ?? null,
    mailFrom: s.ROSTRUM_MAIL_FROM ?? null,
    dkim:
      s.ROSTRUM_DKIM_KEY && s.ROSTRUM_DKIM_SELECTOR && s.ROSTRUM_MAIL_FROM
        ? {
            keyFile: s.ROSTRUM_DKIM_KEY,
            selector: s.ROSTRUM_DKIM_SELECTOR,
            domain: s.ROSTRUM_DKIM_DOMAIN ?? s.ROSTRUM_MAIL_FROM.address.split('@')[1] ?? '',
          }
        : null,
    ownerLink: s.ROSTRUM_OWNER_LINK,
    keepParticipantsMs: s.ROSTRUM_KEEP_PARTICIPANTS_DAYS * 86_400_000,
    keepQualityMs: s.ROSTRUM_KEEP_QUALITY_DAYS * 86_400_000,
    pages: s.ROSTRUM_CONSOLE_PAGES ? (s.ROSTRUM_CONSOLE_DEV ? 'dev' : 'built') : 'none',
    logLevel: s.ROSTRUM_LOG_LEVEL,
    parentPipe: s.ROSTRUM_PARENT_PIPE,
  };
}
