import type { types } from 'mediasoup-client';

/** What a camera or a screen is sent as. All are in every room. */
export type VideoCodec = 'VP8' | 'H264' | 'VP9';

/**
 * What is sent where the wanted one is not to be had. VP8 first: every browser receives it, while a Firefox whose H.264 module never
 * came has none to receive H.264 with. Not VP9, which is for who knows that everybody receives it.
 */
const ORDER: readonly VideoCodec[] = ['VP8', 'H264'];

/**
 * Which codec to send: the wanted one where the browser sends it and the room takes it, else another that both have.
 *
 * @param common what the browser sends and the room takes, retransmission and all
 * @returns null where they have none in common; then nothing can be sent
 */
export function chooseVideoCodec<C extends Pick<types.RtpCodecCapability, 'mimeType'>>(
  common: readonly C[],
  wanted: VideoCodec,
): { readonly name: VideoCodec; readonly codec: C } | null {
  for (const name of [wanted, ...ORDER]) {
    const codec = common.find(({ mimeType }) => mimeType.toLowerCase() === `video/${name}`.toLowerCase());
    if (codec) return { name, codec };
  }
  return null;
}
