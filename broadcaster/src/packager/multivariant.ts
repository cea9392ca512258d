/** Multivariant playlists, live and of the recording (LL10). */
import { AUDIO_BITRATE, FRAME_RATE, type Rendition } from '@rostrum/contracts/profile';
import { keyFramesName, playlistName } from './names.ts';

interface Rates {
  /** bit/s of the largest segment; 0: nothing measured yet. */
  readonly peakBitsPerSecond: number;
  readonly averageBitsPerSecond: number;
}

export interface Variant extends Rates {
  readonly rendition: Rendition;
  /** RFC 6381. */
  readonly codecs: string;
  /** Of its key frames alone, where they have a playlist. */
  readonly keyFrames?: Rates;
}

/** Boxes around the samples, as a share of the coded rate, and room for a busy second. */
const OVERHEAD = 1.1;

/** What a rendition's encoders are set to, bit/s with overhead. */
function nominalBitsPerSecond(rendition: Rendition): number {
  const video = rendition.kind === 'video' ? rendition.videoBitrate : 0;
  return Math.round((video + AUDIO_BITRATE) * OVERHEAD);
}

/**
 * `live`: BANDWIDTH is the measured peak, but never under what the encoders are set to: a holding slide costs next to
 * nothing, and a player that took its rate for the show's would choose a rendition it cannot carry. A recording tells
 * only what was measured.
 */
export function renderMultivariant(variants: readonly Variant[], kind: 'live' | 'recording'): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-INDEPENDENT-SEGMENTS'];
  for (const { rendition, codecs, peakBitsPerSecond, averageBitsPerSecond } of variants) {
    const nominal = nominalBitsPerSecond(rendition);
    const bandwidth = kind === 'live' ? Math.max(peakBitsPerSecond, nominal) : peakBitsPerSecond || nominal;
    const attributes = [
      `BANDWIDTH=${bandwidth}`,
      `AVERAGE-BANDWIDTH=${Math.min(averageBitsPerSecond || nominal, bandwidth)}`,
      `CODECS="${codecs}"`,
    ];
    if (rendition.kind === 'video') {
      attributes.push(
        `RESOLUTION=${rendition.width}x${rendition.height}`,
        `FRAME-RATE=${FRAME_RATE.toFixed(3)}`,
        // Said outright, or players look for captions inside the segments (RFC 8216bis, section 4.4.6.2).
        'CLOSED-CAPTIONS=NONE',
      );
    }
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, playlistName(rendition.name));
  }
  for (const { rendition, codecs, keyFrames } of variants) {
    if (!keyFrames || rendition.kind !== 'video') continue;
    const { peakBitsPerSecond, averageBitsPerSecond } = keyFrames;
    const attributes = [
      `BANDWIDTH=${peakBitsPerSecond}`,
      `AVERAGE-BANDWIDTH=${averageBitsPerSecond}`,
      `CODECS="${codecs
        .split(',')
        .filter((codec) => !codec.startsWith('mp4a'))
        .join(',')}"`,
      `RESOLUTION=${rendition.width}x${rendition.height}`,
      `URI="${keyFramesName(rendition.name)}"`,
    ];
    lines.push(`#EXT-X-I-FRAME-STREAM-INF:${attributes.join(',')}`);
  }
  return `${lines.join('\n')}\n`;
}
