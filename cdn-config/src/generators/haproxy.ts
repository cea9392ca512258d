/**
 * HAProxy in front of Varnish: TLS and HTTP/2 to viewers, HTTP/1.1 to Varnish, where a request that waits costs no thread.
 * (Varnish's own HTTP/2 keeps a thread for each connection: docs/found-in-others.md.)
 */
import { CORS, EDGE_RESPONSE_TIMEOUT_S, ERROR_TTL_S, RETRY_AFTER_S } from '../policy.ts';

export interface HaproxyOptions {
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  /** Absolute paths. `pem` holds certificate, chain and key. */
  readonly pem: string;
  readonly varnishSocket: string;
  readonly controlSocket: string;
}

/** Above what Varnish gives the origin, so that it is Varnish who says what went wrong. */
const SERVER_TIMEOUT_S = EDGE_RESPONSE_TIMEOUT_S + 2;

/**
 * What HAProxy may answer by itself, before Varnish was asked or because it could not be. Not what its HTTP/1 reader refuses
 * (no HTTP, a head that is too large): no setting reaches those words; a browser that speaks HTTP/2 never sees them.
 */
const OWN_ERRORS: Readonly<Record<number, string>> = {
  400: 'bad-request',
  408: 'request-timeout',
  500: 'internal',
  502: 'edge-unavailable',
  503: 'edge-unavailable',
  504: 'edge-unavailable',
};

/** Its own answers are as readable for a page as those of the origin (LL22). */
function ownError([status, code]: readonly [string, string]): string {
  const headers = {
    'Access-Control-Allow-Origin': CORS.allowOrigin,
    'Access-Control-Expose-Headers': CORS.exposeHeaders.join(', '),
    'Timing-Allow-Origin': '*',
    'Cache-Control': `public, max-age=${ERROR_TTL_S}`,
    ...(Number(status) > 500 ? { 'Retry-After': RETRY_AFTER_S } : {}),
  };
  const lines = Object.entries(headers).map(([name, value]) => `hdr ${name} '${value}'`);
  return `  http-error status ${status} content-type application/json string '{"error":"${code}"}' ${lines.join(' ')}`;
}

/** The configuration. @throws RangeError for an address or a path that cannot stand in it */
export function haproxyConfig(options: HaproxyOptions): string {
  const { host, port } = options;
  if (!/^[A-Za-z0-9.:-]+$/.test(host)) throw new RangeError(`host ${JSON.stringify(host)}`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`port ${port}`);
  return `global
  # Without a bound it makes room for as many connections as the system has numbers for files.
  fd-hard-limit 200000
  # Two of them must not share a port, each answering a part of the viewers.
  noreuseport
  stats socket ${quoted(options.controlSocket)} mode 600

defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout http-request 10s
  timeout http-keep-alive 60s
  timeout server ${SERVER_TIMEOUT_S}s
  # Varnish lets a connection go at the moment at which it is used again: only GET and HEAD pass, so ask anew.
  http-reuse always
  retries 3
  retry-on conn-failure empty-response
  # Who cancels a request that is held keeps nothing behind it.
  option abortonclose
${Object.entries(OWN_ERRORS).map(ownError).join('\n')}

frontend viewers
  bind ${host.includes(':') ? `[${host}]` : host}:${port} ssl crt ${quoted(options.pem)} alpn h2,http/1.1 ssl-min-ver TLSv1.2
  default_backend varnish

backend varnish
  server varnish ${quoted(`unix@${options.varnishSocket}`)}
`;
}

/** Between quotes nothing but the quote itself means anything. */
function quoted(value: string): string {
  if (/['\n\r]/.test(value)) throw new RangeError(`path ${JSON.stringify(value)}`);
  return `'${value}'`;
}
