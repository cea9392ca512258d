/** What viewers ask of a CDN in an hour, and what that costs. Pure. */
import {
  AUDIO_BITRATE,
  LADDER,
  type LatencyProfile,
  type ProfileName,
  type Rendition,
} from '@rostrum/contracts/profile';

const HOUR_S = 3600;

/**
 * Bytes beside the coded media, measured on what the packager makes: of a part its boxes, of a playlist the delta update that a player
 * asks for each time, gzipped.
 */
const MEASURED: Readonly<Record<ProfileName, { readonly boxes: number; readonly playlist: number }>> = {
  fast: { boxes: 334, playlist: 539 },
  standard: { boxes: 438, playlist: 508 },
  scale: { boxes: 1026, playlist: 469 },
};

/** An answer's headers over HTTP/2: an assumption, on the high side. */
const HEADER_BYTES = 400;

export interface Hour {
  readonly requests: number;
  readonly bytes: number;
}

const bitrate = (rendition: Rendition): number =>
  AUDIO_BITRATE + (rendition.kind === 'video' ? rendition.videoBitrate : 0);

const mediaBytes = (rendition: Rendition): number => (bitrate(rendition) / 8) * HOUR_S;

/** One viewer, live: for each part one playlist that waits for it, and the part. */
export function liveHour(profile: LatencyProfile, rendition: Rendition): Hour {
  const parts = (HOUR_S * 1000) / profile.partMs;
  const { boxes, playlist } = MEASURED[profile.name];
  return {
    requests: 2 * parts,
    bytes: mediaBytes(rendition) + parts * (boxes + playlist + 2 * HEADER_BYTES),
  };
}

/** One viewer of a recording that has ended: its playlists once, then whole segments, whose boxes are those of their parts. */
export function recordedHour(profile: LatencyProfile, rendition: Rendition): Hour {
  const segments = (HOUR_S * 1000) / profile.segmentMs;
  const parts = (HOUR_S * 1000) / profile.partMs;
  return {
    requests: segments + 2,
    bytes: mediaBytes(rendition) + parts * MEASURED[profile.name].boxes + segments * HEADER_BYTES,
  };
}

/** What the origin is asked for a live channel of which every rendition is watched, however many watch: each object once. */
export function originHour(profile: LatencyProfile): Hour {
  const each = LADDER.map((rendition) => liveHour(profile, rendition));
  return {
    requests: each.reduce((sum, { requests }) => sum + requests, 0),
    bytes: each.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

export interface Prices {
  readonly perGb: number;
  /** Of HTTPS. */
  readonly perTenThousandRequests: number;
}

/** US dollars. CloudFront's gigabyte has 2^30 bytes. */
export const price = (
  { requests, bytes }: Hour,
  prices: Prices,
): { readonly bytes: number; readonly requests: number } => ({
  bytes: (bytes / 2 ** 30) * prices.perGb,
  requests: (requests / 10_000) * prices.perTenThousandRequests,
});
