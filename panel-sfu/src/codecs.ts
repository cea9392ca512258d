import type { types } from 'mediasoup';

/** What a room speaks. Payload types are left to mediasoup. */
export const MEDIA_CODECS: types.RouterOptions['mediaCodecs'] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    // Constrained baseline: what every browser sends and every decoder takes.
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  // Of screens. The last, since a client that asks for none in particular sends the first that it has.
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
];

/** Bit/s one person may send: all camera layers, a screen share and sound, with room for retransmission. */
export const MAX_INCOMING_BITRATE = 6_000_000;
export const INITIAL_OUTGOING_BITRATE = 1_000_000;
/** Whatever is estimated: sound, and the smallest picture of somebody. */
export const MIN_OUTGOING_BITRATE = 150_000;
/** Videos one person may receive at a time. */
export const MAX_VIDEO_CONSUMERS = 12;

/** A phone that is turned says so beside its pictures, which stay as they were. */
const ORIENTATION = 'urn:3gpp:video-orientation';

/**
 * What a room tells people that it speaks. Without word of how a camera is held, browsers turn the pictures themselves: a
 * compositor is not told, and would show them lying.
 */
export const toldCapabilities = (router: types.RtpCapabilities): types.RtpCapabilities => ({
  ...router,
  headerExtensions: (router.headerExtensions ?? []).filter(({ uri }) => uri !== ORIENTATION),
});

/**
 * What a broadcaster is taken to receive: the room's codecs without bandwidth estimation. An estimate would hold the
 * picture at a low layer, since GStreamer sends no feedback for one.
 */
export function egressCapabilities(router: types.RtpCapabilities): types.RtpCapabilities {
  const wanted = (f: types.RtcpFeedback): boolean =>
    f.type === 'nack' || (f.type === 'ccm' && f.parameter === 'fir');
  return {
    codecs: (router.codecs ?? []).map((codec) => ({
      ...codec,
      rtcpFeedback: (codec.rtcpFeedback ?? []).filter(wanted),
    })),
    headerExtensions: [],
  };
}
