/**
 * What stands in the place of a link's token where somebody is signed in: the browser sends its session's cookie by itself, and a
 * page only has to know that it comes by that, and into which webinar. So pages are the same for both.
 */
export const BY_SESSION = 'session';

export const bySessionInto = (webinarId: string): string => `${BY_SESSION}.${webinarId}`;

export const isBySession = (token: string): boolean =>
  token === BY_SESSION || token.startsWith(`${BY_SESSION}.`);

/** Where to; null: the token is a link's, or of no one webinar. */
export const webinarOfSession = (token: string): string | null =>
  token.startsWith(`${BY_SESSION}.`) ? token.slice(BY_SESSION.length + 1) : null;
