import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { originHost } from './services.ts';
import { complaint, type Settings, SettingsError } from './settings.ts';

/** Whether nobody listens there yet. Other failures (no such address) are the service's to tell. */
async function isFree(protocol: 'tcp' | 'udp', host: string, port: number): Promise<boolean> {
  const probe = protocol === 'tcp' ? createServer() : createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const listening = once(probe, 'listening');
  try {
    if ('bind' in probe) probe.bind(port, host);
    else probe.listen(port, host);
    await listening;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EADDRINUSE';
  }
  probe.close();
  await once(probe, 'close');
  return true;
}

/** Throws a SettingsError that names every port which another program already uses. */
export async function checkPortsAreFree(
  settings: Settings,
  options: { readonly edge: boolean; readonly turn: boolean },
): Promise<void> {
  const { console, sfu, origin, edge, turn } = settings;
  const turnPort = options.turn ? turn.port : 0;
  const wanted = [
    { name: 'ROSTRUM_CONSOLE_PORT', protocol: 'tcp', host: console.host, port: console.port },
    {
      name: 'ROSTRUM_ORIGIN_PORT',
      protocol: 'tcp',
      host: originHost(settings, options.edge),
      port: origin.port,
    },
    { name: 'ROSTRUM_EDGE_PORT', protocol: 'tcp', host: origin.host, port: options.edge ? edge.port : 0 },
    {
      name: 'ROSTRUM_CONSOLE_METRICS_PORT',
      protocol: 'tcp',
      host: '127.0.0.1',
      port: console.metricsPort,
    },
    { name: 'ROSTRUM_ORIGIN_METRICS_PORT', protocol: 'tcp', host: '127.0.0.1', port: origin.metricsPort },
    { name: 'ROSTRUM_SFU_METRICS_PORT', protocol: 'tcp', host: '127.0.0.1', port: sfu.metricsPort },
    { name: 'ROSTRUM_SFU_RTC_PORT', protocol: 'tcp', host: sfu.listenIp, port: sfu.rtcPort },
    { name: 'ROSTRUM_SFU_RTC_PORT', protocol: 'udp', host: sfu.listenIp, port: sfu.rtcPort },
    { name: 'ROSTRUM_TURN_PORT', protocol: 'tcp', host: sfu.listenIp, port: turnPort },
    { name: 'ROSTRUM_TURN_PORT', protocol: 'udp', host: sfu.listenIp, port: turnPort },
    {
      name: 'ROSTRUM_TURN_TLS_PORT',
      protocol: 'tcp',
      host: sfu.listenIp,
      port: options.turn ? (turn.tlsPort ?? 0) : 0,
    },
  ] as const;
  const taken: string[] = [];
  for (const { name, protocol, host, port } of wanted) {
    if (port !== 0 && !(await isFree(protocol, host, port))) {
      taken.push(complaint(name, String(port), 'another program listens there; give another, or 0'));
    }
  }
  if (taken.length > 0) throw new SettingsError([...new Set(taken)].join('\n'));
}
