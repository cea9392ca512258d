import type { MediaSource } from '@rostrum/contracts/media';

/** Videos one browser receives at most; also the SFU's limit per person. */
export const MAX_VIDEOS = 12;

export const tileKey = (personId: string, source: MediaSource): string => `${personId}/${source}`;

/**
 * Which videos to have consumers for: those shown first, then in the order they came, up to `limit`. Hidden ones have
 * a paused consumer (nothing is sent), so that showing one takes a key frame and no negotiation.
 */
export function pickVideos<T extends { readonly personId: string; readonly source: MediaSource }>(
  videos: readonly T[],
  tiles: ReadonlyMap<string, number>,
  limit: number = MAX_VIDEOS,
): T[] {
  const shown = videos.filter((v) => tiles.has(tileKey(v.personId, v.source)));
  const hidden = videos.filter((v) => !tiles.has(tileKey(v.personId, v.source)));
  return [...shown, ...hidden].slice(0, limit);
}
