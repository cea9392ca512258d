/**
 * The token of a link, which stands in the URL's fragment (`#t=…`) so that it never travels with a request.
 * null when there is none.
 */
export function tokenFromFragment(fragment: string): string | null {
  const token = new URLSearchParams(fragment.replace(/^#/, '')).get('t');
  return token === null || token.trim() === '' ? null : token.trim();
}

/** `path` with the token in its fragment. */
export const withToken = (path: string, token: string): string => `${path}#t=${encodeURIComponent(token)}`;
