/** Opus (RFC 7587): a packet is a frame. */
import type { Assemble } from './picture.ts';

export const assembleOpus: Assemble = (payloads) => {
  const [data] = payloads;
  return data && data.byteLength > 0 ? { data, key: true, size: null, codecPrivate: null } : null;
};

/** How long a packet sounds, ms (RFC 6716, 3.1). */
export function opusDurationMs(packet: Buffer): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const frameMs =
    config < 12
      ? ([10, 20, 40, 60][config & 3] ?? 0)
      : config < 16
        ? ([10, 20][config & 1] ?? 0)
        : ([2.5, 5, 10, 20][config & 3] ?? 0);
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f;
  return frameMs * frames;
}
