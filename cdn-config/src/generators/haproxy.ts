/**
 * HAProxy in front of Varnish: TLS and HTTP/2 to viewers, HTTP/1.1 to Varnish, where a request that waits costs no thread.
 * (Varnish's own HTTP/2 keeps a thread for each connection: docs/found-in-others.md.)
 */
import { MEDIA_COOKIE, MEDIA_RIGHT, type MediaKey } from '@rostrum/contracts/media-right';
import { PRIVATE_PREFIX } from '@rostrum/contracts/media-urls';
import { CORS, EDGE_RESPONSE_TIMEOUT_S, ERROR_TTL_S, RETRY_AFTER_S } from '../policy.ts';

export interface HaproxyOptions {
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  /** Absolute paths. `pem` holds certificate, chain and key. */
  readonly pem: string;
  readonly varnishSocket: string;
  readonly controlSocket: string;
  /** Of rights to private channels; they stand in the configuration. None: nobody gets anything private. */
  readonly mediaKeys: readonly MediaKey[];
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
function ownAnswer(status: number, code: string, cacheControl: string): string {
  const headers = {
    'Access-Control-Allow-Origin': CORS.allowOrigin,
    'Access-Control-Expose-Headers': CORS.exposeHeaders.join(', '),
    'Timing-Allow-Origin': '*',
    'Cache-Control': cacheControl,
    ...(status > 500 ? { 'Retry-After': RETRY_AFTER_S } : {}),
  };
  const lines = Object.entries(headers).map(([name, value]) => `hdr ${name} '${value}'`);
  return `status ${status} content-type application/json string '{"error":"${code}"}' ${lines.join(' ')}`;
}

const ownError = ([status, code]: readonly [string, string]): string =>
  `  http-error ${ownAnswer(Number(status), code, `public, max-age=${ERROR_TTL_S}`)}`;

/**
 * What lies below the private folders is for who brings a right to that channel. Varnish is not asked for anybody else: it would
 * answer from its cache. The rule is `verifyMediaRight`'s (contracts/media-right.ts), and tests give both the same tokens. What
 * a token lacks fits no condition. A preflight carries no cookies.
 */
function privateRules(keys: readonly MediaKey[]): string {
  const right = 'var(txn.right)';
  const claim = (name: string, type = ''): string => `${right},jwt_payload_query('$.${name}'${type})`;
  const conditions = {
    signed: 'var(txn.signed) -m int 1',
    issued: `${claim('iss')} -m str ${MEDIA_RIGHT.issuer}`,
    meant: `${claim('aud')} -m str ${MEDIA_RIGHT.audience}`,
    current: `${claim('exp', ",'int'")},sub(txn.now) gt 0`,
    of_channel: `${claim('sub')},strcmp(txn.channel) eq 0`,
  };
  return `  acl private path -m beg ${PRIVATE_PREFIX}/
  acl preflight method OPTIONS
  acl hs256 ${right},jwt_header_query('$.alg') -m str ${MEDIA_RIGHT.algorithm}
${Object.entries(conditions)
  .map(([name, test]) => `  acl right_${name} ${test}`)
  .join('\n')}
  acl granted var(txn.granted) -m int 1
  http-request set-var(txn.right) req.cook(${MEDIA_COOKIE}) if private
  http-request set-var(txn.channel) path,field(4,/) if private
  http-request set-var(txn.now) date if private
${keys
  .map(
    ({ keyId, secret }) =>
      `  http-request set-var(txn.signed) int(1) if private hs256 { ${right},jwt_header_query('$.kid') -m str ${keyId} } { ${right},jwt_verify(${MEDIA_RIGHT.algorithm},'${secret}') 1 }`,
  )
  .join('\n')}
  http-request set-var(txn.granted) int(1) if private ${Object.keys(conditions)
    .map((name) => `right_${name}`)
    .join(' ')}
  http-request return ${ownAnswer(403, 'no-right', 'no-store')} if private !preflight !granted`;
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
${privateRules(options.mediaKeys)}
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
