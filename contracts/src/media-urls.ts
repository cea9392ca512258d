/** Where a channel's live output and its recording are, and which of them need a right. Pure; for browsers too. */

/**
 * Where channels lie that are not for everybody. A CDN decides by path who needs a right, so that the paths differ: the same
 * below it as without.
 */
export const PRIVATE_PREFIX = '/private';

export const ACCESSES = ['open', 'private'] as const;
/** `open`: whoever has the address may watch; `private`: who has a link that is still good. */
export type WebinarAccess = (typeof ACCESSES)[number];

const PRIVATE_ID = 'private-';

/**
 * The id itself says who may watch, for good. Whoever serves files has nothing else to go by: a broadcaster that starts anew,
 * an edge, a bucket; a list could be lost or late, and would then open what is not for everybody.
 */
export const accessOf = (webinarId: string): WebinarAccess =>
  webinarId.startsWith(PRIVATE_ID) ? 'private' : 'open';

/** A fresh id as one of that access. */
export const idOfAccess = (id: string, access: WebinarAccess): string =>
  access === 'private' ? `${PRIVATE_ID}${id}` : id;

/** `standard`: playlists without parts, which lie in a bucket alone. */
export type MediaArea = 'live' | 'recordings' | 'standard';

/** A channel's folder below the base URL, without a last slash. */
export const folderOf = (area: MediaArea, channelId: string): string =>
  `${accessOf(channelId) === 'private' ? PRIVATE_PREFIX : ''}/${area}/${channelId}`;

/**
 * Where a channel's media are, seen from its folder of any area: below `live`, for good. So that a recording plays the same
 * objects as live, from whatever cache has them already.
 */
export const mediaBase = (channelId: string): string => `../../live/${channelId}/`;

/** Paths of a channel under the origin's public base URL. `epoch` lives below these (LL18). */
export const channelPaths = {
  live: (channelId: string): string => `${folderOf('live', channelId)}/multivariant.m3u8`,
  recording: (channelId: string): string => `${folderOf('recordings', channelId)}/multivariant.m3u8`,
};

/** What a right to a channel is a right to: nothing beyond these folders. */
export const channelFolders = (channelId: string): readonly string[] => [
  folderOf('live', channelId),
  folderOf('recordings', channelId),
  folderOf('standard', channelId),
];

/** Addresses of playlists: the same for all who watch, since a right in an address would be a cache miss each. */
export interface MediaUrls {
  live(channelId: string): string;
  recording(channelId: string): string;
}

/** @param baseUrl of the origin or CDN, with or without a last slash */
export function mediaUrls(baseUrl: string): MediaUrls {
  const base = baseUrl.replace(/\/+$/, '');
  return {
    live: (channelId) => `${base}${channelPaths.live(channelId)}`,
    recording: (channelId) => `${base}${channelPaths.recording(channelId)}`,
  };
}
