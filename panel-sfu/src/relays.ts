/** Which connections of people come through a TURN server: told by where their packets come from. */
import { isIP } from 'node:net';

/** Addresses from which a TURN server sends what it relays. */
export interface Relay {
  readonly ip: string;
  readonly minPort: number;
  readonly maxPort: number;
}

/** `192.0.2.7:49152-65535` or `[2001:db8::7]:49152-65535`; null for anything else. */
export function parseRelay(text: string): Relay | null {
  const [, six, four, min, max] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const ip = six ?? four ?? '';
  const relay = { ip, minPort: Number(min), maxPort: Number(max) };
  if (isIP(ip) !== (six === undefined ? 4 : 6)) return null;
  return relay.minPort <= relay.maxPort && relay.maxPort <= 65_535 ? relay : null;
}

export function isRelayed(
  from: { readonly remoteIp?: string; readonly remotePort?: number },
  relays: readonly Relay[],
): boolean {
  const { remoteIp, remotePort = 0 } = from;
  return relays.some(
    ({ ip, minPort, maxPort }) => ip === remoteIp && remotePort >= minPort && remotePort <= maxPort,
  );
}
