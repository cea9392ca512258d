/** RTP of real encoders, as fast as they go: what a sender would send, with the time of each packet. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { attachSink, init, parseLaunch } from '@rostrum/node-gst';

export interface Sent {
  readonly packet: Buffer;
  /** Since the stream's beginning. */
  readonly atMs: number;
}

export const SSRC = 4711;
const KINDS = {
  VP8: { payloadType: 101, clockRate: 90_000 },
  VP9: { payloadType: 103, clockRate: 90_000 },
  H264: { payloadType: 107, clockRate: 90_000 },
  OPUS: { payloadType: 100, clockRate: 48_000 },
} as const;

export const sourceOf = (
  codec: BroadcastSource['codec'],
  changes: Partial<BroadcastSource> = {},
): BroadcastSource => ({
  sourceId: 'source-1',
  personId: 'ada-1',
  source: codec === 'OPUS' ? 'mic' : 'camera',
  codec,
  ...KINDS[codec],
  ssrc: SSRC,
  rtx: null,
  cname: 'ada-1',
  fmtp: {},
  remote: { ip: '127.0.0.1', port: 9, rtcpPort: 9 },
  srtp: null,
  ...changes,
});

export interface Shot {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** A camera that turns or changes its size between its shots. @param keyEvery frames with one key frame each */
export function camera(
  codec: 'VP8' | 'VP9' | 'H264',
  fps: number,
  shots: readonly Shot[],
  keyEvery: number,
  bitsPerSecond = 200_000,
  pattern: 'ball' | 'snow' = 'ball',
): Promise<Sent[]> {
  const encoder = {
    VP8: `vp8enc deadline=1 cpu-used=16 threads=1 target-bitrate=${bitsPerSecond} keyframe-max-dist=${keyEvery} ! rtpvp8pay picture-id-mode=2`,
    VP9: `vp9enc deadline=1 cpu-used=9 threads=1 lag-in-frames=0 target-bitrate=${bitsPerSecond} keyframe-max-dist=${keyEvery} ! rtpvp9pay picture-id-mode=2`,
    H264: `x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max=${keyEvery} bitrate=${bitsPerSecond / 1000} ! video/x-h264,profile=baseline ! rtph264pay config-interval=-1`,
  }[codec];
  const { payloadType } = KINDS[codec];
  const shown = shots.map(
    ({ width, height, frames }) =>
      `videotestsrc pattern=${pattern} num-buffers=${frames} ! video/x-raw,format=I420,width=${width},height=${height},framerate=${fps}/1 ! shots. `,
  );
  return run(
    `concat name=shots ! ${encoder} ssrc=${SSRC} pt=${payloadType} timestamp-offset=4294900000 seqnum-offset=65000 mtu=1200 ! ` +
      `appsink name=out sync=false ${shown.join('')}`,
  );
}

/** A microphone that has one channel or two in turn. */
export function microphone(
  turns: readonly { readonly channels: 1 | 2; readonly ms: number }[],
): Promise<Sent[]> {
  const said = turns.map(
    ({ channels, ms }) =>
      `audiotestsrc samplesperbuffer=960 num-buffers=${ms / 20} freq=440 volume=0.3 ! audio/x-raw,rate=48000,channels=${channels} ! turns. `,
  );
  return run(
    `concat name=turns ! opusenc frame-size=20 ! rtpopuspay ssrc=${SSRC} pt=${KINDS.OPUS.payloadType} timestamp-offset=4294900000 seqnum-offset=65000 ! ` +
      `appsink name=out sync=false ${said.join('')}`,
  );
}

async function run(description: string): Promise<Sent[]> {
  init();
  const pipeline = parseLaunch(description);
  const out = pipeline.element('out');
  if (!out) throw new Error('no sink');
  const sent: Sent[] = [];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  attachSink(
    out,
    ({ data, runningTimeNs }) => sent.push({ packet: Buffer.from(data), atMs: (runningTimeNs ?? 0) / 1e6 }),
    { onEos: resolve },
  );
  await pipeline.play();
  await over;
  await pipeline.close();
  return sent;
}

/** A sender report: the sender's RTP clock shows `rtpTimestamp` at `unixMs` of its own. */
export function senderReport(rtpTimestamp: number, unixMs: number): Buffer {
  const report = Buffer.alloc(28);
  report.writeUInt8(0x80, 0);
  report.writeUInt8(200, 1);
  report.writeUInt16BE(6, 2);
  report.writeUInt32BE(SSRC, 4);
  const seconds = unixMs / 1000 + 2_208_988_800;
  report.writeUInt32BE(Math.floor(seconds), 8);
  report.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 12);
  report.writeUInt32BE(rtpTimestamp >>> 0, 16);
  return report;
}
