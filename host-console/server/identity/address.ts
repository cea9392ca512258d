import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * Proxies whose word is taken for whom they speak: CIDRs, single addresses, or `loopback`.
 * Throws for what is none of these, with the text of it.
 */
export function parseProxies(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    if (text === 'loopback') {
      list.addSubnet('127.0.0.0', 8, 'ipv4');
      list.addAddress('::1', 'ipv6');
      continue;
    }
    const [address = '', bits, ...more] = text.split('/');
    const family = isIP(address);
    const length = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
    const known = family !== 0 && more.length === 0 && (bits === undefined || /^\d{1,3}$/.test(bits));
    if (!known || length > (family === 4 ? 32 : 128)) throw new Error(`${text} is no CIDR`);
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/**
 * Where a request comes from: its peer; where that is a proxy that is trusted, whom it names in `X-Forwarded-For`, read from
 * the right, since what stands further left may be made up by whoever asks. A hop that is none ends the reading.
 */
export function clientAddress(
  request: Pick<IncomingMessage, 'headers'> & {
    readonly socket: { readonly remoteAddress?: string | undefined };
  },
  proxies: BlockList,
): string {
  let known = plainAddress(request.socket.remoteAddress ?? '') ?? 'unknown';
  const forwarded = request.headers['x-forwarded-for'];
  const hops = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',');
  while (hops.length > 0 && isTrusted(known, proxies)) {
    const hop = plainAddress(hops.pop()?.trim() ?? '');
    if (hop === null) break;
    known = hop;
  }
  return known;
}

export function isTrusted(address: string, proxies: BlockList): boolean {
  const family = isIP(address);
  return family !== 0 && proxies.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * What addresses are counted by: of IPv4 the address, of IPv6 its /64, of which a household has at least one whole and any
 * number of addresses in it.
 */
export function addressKey(address: string): string {
  return isIP(address) === 6 ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address;
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Without port, zone and brackets, and IPv4 as such where it is written as IPv6. null: no address. */
function plainAddress(text: string): string | null {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '');
  if (isIP(address) === 0) return null;
  const mapped = isIP(address) === 6 ? MAPPED.exec(normal(address))?.[1] : undefined;
  return mapped ?? normal(address);
}

/** One spelling of each address; of an IPv4 one that is mapped, with dots. */
function normal(address: string): string {
  if (isIP(address) !== 6) return address;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff';
  if (!isMapped) return new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** The eight groups of an IPv6 address, in hexadecimal without leading zeros. */
function groupsOf(address: string): string[] {
  // The URL parser writes what is IPv4 at the end as groups too.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
}
