/** Names and certificates as those outside meet them. */
import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import type { Finding } from '@rostrum/contracts';

type About<A extends Finding['about']> = Extract<Finding, { about: A }>;
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Less than this is told: what renews certificates usually does so thirty days before. */
const SOON_DAYS = 14;
const DAY_MS = 86_400_000;
const ANSWER_MS = 5000;

/** Nobody reaches these from outside (RFC 1918, 6598, 3927, 4193, 4291). */
const PRIVATE = new BlockList();
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const) {
  PRIVATE.addSubnet(net, bits, 'ipv4');
}
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');
const LOCAL = new BlockList();
LOCAL.addSubnet('127.0.0.0', 8, 'ipv4');
LOCAL.addAddress('::1', 'ipv6');

type Reach = 'outer' | 'private' | 'local';

/** Who reaches this IP address. */
export function reachOf(address: string): Reach {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (LOCAL.check(address, family)) return 'local';
  return PRIVATE.check(address, family) ? 'private' : 'outer';
}

const ofSystem: Lookup = async (host) => (await systemLookup(host, { all: true })).map((a) => a.address);
const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map((a) => a.address));

/** Where a host of an address that people are told leads. `announced`: what this machine is told by beside its own addresses. */
export async function checkName(
  of: About<'name'>['of'],
  host: string,
  announced: string,
  lookup: Lookup = ofSystem,
): Promise<About<'name'>> {
  const bare = host.replace(/^\[|\]$/g, '');
  const found = { about: 'name', of, host: bare } as const;
  let addresses: string[];
  try {
    addresses = isIP(bare) ? [bare] : [...(await lookup(bare))];
  } catch {
    return { ...found, is: 'unresolved', addresses: [] };
  }
  if (addresses.length === 0) return { ...found, is: 'unresolved', addresses };
  const reaches = addresses.map(reachOf);
  if (reaches.every((reach) => reach === 'local')) return { ...found, is: 'local', addresses };
  if (!reaches.includes('outer')) return { ...found, is: 'private', addresses };
  const here = new Set([announced, ...ownAddresses()]);
  return { ...found, is: addresses.some((address) => here.has(address)) ? 'good' : 'elsewhere', addresses };
}

/** What browsers are told for media. */
export function checkAnnounced(address: string): About<'announced'> {
  const reach = reachOf(address);
  return { about: 'announced', is: reach === 'outer' ? 'good' : reach, address };
}

/** The certificate that is shown at an address, as a browser without exceptions judges it. */
export async function checkCertificate(
  of: About<'certificate'>['of'],
  url: URL,
  nowUnixMs: number,
): Promise<About<'certificate'>> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = { about: 'certificate', of, host, daysLeft: null, reason: null } as const;
  if (url.protocol !== 'https:') return { ...found, is: 'none' };
  const seen = await certificateAt(host, Number(url.port || 443));
  if (seen.kind === 'unreachable') return { ...found, is: 'unreachable', reason: seen.reason };
  const daysLeft = Math.floor((Date.parse(seen.certificate.valid_to) - nowUnixMs) / DAY_MS);
  if (daysLeft < 0) return { ...found, is: 'expired', daysLeft };
  if (seen.refusal === 'ERR_TLS_CERT_ALTNAME_INVALID') return { ...found, is: 'otherName', daysLeft };
  if (seen.refusal !== null) return { ...found, is: 'untrusted', daysLeft, reason: seen.refusal };
  return { ...found, is: daysLeft < SOON_DAYS ? 'soon' : 'good', daysLeft };
}

type Seen =
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'seen'; readonly certificate: PeerCertificate; readonly refusal: string | null };

function certificateAt(host: string, port: number): Promise<Seen> {
  return new Promise((resolve) => {
    // It is looked at whatever is wrong with it, and nothing is sent.
    const socket = connectTls({
      ...{ host, port, rejectUnauthorized: false, timeout: ANSWER_MS },
      ...(isIP(host) ? {} : { servername: host }),
    });
    const answer = (seen: Seen): void => {
      socket.destroy();
      resolve(seen);
    };
    socket.once('secureConnect', () => {
      const error: unknown = socket.authorizationError;
      const refusal = socket.authorized ? null : codeOf(error);
      answer({ kind: 'seen', certificate: socket.getPeerCertificate(), refusal });
    });
    socket.once('timeout', () => answer({ kind: 'unreachable', reason: 'ETIMEDOUT' }));
    socket.once('error', (error) => answer({ kind: 'unreachable', reason: codeOf(error) }));
  });
}

/** An error's code, or what else it says of itself. */
export function codeOf(error: unknown): string {
  const { code, message } = error as Partial<NodeJS.ErrnoException>;
  return code ?? message ?? String(error);
}

/** Whether one cookie reaches console and media. `domain`: as the settings say. */
export function checkCookies(console: URL, media: URL, domain: string | null): About<'cookies'> {
  const hosts = [...new Set([console.hostname, media.hostname])];
  const found = { about: 'cookies', domain, hosts } as const;
  if (domain !== null) {
    const under = (host: string): boolean => host === domain || host.endsWith(`.${domain}`);
    return { ...found, is: hosts.every(under) && domain.includes('.') ? 'good' : 'foreign' };
  }
  return { ...found, is: hosts.length === 1 ? 'good' : 'apart' };
}
