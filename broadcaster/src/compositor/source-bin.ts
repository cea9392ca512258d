/** One RTP stream's way from packets to a pad of a mixer, as a bin of its own. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { CANVAS } from '@rostrum/contracts/profile';
import { AUDIO_CAPS, rawCaps } from './formats.ts';
import type { PictureCap } from './guard/verdict.ts';
import { MAX_OFFSET_NS } from './lip-sync.ts';

type Codec = BroadcastSource['codec'];

const isVideo = (codec: Codec): boolean => codec !== 'OPUS';

/** A caps value as a quoted string; anything that could leave the quotes is refused before (see `capsOf`). */
const quoted = (value: string | number): string => `(string)"${String(value)}"`;

/** Format parameters that the depayloaders read. Others (and odd values) would only be a way into the description. */
const FMTP = {
  VP8: [],
  VP9: [],
  OPUS: ['stereo', 'sprop-stereo', 'useinbandfec'],
  // Not `sprop-parameter-sets`: they would get to the decoder past the guard, and browsers send theirs in the stream.
  H264: ['packetization-mode', 'profile-level-id'],
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
// What comes out of the depayloader is measured once more, by its own reading: the packets' headers were read by ours
// (`guard/`), and where the two do not agree nothing gets to the decoder.
const decoders = (measured: string): Readonly<Record<Codec, string>> => ({
  VP8:
    `rtpvp8depay request-keyframe=true wait-for-keyframe=true ! capsfilter caps="video/x-vp8,${measured}" ! ` +
    'vp8dec threads=1 qos=false max-errors=-1 automatic-request-sync-points=true',
  // The depayloader takes sizes from its packets' descriptors, where anything may stand; the parser takes them from the frames, unless it is
  // told already. libvpx goes on decoding behind a frame's end whatever stands there; libavcodec decodes one.
  VP9:
    'rtpvp9depay request-keyframe=true wait-for-keyframe=true ! capssetter replace=true caps="video/x-vp9" ! ' +
    `vp9parse ! capsfilter caps="video/x-vp9,alignment=(string)frame,profile=(string)0,${measured}" ! ` +
    'avdec_vp9 max-threads=1 qos=false automatic-request-sync-points=true',
  H264:
    `rtph264depay request-keyframe=true wait-for-keyframe=true ! h264parse ! capsfilter caps="video/x-h264,${measured}" ! ` +
    'avdec_h264 max-threads=1 qos=false automatic-request-sync-points=true',
  OPUS: 'rtpopusdepay name=depay ! opusdec max-errors=-1 plc=true use-inband-fec=true',
});

/** Either way up, and in whole macroblocks. */
const within = ({ longSide }: PictureCap): string => {
  const most = Math.ceil(longSide / 16) * 16;
  return `width=(int)[1,${most}],height=(int)[1,${most}]`;
};

export const tileCaps = (width: number, height: number): string => rawCaps(width, height);

/**
 * Holds what is to be played later (lip sync). Leaky: a mixer that does not take what comes must not hold up the socket; it
 * leaves out what is too late when it takes it again.
 */
const out = (name: string): string =>
  `queue name=${name} leaky=downstream max-size-buffers=0 max-size-bytes=0 max-size-time=${MAX_OFFSET_NS + 200_000_000}`;

/**
 * Names inside a source's bin that tell its kind and whose it is: threads are called by the first 15 characters of them, and are
 * told apart by their kind (`thread-priority.ts`) and, when one of them crashes, by their source.
 */
export const binNames = (codec: Codec, number: number): { readonly jitter: string; readonly out: string } => {
  const own = `${isVideo(codec) ? 'v' : 's'}${number}`;
  return { jitter: `jitter-${own}`, out: `out-${own}` };
};

/** The number of the source that a thread of this name works for; null: for none. */
export function sourceOfThread(thread: string): number | null {
  const number = /^(?:jitter|out)-[vs](\d+)/.exec(thread)?.[1];
  return number === undefined ? null : Number(number);
}

/**
 * Description of a source's bin. Named inside: `rtp` (appsrc whose buffers bring the time they came, see `arrivals.ts`), `rtcp` (appsrc), `rtcp-out` (appsink), those of
 * `binNames`, for sound `depay`, and for video `fit` (caps of the tile it is scaled to). Its one outward pad is `src`.
 */
export function sourceDescription(
  source: BroadcastSource,
  jitterBufferMs: number,
  number: number,
  cap: PictureCap,
): string {
  const { codec } = source;
  const names = binNames(codec, number);
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
    `${names.jitter}.src ! ${decoders(within(cap))[codec]} ! ${tail}`
  );
}
