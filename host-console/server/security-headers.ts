import { randomBytes } from 'node:crypto';

/** Headers for everything this server answers. */
export const BASE_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  // Pages of this console use both; frames do not exist.
  'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
};

/** For answers that are data: nothing in them is ever to run. */
export const API_HEADERS: Readonly<Record<string, string>> = {
  ...BASE_HEADERS,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** For a year; only over TLS, and only for this host. */
export const HSTS = 'max-age=31536000';

export const newNonce = (): string => randomBytes(16).toString('base64');

/**
 * The policy of a page. Scripts and style elements need the nonce: Next.js takes it from this very header on the
 * request and puts it on its scripts, so pages must be rendered on request (`dynamic = 'force-dynamic'` in the root
 * layout), and a Mantine provider gets it by `getStyleNonce` from the request header `x-nonce`. Style attributes, which
 * React and Mantine set everywhere, cannot carry one.
 *
 * `originUrl`: where the programme is played from; null: no broadcaster yet, then any HTTP(S) origin may be, since a page
 * stays open while one comes.
 */
export function contentSecurityPolicy(options: {
  readonly nonce: string;
  readonly originUrl: string | null;
  readonly dev: boolean;
}): string {
  const origin = options.originUrl ? new URL(options.originUrl).origin : 'http: https:';
  const directives: Record<string, string> = {
    'default-src': "'self'",
    'script-src': `'self' 'nonce-${options.nonce}' 'strict-dynamic'${options.dev ? " 'unsafe-eval'" : ''}`,
    'style-src': options.dev ? "'self' 'unsafe-inline'" : `'self' 'nonce-${options.nonce}'`,
    'style-src-attr': "'unsafe-inline'",
    'connect-src': `'self' ws: wss: ${origin}`,
    'media-src': `'self' blob: ${origin}`,
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'worker-src': "'self' blob:",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
  };
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}
