import type { IncomingMessage, ServerResponse } from 'node:http';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const REQUEST_HEADERS = ['authorization', 'content-type', 'idempotency-key', 'if-match'];
/** Answers with cookies for the media, which a page of another origin has to ask for. */
const WITH_COOKIES = /^\/api\/webinars\/[^/?]+\/right$/;
/** What a page may read of an answer besides its body. */
const EXPOSED_HEADERS = [
  'retry-after',
  'etag',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'idempotency-replayed',
];
const PREFLIGHT_KEPT_S = 600;

/**
 * Sets the CORS headers of an answer before anything else touches it: whoever answers then, a route, a limit, a broken
 * database or the server's own adapter, the page that asked can read what is wrong. Origins that may not use the API get
 * `Vary` alone.
 */
export function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  isAllowed: (origin: string) => boolean,
): void {
  response.setHeader('vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !isAllowed(origin)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', EXPOSED_HEADERS.join(','));
  if (WITH_COOKIES.test(request.url ?? '')) response.setHeader('access-control-allow-credentials', 'true');
  if (request.method !== 'OPTIONS') return;
  response.setHeader('access-control-allow-methods', METHODS.join(','));
  response.setHeader('access-control-allow-headers', REQUEST_HEADERS.join(','));
  response.setHeader('access-control-max-age', PREFLIGHT_KEPT_S);
}
