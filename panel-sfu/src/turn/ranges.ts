/** Addresses as ranges, and those of the special-purpose registries: what a relay to strangers must never reach. */
import { isIP } from 'node:net';

/**
 * IANA's special-purpose address registries (RFC 6890 and what came after), multicast, and the IPv6 forms that carry an IPv4
 * address within: behind each of those any IPv4 range could hide.
 */
export const SPECIAL_RANGES: readonly (readonly [cidr: string, why: string])[] = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'carriers’ NAT'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local, and clouds’ metadata'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'protocol assignments'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', '6to4 relays'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarks'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved, and broadcast'],
  ['::/96', 'unspecified, loopback, IPv4-compatible'],
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['64:ff9b::/96', 'IPv4 by NAT64'],
  ['64:ff9b:1::/48', 'IPv4 by NAT64, local'],
  ['100::/64', 'discard'],
  ['2001::/23', 'protocol assignments, Teredo'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
];

/** Every address there is. */
export const EVERYTHING: readonly string[] = ['0.0.0.0/0', '::/0'];

const BITS = { 4: 32, 6: 128 } as const;

/** First and last address of a CIDR. @throws RangeError for anything else */
export function rangeOf(cidr: string): { readonly first: string; readonly last: string } {
  const [address = '', length = ''] = cidr.split('/');
  const family = isIP(address);
  const bits = family === 4 || family === 6 ? BITS[family] : 0;
  if (bits === 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits)
    throw new RangeError(`${cidr} is no CIDR`);
  const host = (1n << BigInt(bits - Number(length))) - 1n;
  const value = numberOf(address);
  return { first: textOf(value & ~host, bits), last: textOf(value | host, bits) };
}

/** An address's bytes, 4 or 16. */
export function bytesOf(address: string): Buffer {
  const bits = isIP(address) === 4 ? 32 : 128;
  return Buffer.from(
    numberOf(address)
      .toString(16)
      .padStart(bits / 4, '0'),
    'hex',
  );
}

/** An address as a number. */
function numberOf(address: string): bigint {
  if (isIP(address) === 4) return number(address.split('.').map(Number), 8);
  // A dotted tail is two groups more.
  const groups = address.replace(/[\d.]+$/, (tail) =>
    tail.includes('.') ? textOf(numberOf(tail), 128).split(':').slice(-2).join(':') : tail,
  );
  const [head = [], tail = []] = groups.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  return number(
    [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16)),
    16,
  );
}

function number(groups: readonly number[], width: 8 | 16): bigint {
  return groups.reduce((value, group) => (value << BigInt(width)) | BigInt(group), 0n);
}

function textOf(value: bigint, bits: 32 | 128): string {
  const width = bits === 32 ? 8 : 16;
  const groups = Array.from({ length: bits / width }, (_, index) =>
    Number((value >> BigInt(bits - width * (index + 1))) & ((1n << BigInt(width)) - 1n)),
  );
  return bits === 32 ? groups.join('.') : groups.map((group) => group.toString(16)).join(':');
}
