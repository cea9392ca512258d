/** A stand-in for the SFU in tests: RTP and sender reports from a small GStreamer pipeline, by way of plain sockets. */
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BroadcastSource, Endpoint } from '@rostrum/contracts/node-socket';
import { attachSink, forceKeyUnit, init, type Pipeline, parseLaunch } from '@rostrum/node-gst';

export interface StreamOptions {
  readonly sourceId: string;
  readonly personId: string;
  readonly source: BroadcastSource['source'];
  readonly codec: BroadcastSource['codec'];
  readonly ssrc: number;
  /** Milliseconds that each packet is held back before it is sent. */
  readonly delayMs?: () => number;
  /** Whether a packet is lost on the way. */
  readonly lose?: (sequence: number) => boolean;
}

const CODECS = {
  VP8: { payloadType: 101, clockRate: 90_000 },
  VP9: { payloadType: 103, clockRate: 90_000 },
  H264: { payloadType: 107, clockRate: 90_000 },
  OPUS: { payloadType: 100, clockRate: 48_000 },
} as const;

/** A browser's encoder answers one request in this time. */
const KEY_FRAME_EVERY_MS = 300;
const KEY_FRAME_WAY_MS = 20;

const NTP_UNIX_OFFSET_S = 2_208_988_800;

/** One stream: sockets that stay where they are, and what the compositor sends back. */
export class RtpStream {
  readonly options: StreamOptions;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  #to: Endpoint | null = null;
  /** RTCP that came back, whole packets. */
  readonly feedback: Buffer[] = [];
  sent = 0;
  #octets = 0;
  muted = false;
  #held: Buffer[] | null = null;
  #closed = false;
  #keyFrameMs = Number.NEGATIVE_INFINITY;
  /** Has the sender make a key frame. */
  onKeyFrameWanted: () => void = () => undefined;

  private constructor(options: StreamOptions, rtp: Socket, rtcp: Socket) {
    this.options = options;
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    rtcp.on('message', (packet) => {
      this.feedback.push(packet);
      if (feedbackKinds(packet).includes('pli')) this.#askForKeyFrame();
    });
  }

  static async open(options: StreamOptions): Promise<RtpStream> {
    const bound = (): Promise<Socket> =>
      new Promise((resolve) => {
        const socket = createSocket('udp4');
        socket.on('error', () => undefined);
        socket.bind(0, '127.0.0.1', () => resolve(socket));
      });
    return new RtpStream(options, await bound(), await bound());
  }

  /** What the coordinator would tell the compositor of this stream. */
  describe(): BroadcastSource {
    const { sourceId, personId, source, codec, ssrc } = this.options;
    return {
      sourceId,
      personId,
      source,
      codec,
      ...CODECS[codec],
      ssrc,
      rtx: codec === 'OPUS' ? null : { payloadType: CODECS[codec].payloadType + 1, ssrc: ssrc + 1 },
      cname: personId,
      fmtp: {},
      remote: { ip: '127.0.0.1', port: this.#rtp.address().port, rtcpPort: this.#rtcp.address().port },
      srtp: null,
    };
  }

  sendTo(endpoint: Endpoint): void {
    this.#to = endpoint;
  }

  packet(data: Buffer): void {
    this.sent += 1;
    this.#octets += data.length;
    if (this.options.lose?.(data.readUInt16BE(2))) return;
    const copy = Buffer.from(data);
    const delay = this.options.delayMs?.() ?? 0;
    if (delay > 0) setTimeout(() => this.raw(copy), delay);
    else this.raw(copy);
  }

  /** Bytes as they are, to the RTP port. */
  raw(data: Buffer): void {
    if (this.#held) this.#held.push(data);
    else if (this.#to && !this.muted) this.#rtp.send(data, this.#to.port, this.#to.ip);
  }

  /** The network carries nothing for a while, and then all at once, in order. */
  async block(ms: number): Promise<void> {
    const held: Buffer[] = [];
    this.#held = held;
    await sleep(ms);
    this.#held = null;
    for (const packet of held) this.raw(packet);
  }

  rawRtcp(data: Buffer): void {
    if (this.#to && !this.muted) this.#rtcp.send(data, this.#to.rtcpPort, this.#to.ip);
  }

  /** Sender report: `runningNs` of the sending pipeline is the instant `unixMs`. */
  report(runningNs: bigint, unixMs: number): void {
    const report = Buffer.alloc(28);
    report.writeUInt8(0x80, 0);
    report.writeUInt8(200, 1);
    report.writeUInt16BE(6, 2);
    report.writeUInt32BE(this.options.ssrc, 4);
    const seconds = unixMs / 1000 + NTP_UNIX_OFFSET_S;
    report.writeUInt32BE(Math.floor(seconds), 8);
    report.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 12);
    const ticks = (runningNs * BigInt(CODECS[this.options.codec].clockRate)) / 1_000_000_000n;
    report.writeUInt32BE(Number(ticks & 0xffffffffn), 16);
    report.writeUInt32BE(this.sent, 20);
    report.writeUInt32BE(this.#octets >>> 0, 24);
    const sdes = Buffer.from([0x81, 202, 0, 3, 0, 0, 0, 0, 1, 4, 0x63, 0x6e, 0x61, 0x6d, 0, 0]);
    sdes.writeUInt32BE(this.options.ssrc, 4);
    this.rawRtcp(Buffer.concat([report, sdes]));
  }

  #askForKeyFrame(): void {
    const nowMs = performance.now();
    if (nowMs - this.#keyFrameMs < KEY_FRAME_EVERY_MS) return;
    this.#keyFrameMs = nowMs;
    setTimeout(() => {
      if (!this.#closed) this.onKeyFrameWanted();
    }, KEY_FRAME_WAY_MS);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.muted = true;
    this.#rtp.close();
    this.#rtcp.close();
  }
}

/** What a packet of RTCP asks for. */
export function feedbackKinds(packet: Buffer): ('nack' | 'pli')[] {
  const out: ('nack' | 'pli')[] = [];
  for (let at = 0; at + 4 <= packet.length; at += 4 * (packet.readUInt16BE(at + 2) + 1)) {
    const [format, type] = [packet.readUInt8(at) & 0x1f, packet.readUInt8(at + 1)];
    if (type === 205 && format === 1) out.push('nack');
    if (type === 206 && format === 1) out.push('pli');
  }
  return out;
}

/** Encoders and payloaders for a stream, up to its appsink. Of video, each so many frames have a key frame. */
export function encode(stream: RtpStream, keyFrameEvery = 25): string {
  const { codec, ssrc } = stream.options;
  const pay = (name: string): string =>
    `rtp${name}pay ssrc=${ssrc} pt=${CODECS[codec].payloadType} timestamp-offset=0 seqnum-offset=0`;
  const sink = `appsink name=out-${ssrc} sync=true async=false`;
  switch (codec) {
    case 'VP8':
      return `vp8enc name=enc-${ssrc} deadline=1 cpu-used=16 threads=1 target-bitrate=500000 keyframe-max-dist=${keyFrameEvery} ! ${pay('vp8')} picture-id-mode=2 mtu=1200 ! ${sink}`;
    case 'VP9':
      return `capsfilter caps=video/x-raw,format=I420 ! vp9enc name=enc-${ssrc} deadline=1 cpu-used=9 threads=1 lag-in-frames=0 end-usage=cbr target-bitrate=500000 keyframe-max-dist=${keyFrameEvery} ! ${pay('vp9')} picture-id-mode=2 mtu=1200 ! ${sink}`;
    case 'H264':
      return `x264enc name=enc-${ssrc} tune=zerolatency speed-preset=ultrafast threads=1 key-int-max=${keyFrameEvery} bitrate=500 ! video/x-h264,profile=baseline ! ${pay('h264')} config-interval=-1 mtu=1200 ! ${sink}`;
    case 'OPUS':
      return `audioconvert ! audioresample ! opusenc frame-size=20 ! ${pay('opus')} ! ${sink}`;
  }
}

/** Sends what a pipeline (whose tails are `encode(stream)`) makes, with a sender report each 200 ms. */
export class RtpSender {
  readonly #pipeline: Pipeline;
  readonly #streams: readonly RtpStream[];
  readonly #timer: NodeJS.Timeout;

  private constructor(pipeline: Pipeline, streams: readonly RtpStream[]) {
    this.#pipeline = pipeline;
    this.#streams = streams;
    this.#timer = setInterval(() => {
      const now = pipeline.runningTime();
      for (const stream of streams) stream.report(now, Date.now());
    }, 200);
  }

  /** @param fill feeds the pipeline's own appsrcs before it plays */
  static async start(
    description: string,
    streams: readonly RtpStream[],
    fill?: (pipeline: Pipeline) => void,
  ): Promise<RtpSender> {
    init();
    const pipeline = parseLaunch(description);
    fill?.(pipeline);
    for (const stream of streams) {
      const sink = pipeline.element(`out-${stream.options.ssrc}`);
      if (!sink) throw new Error(`no sink for ${stream.options.sourceId}`);
      attachSink(sink, ({ data }) => stream.packet(data));
      const encoder = pipeline.element(`enc-${stream.options.ssrc}`);
      if (encoder) stream.onKeyFrameWanted = () => forceKeyUnit(encoder);
    }
    await pipeline.play();
    return new RtpSender(pipeline, streams);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const stream of this.#streams) stream.onKeyFrameWanted = () => undefined;
    await this.#pipeline.close();
    for (const stream of this.#streams) stream.close();
  }
}
