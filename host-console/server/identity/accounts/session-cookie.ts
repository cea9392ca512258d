import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { mayOpenSocket, ownOrigins } from '../../origins.ts';

/** From signing in; then one signs in again. */
export const SESSION_MS = 30 * 24 * 3_600_000;

const NAME = 'rostrum-session';

/**
 * `__Host-` keeps the cookie to this host, its root and TLS (RFC 6265bis section 4.1.3.2): nobody below the same domain sets one
 * for us. It needs `Secure`, which not every browser grants to http://localhost, so without TLS the name is a plain one.
 */
const nameAt = (publicUrl: string): string => (isSecure(publicUrl) ? `__Host-${NAME}` : NAME);

/** 256 random bits, which are in the browser alone. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What is kept of a secret: it has more bits than anybody guesses, so nothing slow is needed. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Value of `Set-Cookie`. `Lax`: whoever follows a link from a mail is signed in where it leads. */
export const sessionCookie = (secret: string, publicUrl: string, maxAgeMs = SESSION_MS): string =>
  [
    `${nameAt(publicUrl)}=${secret}`,
    'Path=/',
    `Max-Age=${Math.floor(maxAgeMs / 1000)}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(isSecure(publicUrl) ? ['Secure'] : []),
  ].join('; ');

export const noSessionCookie = (publicUrl: string): string => sessionCookie('', publicUrl, 0);

/**
 * The secret of the session that a request comes with; null: of none. The cookie counts for the console's own pages alone: a page
 * of another origin, also of one that may use the API, can make a browser send it.
 */
export function sessionOf(headers: IncomingHttpHeaders, publicUrl: string): string | null {
  if (!isOwnRequest(headers, publicUrl)) return null;
  const name = nameAt(publicUrl);
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    return pair.slice(at + 1).trim() || null;
  }
  return null;
}

/** Whether it is a page of the console that asks, or a program. */
export const isOwnRequest = (headers: IncomingHttpHeaders, publicUrl: string): boolean =>
  mayOpenSocket(headers, (origin) => ownOrigins(publicUrl).includes(origin));

const isSecure = (publicUrl: string): boolean => publicUrl.startsWith('https:');
