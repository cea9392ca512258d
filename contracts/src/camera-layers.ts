/** Camera simulcast, lowest first, so the index is mediasoup's spatial layer. Bit/s. */
export const CAMERA_LAYERS = [
  { rid: 'q', height: 180, maxBitrate: 150_000, scaleResolutionDownBy: 4 },
  { rid: 'h', height: 360, maxBitrate: 500_000, scaleResolutionDownBy: 2 },
  { rid: 'f', height: 720, maxBitrate: 1_500_000, scaleResolutionDownBy: 1 },
] as const;

/** The lowest layer that fills a tile of this height in device pixels; nothing is gained above it. */
export function layerForHeight(tileHeightPx: number): number {
  const at = CAMERA_LAYERS.findIndex((layer) => layer.height >= tileHeightPx * 0.9);
  return at < 0 ? CAMERA_LAYERS.length - 1 : at;
}
