import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** The origins a console has that is reached at `publicUrl`: one, or on this machine alone, one for each of its names. */
export function ownOrigins(publicUrl: string): readonly string[] {
  if (!URL.canParse(publicUrl)) return []; // it does not listen yet
  const { origin, hostname } = new URL(publicUrl);
  if (!LOOPBACK_NAMES.includes(hostname)) return [origin];
  return LOOPBACK_NAMES.map((name) => origin.replace(hostname, name));
}

/** Where pages of these origins open WebSockets: for a policy, which names them apart, and knows no IPv6 addresses (CSP 3, host-source). */
export const socketOrigins = (origins: readonly string[]): string[] =>
  origins.filter((origin) => !origin.includes('[')).map((origin) => origin.replace(/^http/, 'ws'));

/**
 * Whether whoever opens a socket may: a page of an allowed origin, or a program, which names none. A browser lets a page of
 * any site open a WebSocket anywhere and only names the page's origin: no rule of CORS holds there, so the server has to look.
 * Without it browsers ask for their own site's, or for what the page can't read.
 */
export function mayOpenSocket(headers: IncomingHttpHeaders, isAllowed: (origin: string) => boolean): boolean {
  if (headers.origin !== undefined) return isAllowed(headers.origin);
  return [undefined, 'same-origin', 'none'].includes(siteOf(headers));
}

export const isBrowser = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined || siteOf(headers) !== undefined;

const siteOf = (headers: IncomingHttpHeaders): string | undefined => headers['sec-fetch-site']?.toString();
