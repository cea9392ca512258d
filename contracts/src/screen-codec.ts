import { z } from 'zod';

/**
 * What a room's shared screens are sent as, by whose browser can: VP9 until somebody comes who does not receive it; from then on
 * VP8, for as long as the room stands.
 */
export const ScreenCodec = z.enum(['VP9', 'VP8']);
export type ScreenCodec = z.infer<typeof ScreenCodec>;

const Capabilities = z.looseObject({
  codecs: z.array(z.looseObject({ mimeType: z.string(), parameters: z.looseObject({}).optional() })),
});

/**
 * Whether a receiver decodes the VP9 of screens (profile 0). Who receives no video at all is in nobody's way.
 * @param rtpCapabilities as mediasoup defines them; of anything else it is true, since no video comes of it
 */
export function receivesVp9(rtpCapabilities: unknown): boolean {
  const parsed = Capabilities.safeParse(rtpCapabilities);
  if (!parsed.success) return true;
  const videos = parsed.data.codecs.filter(({ mimeType }) => /^video\/(?!rtx$)/i.test(mimeType));
  return (
    videos.length === 0 ||
    videos.some(
      ({ mimeType, parameters }) =>
        /^video\/vp9$/i.test(mimeType) && Number(parameters?.['profile-id'] ?? 0) === 0,
    )
  );
}
