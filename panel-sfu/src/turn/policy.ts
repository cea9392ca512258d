/** What our TURN server allows, as data, and the same as coturn's configuration. */
import { isIP } from 'node:net';
import { EVERYTHING, rangeOf, SPECIAL_RANGES } from './ranges.ts';

export interface TurnPolicy {
  /** Shown to clients in the challenge; any name. */
  readonly realm: string;
  /** What credentials are made with: `turnCredentials` of service-kit. */
  readonly secret: string;
  readonly listen: {
    /** Empty: at all addresses of the machine but loopback. */
    readonly ips: readonly string[];
    /** UDP and TCP. */
    readonly port: number;
    /** Absolute paths of PEM files. null: no TLS. */
    readonly tls: { readonly port: number; readonly certFile: string; readonly keyFile: string } | null;
  };
  readonly relay: {
    /** The address of this machine that media leaves from. */
    readonly ip: string;
    /** The same as others see it, where a 1:1 NAT stands between. */
    readonly announcedIp: string;
    readonly minPort: number;
    readonly maxPort: number;
  };
  readonly peers: Peers;
  readonly limits: {
    /** One browser makes one for each transport, URL and network interface of its own. */
    readonly allocationsPerPerson: number;
    readonly allocations: number;
    /** Of one allocation, each way. */
    readonly bytesPerSecond: number;
  };
}

/** Who may be talked to through the relay. `stages` may lie in private ranges: exactly these are reached there. */
export type Peers =
  | { readonly reach: 'stages'; readonly stages: readonly string[] }
  /** For media nodes that come and go: the public internet too. */
  | { readonly reach: 'public'; readonly stages: readonly string[] };

/** Only for what coturn reads a line at a time; the rest of its syntax has no quotes. */
const plain = (name: string, value: string): string => {
  if (value === '' || /[\s#]|[^\x20-\x7e]/.test(value))
    throw new RangeError(`${name} cannot stand in a configuration`);
  return value;
};
const address = (name: string, value: string): string => {
  if (isIP(value) === 0) throw new RangeError(`${name} ${JSON.stringify(value)} is no IP address`);
  return value;
};
const isLoopback = (ip: string): boolean => ip.startsWith('127.') || ip === '::1';

/** Peers that are let through, in the form in which coturn compares them. */
function allowedPeers({ peers, relay }: TurnPolicy): string[] {
  // It takes its own announced address for the one behind it, before it looks whether that is allowed.
  const own = peers.stages.includes(relay.announcedIp) ? [relay.ip] : [];
  return [...new Set([...peers.stages, ...own])];
}

const deniedPeers = ({ reach }: Peers): string[] =>
  reach === 'stages'
    ? EVERYTHING.map(rangeText)
    : SPECIAL_RANGES.map(([cidr]) => (cidr === '::/96' ? FROM_ONE : rangeText(cidr)));

const rangeText = (cidr: string): string => {
  const { first, last } = rangeOf(cidr);
  return `${first}-${last}`;
};
/** Without `::`, which as a beginning means none to coturn: IPv4 would be in that range too. It refuses `::` by itself. */
const FROM_ONE = rangeText('::/96').replace(/0-/, '1-');

/**
 * The text of a turnserver.conf. `folder`: where coturn may write what it has to.
 * @throws RangeError for what cannot stand in it
 */
export function turnserverConf(policy: TurnPolicy, folder: string): string {
  const { listen, relay, limits } = policy;
  const allowed = allowedPeers(policy).map((ip) => address('a peer', ip));
  const lines: Line[] = [
    ...listen.ips.map((ip): Line => ['listening-ip', address('a listening address', ip)]),
    ['listening-port', listen.port],
    ...tlsLines(listen.tls),
    flag('no-dtls'),
    ['relay-ip', address('the relay’s address', relay.ip)],
    ...announcedLines(policy),
    ['min-port', relay.minPort],
    ['max-port', relay.maxPort],
    ['realm', plain('the realm', policy.realm)],
    flag('use-auth-secret'),
    ['static-auth-secret', plain('the secret', policy.secret)],
    ['stale-nonce', 600],
    flag('fingerprint'),
    ['user-quota', limits.allocationsPerPerson],
    ['total-quota', limits.allocations],
    ['max-bps', limits.bytesPerSecond],
    flag('no-multicast-peers'),
    // Media goes over UDP from here on: RFC 6062 would only serve who wants a way through us.
    flag('no-tcp-relay'),
    ...(allowed.some(isLoopback) ? [flag('allow-loopback-peers')] : []),
    ...deniedPeers(policy.peers).map((range): Line => ['denied-peer-ip', range]),
    ...allowed.map((ip): Line => ['allowed-peer-ip', ip]),
    flag('no-cli'),
    // Or it says nothing of its sessions: see usage.ts.
    flag('verbose'),
    flag('no-software-attribute'),
    // Its answers are longer than the questions: nobody is to aim them at others.
    flag('no-rfc5780'),
    flag('no-stun-backward-compatibility'),
    flag('response-origin-only-with-rfc5780'),
    ['log-file', 'stdout'],
    flag('simple-log'),
    ['pidfile', plain('the folder', `${folder}/turnserver.pid`)],
    ['userdb', plain('the folder', `${folder}/turn.db`)],
  ];
  return `${lines.map(([name, value]) => (value === null ? name : `${name}=${value}`)).join('\n')}\n`;
}

/** A name, and its value where it has one. */
type Line = readonly [name: string, value: string | number | null];
const flag = (name: string): Line => [name, null];

/**
 * With its own address beside the announced one coturn goes to a stage on its machine without the NAT, but lets everybody through
 * to its machine, whatever is denied: so only where a stage is there.
 */
function announcedLines({ peers, relay: { ip, announcedIp } }: TurnPolicy): Line[] {
  if (ip === announcedIp) return [];
  const announced = address('the announced address', announcedIp);
  return [['external-ip', peers.stages.includes(announcedIp) ? `${announced}/${ip}` : announced]];
}

function tlsLines(tls: TurnPolicy['listen']['tls']): Line[] {
  if (tls === null) return [flag('no-tls')];
  return [
    ['tls-listening-port', tls.port],
    ['cert', plain('the certificate’s path', tls.certFile)],
    ['pkey', plain('the key’s path', tls.keyFile)],
    flag('no-tlsv1'),
    flag('no-tlsv1_1'),
  ];
}
