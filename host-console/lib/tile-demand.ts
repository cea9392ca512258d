export type TileSource = 'camera' | 'screen';
export type ShowTile = (personId: string, source: TileSource, heightDevicePx: number | null) => void;

/**
 * The same video may stand in more than one place (preview and backstage). The stage is told the tallest of them,
 * and null when the last has gone.
 */
export interface TileDemand {
  /** `tileKey` names the place; `heightDevicePx` null: not visible there (any more). */
  set(tileKey: string, personId: string, source: TileSource, heightDevicePx: number | null): void;
}

export function createTileDemand(showTile: ShowTile): TileDemand {
  const videos = new Map<string, { readonly heights: Map<string, number>; told: number | null }>();
  return {
    set(tileKey, personId, source, heightDevicePx) {
      const videoKey = `${source}:${personId}`;
      const video = videos.get(videoKey) ?? { heights: new Map<string, number>(), told: null };
      videos.set(videoKey, video);
      if (heightDevicePx === null) video.heights.delete(tileKey);
      else video.heights.set(tileKey, heightDevicePx);
      const wanted = video.heights.size === 0 ? null : Math.max(...video.heights.values());
      if (wanted === video.told) return;
      video.told = wanted;
      showTile(personId, source, wanted);
    },
  };
}
