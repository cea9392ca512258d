import { createHash, randomBytes } from 'node:crypto';

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

/** CSP sources of the inline scripts in `html`, e.g. `sha256-…`. */
export function inlineScriptHashes(html: string): string[] {
  const inline = html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g);
  return [...inline].map(
    ([, script = '']) => `sha256-${createHash('sha256').update(script).digest('base64')}`,
  );
}

export const newNonce = (): string => randomBytes(16).toString('base64');

/**
 * The policy of a page. A script runs when it is a file of ours, when its hash is that of an inline script in a page as
 * it was built (`inlineScriptHashes`), or when it bears the nonce: Next.js takes that from this very header on the
 * request, for pages it renders on request. Styles may be inline: React and Mantine set them at run time everywhere.
 *
 * `sockets`: the console's own origins as WebSockets are opened at them; not every browser's `'self'` covers those.
 * `originUrl`: where the programme is played from; null: no broadcaster yet, then any HTTP(S) origin may be, since a page
 * stays open while one comes.
 */
export function contentSecurityPolicy(options: {
  readonly nonce: string;
  readonly scriptHashes: readonly string[];
  readonly sockets: readonly string[];
  readonly originUrl: string | null;
  readonly dev: boolean;
}): string {
  const origin = options.originUrl ? new URL(options.originUrl).origin : 'http: https:';
  const hashes = options.scriptHashes.map((hash) => `'${hash}'`);
  const directives: Record<string, string> = {
    'default-src': "'self'",
    'script-src': [
      "'self'",
      `'nonce-${options.nonce}'`,
      ...hashes,
      ...(options.dev ? ["'unsafe-eval'"] : []),
    ].join(' '),
    'style-src': "'self' 'unsafe-inline'",
    'connect-src': ["'self'", ...options.sockets, origin].join(' '),
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
