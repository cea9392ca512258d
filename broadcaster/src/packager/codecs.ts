/** Codec strings (RFC 6381) read from the configuration records, and the AAC configuration assumed when none came. */

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
