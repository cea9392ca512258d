/** Which addresses others may have us send to: none by which we would be made to speak to our own neighbours (SSRF). */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** IANA's special-purpose registry (RFC 6890 and later): whatever is not reached over the public net, and multicast. */
const SPECIAL_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;
/** Within 2000::/3, the only addresses of IPv6 that are public: Teredo and other protocol assignments, documentation, 6to4. */
const SPECIAL_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const specialV4 = new BlockList();
for (const [net, bits] of SPECIAL_V4) specialV4.addSubnet(net, bits, 'ipv4');
const publicV6 = new BlockList();
publicV6.addSubnet('2000::', 3, 'ipv6');
const specialV6 = new BlockList();
for (const [net, bits] of SPECIAL_V6) specialV6.addSubnet(net, bits, 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether one may be sent to. IPv4 inside of IPv6 (mapped, NAT64, 6to4) is none: it could be anybody's. */
export function mayBeSentTo(address: string, allowLoopback: boolean): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  // Node takes a mapped address for the IPv4 in it: asked in IPv6 alone, it is what it is written as.
  const bare = address.replace(/%.*$/, '');
  if (family === 4)
    return allowLoopback && loopback.check(bare, 'ipv4') ? true : !specialV4.check(bare, 'ipv4');
  if (/^::ffff:/i.test(bare) || bare.includes('.')) return false;
  if (allowLoopback && loopback.check(bare, 'ipv6')) return true;
  return publicV6.check(bare, 'ipv6') && !specialV6.check(bare, 'ipv6');
}

export class AddressRefused extends Error {
  readonly code = 'address-refused';
  constructor(host: string) {
    super(`${host} leads to an address that is not public`);
    this.name = 'AddressRefused';
  }
}

/** What a URL says by itself; its name is looked at when it is connected to. Throws `AddressRefused`, or an error that says why. */
export function checkUrl(url: URL, allowLoopback: boolean): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !mayBeSentTo(host, allowLoopback)) throw new AddressRefused(host);
  const local =
    isIP(host) === 0 ? host === 'localhost' : loopback.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local && allowLoopback)) {
    throw new Error('only https addresses');
  }
  if (url.username !== '' || url.password !== '') throw new Error('no name or password in an address');
}

type Resolve = (host: string, answer: (error: Error | null, found: LookupAddress[]) => void) => void;
const ofSystem: Resolve = (host, answer) =>
  systemLookup(host, { all: true }, (error, found) => answer(error, found ?? []));

/**
 * For the socket itself: it connects to the very address that was looked at, so that a name cannot lead somewhere else a
 * moment later (DNS rebinding). A name with one bad address is refused as a whole.
 */
export const guardedLookup =
  (allowLoopback: boolean, resolve: Resolve = ofSystem): LookupFunction =>
  (host, options, answer) => {
    resolve(host, (error, found) => {
      const family = options.family === 4 || options.family === 6 ? options.family : 0;
      const addresses = found.filter((one) => family === 0 || one.family === family);
      const [first] = addresses;
      if (error || !first) {
        answer(error ?? new Error(`${host} has no address`), []);
      } else if (!found.every(({ address }) => mayBeSentTo(address, allowLoopback))) {
        answer(new AddressRefused(host), []);
      } else if (options.all) {
        answer(null, addresses);
      } else answer(null, first.address, first.family);
    });
  };
