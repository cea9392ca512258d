/** The TURN server beside the stage, with `up --turn`: where it is, and what the others are told of it. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { isAnyAddress, type Settings } from './settings.ts';

/** What all of them are told, fixed for a run. */
export interface TurnPlan {
  secret: string;
  /** Empty: all addresses of this machine but loopback. */
  listenIps: string[];
  tls: { port: number; certFile: string; keyFile: string } | undefined;
  /** What people's browsers are told, direct ways first. */
  urls: string[];
  /** Where relayed media comes from, as the stage sees it. */
  relays: string[];
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** How clients reach it: UDP where it passes, TCP and TLS where firewalls let nothing else through. */
export function planTurn(settings: Settings, secret: string, tls: TurnPlan['tls']): TurnPlan {
  const { turn, sfu } = settings;
  const host = bracketed(turn.host);
  const sources = [...new Set([turn.relayIp, sfu.announcedIp])];
  return {
    secret,
    listenIps: isAnyAddress(sfu.listenIp) ? [] : [sfu.listenIp],
    tls,
    urls: [
      `turn:${host}:${turn.port}?transport=udp`,
      `turn:${host}:${turn.port}?transport=tcp`,
      ...(tls ? [`turns:${host}:${tls.port}?transport=tcp`] : []),
    ],
    relays: sources.map((ip) => `${bracketed(ip)}:${turn.minPort}-${turn.maxPort}`),
  };
}

/** What is missing to reach everybody, and what would do; null: nothing. */
export function turnLack({ tls }: TurnPlan, ownCertificate: boolean): string | null {
  const give =
    'give a certificate of its name by ROSTRUM_TURN_CERT and ROSTRUM_TURN_KEY, and the name by ROSTRUM_TURN_HOST';
  if (!tls)
    return `turn: no certificate, so no TLS: who may only browse is not reached. What would do: ${give}`;
  if (ownCertificate)
    return `turn: over TLS it is reached only by browsers that trust our own certificate. What would do: ${give}`;
  if (tls.port !== BEST_TLS_PORT) {
    return `turn: TLS is at port ${tls.port}, and some firewalls let 443 alone through: give it an address where that is free`;
  }
  return null;
}

/** Firewalls that let nothing else through let HTTPS through. */
const BEST_TLS_PORT = 443;
/** RFC 8656's own. */
const OTHER_TLS_PORT = 5349;

/** The port for TLS: the one that was set; else HTTPS's where nobody has it and we may take it. */
export async function turnTlsPort(
  settings: Settings,
  mayBind: (port: number, host: string) => Promise<boolean> = canBind,
): Promise<number> {
  const { turn, console, origin, edge, sfu } = settings;
  if (turn.tlsPort !== undefined) return turn.tlsPort;
  if ([console.port, origin.port, edge.port].includes(BEST_TLS_PORT)) return OTHER_TLS_PORT;
  return (await mayBind(BEST_TLS_PORT, sfu.listenIp)) ? BEST_TLS_PORT : OTHER_TLS_PORT;
}

async function canBind(port: number, host: string): Promise<boolean> {
  const probe = createServer();
  try {
    const listening = once(probe, 'listening');
    probe.listen(port, host);
    await listening;
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
