/** Varnish 7 configuration. Varnish coalesces requests for one object by itself, without a timer (LL23). */
import { PRIVATE_PREFIX } from '@rostrum/contracts/media-urls';
import { EDGE_FORGET_PATTERN, EDGE_SECRET, EDGE_SECRET_HEADER } from '../edge/control.ts';
import {
  CORS,
  EDGE_RESPONSE_TIMEOUT_S,
  ERROR_TTL_S,
  PLAYLIST_KEY_PARAMETERS,
  RETRY_AFTER_S,
} from '../policy.ts';

/** Answered by the edge itself. */
export const EDGE_HEALTH_PATH = '/healthz';

export interface VarnishOptions {
  readonly originHost: string;
  readonly originPort: number;
  /** Whether what is private comes from HAProxy alone, which let nobody through without a right: it is not kept for others else. */
  readonly rightsVerified: boolean;
  /** By which it is told to forget a channel, at a socket of its own (`CONTROL_SOCKET`). Without it nobody can. */
  readonly controlSecret?: string | undefined;
}

/** The name of the listening socket for that: it never serves viewers, and theirs never takes such a word. */
export const CONTROL_SOCKET = 'control';
/** Of an object: the path it was asked for by, so that it can be found without anybody asking. Not told to viewers. */
const PATH_HEADER = 'X-Rostrum-Path';

/** The VCL of an edge. Throws `RangeError` for a host or port that cannot stand in it. */
export function varnishVcl({
  originHost,
  originPort,
  rightsVerified,
  controlSecret,
}: VarnishOptions): string {
  if (!/^[A-Za-z0-9.:_-]+$/.test(originHost))
    throw new RangeError(`origin host ${JSON.stringify(originHost)}`);
  if (!Number.isInteger(originPort) || originPort < 1 || originPort > 65_535) {
    throw new RangeError(`origin port ${originPort}`);
  }
  if (controlSecret !== undefined && !EDGE_SECRET.test(controlSecret))
    throw new RangeError('the secret of the control socket cannot stand in a header');
  return `vcl 4.1;
${controlSecret === undefined ? '' : '\nimport std;\n'}
backend origin {
  .host = "${originHost}";
  .port = "${originPort}";
  .connect_timeout = 2s;
  # Longer than the origin ever holds a request.
  .first_byte_timeout = ${EDGE_RESPONSE_TIMEOUT_S}s;
  .between_bytes_timeout = ${EDGE_RESPONSE_TIMEOUT_S}s;
}

sub vcl_recv {${controlSecret === undefined ? '' : forgetting(controlSecret)}
  if (req.method == "OPTIONS") {
    return (synth(204));
  }
  if (req.method != "GET" && req.method != "HEAD") {
    return (synth(405));
  }
  # Is this edge there? The origin is asked nothing.
  if (req.url == "${EDGE_HEALTH_PATH}") {
    return (synth(200));
  }
  unset req.http.Authorization;
  if (req.url !~ "^${PRIVATE_PREFIX}/") {
    unset req.http.Cookie;
  }${
    rightsVerified
      ? ''
      : ` else {
    # Nobody in front of us looked at the right: the origin does, for each.
    return (pass);
  }`
  }

  # The cache key: the path; of a live playlist also its delivery directives, in one order.
  if (req.url ~ "^(${PRIVATE_PREFIX})?/live/[^?]+\\.m3u8\\?") {
    set req.http.X-Query = "";
${PLAYLIST_KEY_PARAMETERS.map(keepParameter).join('\n')}
    set req.url = regsub(req.url, "\\?.*$", "") + regsub(req.http.X-Query, "^&", "?");
    unset req.http.X-Query;
  } else {
    set req.url = regsub(req.url, "\\?.*$", "");
  }
  if (req.url ~ "^/w/") {
    return (pass);
  }
  # Gigabytes for one who saves them, by ranges: kept here they would push out what thousands watch.
  if (req.url ~ "^(${PRIVATE_PREFIX})?/recordings/[^/]+/download/") {
    return (pass);
  }
  return (hash);
}

sub vcl_hash {
  hash_data(req.url);
  return (lookup);
}

sub vcl_backend_response {
  set beresp.http.${PATH_HEADER} = bereq.url;
  # No answer from yesterday's window: what is stale is fetched again, once, while the others wait for it.
  set beresp.grace = 0s;
  set beresp.keep = 0s;
  if (beresp.status == 403) {
    # It is about who asked.
    set beresp.uncacheable = true;
    set beresp.ttl = 0s;
  } elsif (beresp.status >= 400) {
    set beresp.ttl = ${ERROR_TTL_S}s;
  }
  return (deliver);
}

sub vcl_deliver {
  unset resp.http.${PATH_HEADER};
}

sub vcl_backend_error {
${corsOf('beresp')}
  set beresp.http.Content-Type = "application/json";
  set beresp.http.Cache-Control = "public, max-age=${ERROR_TTL_S}";
  set beresp.http.Retry-After = "${RETRY_AFTER_S}";
  set beresp.ttl = ${ERROR_TTL_S}s;
  set beresp.grace = 0s;
  synthetic({"{"error":"origin-unreachable" }"});
  return (deliver);
}

sub vcl_synth {
${corsOf('resp')}
  if (resp.status == 204) {
    set resp.http.Access-Control-Allow-Methods = "${CORS.allowMethods.join(', ')}";
    set resp.http.Access-Control-Allow-Headers = "${CORS.allowHeaders.join(', ')}";
    set resp.http.Access-Control-Max-Age = "${CORS.maxAgeS}";
  } elsif (resp.status == 405) {
    set resp.http.Allow = "${CORS.allowMethods.join(', ')}";
  }
  if (resp.status >= 400) {
    set resp.http.Content-Type = "application/json";
    set resp.http.Cache-Control = "public, max-age=${ERROR_TTL_S}";
    if (resp.status == 503) {
      set resp.http.Retry-After = "${RETRY_AFTER_S}";
    }
  }
  if (resp.status == 405) {
    synthetic({"{"error":"method-not-allowed" }"});
  } elsif (resp.status >= 400) {
    synthetic({"{"error":"refused" }"});
  } else {
    synthetic("");
  }
  return (deliver);
}
`;
}

/** What the control socket takes. A ban holds for all that is kept now, and Varnish throws it away by itself. */
function forgetting(secret: string): string {
  return `
  if (local.socket == "${CONTROL_SOCKET}") {
    if (req.method != "POST" || req.http.${EDGE_SECRET_HEADER} != "${secret}") {
      return (synth(403));
    }
    if (req.url !~ "${EDGE_FORGET_PATTERN}") {
      return (synth(404));
    }
    if (!std.ban("obj.http.${PATH_HEADER} ~ ^(${PRIVATE_PREFIX})?/(live|recordings|standard)/" + regsub(req.url, "${EDGE_FORGET_PATTERN}", "\\1") + "/")) {
      return (synth(500));
    }
    return (synth(200));
  }`;
}

/** What every answer of the edge's own says, so that a page can read what is wrong (LL22). */
function corsOf(response: 'resp' | 'beresp'): string {
  return [
    `  set ${response}.http.Access-Control-Allow-Origin = "${CORS.allowOrigin}";`,
    `  set ${response}.http.Access-Control-Expose-Headers = "${CORS.exposeHeaders.join(', ')}";`,
    `  set ${response}.http.Timing-Allow-Origin = "*";`,
  ].join('\n');
}

function keepParameter(name: string): string {
  return `    if (req.url ~ "[?&]${name}=") {
      set req.http.X-Query = req.http.X-Query + "&${name}=" + regsub(req.url, "^[^?]*\\?(?:.*&)?${name}=([^&]*).*$", "\\1");
    }`;
}
