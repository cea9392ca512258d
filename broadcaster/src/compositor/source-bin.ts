/** One RTP stream's way from packets to a pad of a mixer, as a bin of its own. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { CANVAS } from '@rostrum/contracts/profile';
import { AUDIO_CAPS, rawCaps } from './formats.ts';
import { MAX_OFFSET_NS } from './lip-sync.ts';

type Codec = BroadcastSource['codec'];

const isVideo = (codec: Codec): boolean => codec !== 'OPUS';

/** A caps value as a quoted string; anything that could leave the quotes is refused before (see `capsOf`). */
const quoted = (value: string | number): string => `(string)"${String(value)}"`;

/** Format parameters that the depayloaders read. Others (and odd values) would only be a way into the description. */
const FMTP = {
  VP8: [],
  OPUS: ['stereo', 'sprop-stereo', 'useinbandfec'],
  H264: ['packetization-mode', 'profile-level-id', 'sprop-parameter-sets'],
} as const satisfies Record<Codec, readonly string[]>;

/** RTP caps of a source. Key frames are asked for when packets stay lost (asking for packets: `nack.ts`). */
export function capsOf(source: BroadcastSource): string {
  const { codec, payloadType, clockRate, ssrc, fmtp } = source;
  const known: readonly string[] = FMTP[codec];
  const parameters = known.flatMap((name) => {
    const value = fmtp[name];
    return value !== undefined && /^[A-Za-z0-9+/=,-]{1,256}$/.test(String(value))
      ? [`${name}=${quoted(value)}`]
      : [];
  });
  return [
    'application/x-rtp',
    `media=(string)${isVideo(codec) ? 'video' : 'audio'}`,
    `encoding-name=(string)${codec}`,
    `payload=(int)${payloadType}`,
    `clock-rate=(int)${clockRate}`,
    `ssrc=(uint)${ssrc}`,
    ...(isVideo(codec) ? ['rtcp-fb-nack-pli=(boolean)true', 'rtcp-fb-ccm-fir=(boolean)true'] : []),
    ...parameters,
  ].join(',');
}

// After a loss the last whole picture stays until a key frame (asked for at once) rather than a smeared one.
const DECODERS: Readonly<Record<Codec, string>> = {
  VP8:
    'rtpvp8depay request-keyframe=true wait-for-keyframe=true ! ' +
    'vp8dec threads=1 qos=false max-errors=-1 automatic-request-sync-points=true',
  H264:
    'rtph264depay request-keyframe=true wait-for-keyframe=true ! h264parse ! ' +
    'avdec_h264 max-threads=1 qos=false automatic-request-sync-points=true',
  OPUS: 'rtpopusdepay ! opusdec max-errors=-1 plc=true use-inband-fec=true',
};

export const tileCaps = (width: number, height: number): string => rawCaps(width, height);

/**
 * Holds what is to be played later (lip sync). Leaky: a mixer that does not take what comes must not hold up the socket; it
 * leaves out what is too late when it takes it again.
 */
const out = (name: string): string =>
  `queue name=${name} leaky=downstream max-size-buffers=0 max-size-bytes=0 max-size-time=${MAX_OFFSET_NS + 200_000_000}`;

/** Names inside a source's bin that tell its kind: threads are called by them, and are told apart (`thread-priority.ts`). */
export const binNames = (codec: Codec): { readonly jitter: string; readonly out: string } =>
  isVideo(codec)
    ? { jitter: 'jitter-video', out: 'out-video' }
    : { jitter: 'jitter-sound', out: 'out-sound' };

/**
 * Description of a source's bin. Named inside: `rtp` (appsrc whose buffers bring the time they came, see `arrivals.ts`), `rtcp` (appsrc), `rtcp-out` (appsink), those of `binNames`, and for
 * video `fit` (caps of the tile it is scaled to). Its one outward pad is `src`.
 */
export function sourceDescription(source: BroadcastSource, jitterBufferMs: number): string {
  const { codec } = source;
  const names = binNames(codec);
  const input = (name: string, caps: string, doTimestamp: boolean): string =>
    `appsrc name=${name} is-live=true format=time do-timestamp=${doTimestamp} block=false max-bytes=2000000 leaky-type=downstream caps="${caps}"`;
  const tail = isVideo(codec)
    ? // What browsers send is BT.601 whatever its size; say so, or larger pictures would be converted (and tinted).
      'capssetter caps="video/x-raw,colorimetry=(string)2:4:5:1" ! ' +
      'videoconvertscale name=scale add-borders=true n-threads=1 ! ' +
      `capsfilter name=fit caps="${tileCaps(CANVAS.width / 2, CANVAS.height / 2)}" ! ` +
      out(names.out)
    : `audioconvert ! audioresample ! ${AUDIO_CAPS} ! ${out(names.out)}`;
  // The jitter buffer drops nothing for being late: after a network that stood still, a camera's pictures would hang on what
  // was dropped until a key frame comes. What is too late for the mix is left out there.
  return (
    `rtpsession name=session rtp-profile=avpf rtcp-min-interval=500000000 ` +
    `${input('rtp', capsOf(source), false)} ! session.recv_rtp_sink ` +
    `${input('rtcp', 'application/x-rtcp', true)} ! session.recv_rtcp_sink ` +
    'session.send_rtcp_src ! appsink name=rtcp-out sync=false async=false ' +
    `session.recv_rtp_src ! rtpjitterbuffer name=${names.jitter} latency=${jitterBufferMs} do-lost=true ` +
    `session.sync_src ! ${names.jitter}.sink_rtcp ` +
    `${names.jitter}.src ! ${DECODERS[codec]} ! ${tail}`
  );
}
