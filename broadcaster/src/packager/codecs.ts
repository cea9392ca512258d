/** Codec strings (RFC 6381) read from the configuration records, and the AAC configuration assumed when none came. */

import { concat } from './boxes.ts';

/** AAC-LC, 48 kHz, stereo. */
export const DEFAULT_AUDIO_CONFIG: Uint8Array = Uint8Array.of(0x11, 0x90);

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** Is this a usable `avcC` record (version 1, at least one SPS)? */
export function isAvcConfig(config: Uint8Array): boolean {
  return config.byteLength >= 8 && config[0] === 1 && ((config[5] ?? 0) & 0x1f) > 0;
}

/** `avc1.PPCCLL` of an `avcC` record. */
export function avcCodec(config: Uint8Array): string {
  return `avc1.${hex(config[1] ?? 0)}${hex(config[2] ?? 0)}${hex(config[3] ?? 0)}`;
}

const SPS = 7;

/** Does a sample bring its parameter sets itself? `lengthSize`: bytes of the length in front of each NAL unit. */
const bringsSets = (data: Uint8Array, lengthSize: number): boolean =>
  ((data[lengthSize] ?? 0) & 0x1f) === SPS;

/**
 * A key frame with the parameter sets of its `avcC` record in front. They say nothing new, but FFmpeg reads the first
 * init segment of a playlist alone, and where another rendition's pictures follow it has to learn how to decode them.
 */
export function withParameterSets(config: Uint8Array, data: Uint8Array): Uint8Array {
  const lengthSize = ((config[4] ?? 0) & 0x03) + 1;
  if (bringsSets(data, lengthSize)) return data;
  const pieces: Uint8Array[] = [];
  let at = 5;
  for (const countMask of [0x1f, 0xff]) {
    const count = (config[at] ?? 0) & countMask;
    at += 1;
    for (let i = 0; i < count; i += 1) {
      const length = ((config[at] ?? 0) << 8) | (config[at + 1] ?? 0);
      const prefix = new Uint8Array(lengthSize);
      for (let byte = 0; byte < lengthSize; byte += 1)
        prefix[lengthSize - 1 - byte] = (length >>> (8 * byte)) & 0xff;
      pieces.push(prefix, config.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return concat([...pieces, data]);
}

/** `mp4a.40.N` of an AudioSpecificConfig. */
export function aacCodec(config: Uint8Array): string {
  return `mp4a.40.${(config[0] ?? 0) >> 3}`;
}

/** Channel count of an AudioSpecificConfig without extended fields. */
export function aacChannels(config: Uint8Array): number {
  return ((config[1] ?? 0) >> 3) & 0x0f;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((value, i) => value === b[i]);
}
