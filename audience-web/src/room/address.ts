/** What the page's address says. Pure. */

const WEBINAR_PATH = /\/w\/([A-Za-z0-9_-]{4,64})(\/embed)?\/?$/;

/** The webinar of `/w/<webinarId>` and `/w/<webinarId>/embed`; null for any other path. */
export function webinarIdOf(pathname: string): string | null {
  return WEBINAR_PATH.exec(pathname)?.[1] ?? null;
}

/** Whether it is the page for other sites' frames. */
export const isEmbedded = (pathname: string): boolean => WEBINAR_PATH.exec(pathname)?.[2] !== undefined;

/** The personal token of `#t=…`; null without one. Fragments never reach a server, so neither does the token. */
export function tokenOf(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('t');
  return token === null || token === '' ? null : token;
}

/** `…/w/<id>` and `…/w/<id>/` alike: the page's own settings lie below it. */
export function configUrlOf(origin: string, webinarId: string): string {
  return `${origin}/w/${webinarId}/config.json`;
}

/** The JWT's own words on its expiry (Unix milliseconds), unverified; null when unreadable. */
export function expiryOf(token: string): number | null {
  try {
    const body = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    const claims: unknown = JSON.parse(atob(body));
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return null;
    return typeof claims.exp === 'number' ? claims.exp * 1000 : null;
  } catch {
    return null;
  }
}
