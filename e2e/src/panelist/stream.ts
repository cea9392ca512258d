import type { RtcpPacket } from 'werift';
import {
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  RtpHeader,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from 'werift';
import { rtpTimestamp } from './rtp.ts';

export interface StreamOptions {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly clockRate: number;
  readonly cname: string;
  /** Random starts. */
  readonly firstSequence: number;
  readonly timestampOffset: number;
  readonly seal: (payload: Buffer, header: RtpHeader) => Buffer;
}

export interface Extension {
  readonly id: number;
  readonly payload: Buffer;
}

/** Packets kept for whoever lost them: more than a second of the top layer. */
const HISTORY = 512;
const CNAME = 1;

/** One SSRC: numbers its packets, keeps the last of them for retransmission, and reports on them. */
export class OutgoingStream {
  readonly #options: StreamOptions;
  readonly #header: RtpHeader;
  readonly #history: (Buffer | undefined)[] = new Array(HISTORY);
  #sequence: number;
  #packets = 0;
  #octets = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#sequence = options.firstSequence;
    this.#header = new RtpHeader({ ssrc: options.ssrc, payloadType: options.payloadType });
  }

  get ssrc(): number {
    return this.#options.ssrc;
  }

  /**
   * The packets of one picture, or one piece of sound, ready to be sent in this order; the last is marked when `mark` says so.
   * @param capturedMs when it was captured, on the clock that `report` uses too
   */
  packets(payloads: readonly Buffer[], capturedMs: number, mark: boolean, extension?: Extension): Buffer[] {
    const { clockRate, timestampOffset, seal } = this.#options;
    const header = this.#header;
    header.timestamp = rtpTimestamp(capturedMs, clockRate, timestampOffset);
    header.extension = extension !== undefined;
    header.extensions = extension ? [extension] : [];
    return payloads.map((payload, i) => {
      header.sequenceNumber = this.#sequence;
      header.marker = mark && i === payloads.length - 1;
      const sealed = seal(payload, header);
      this.#history[this.#sequence % HISTORY] = sealed;
      this.#sequence = (this.#sequence + 1) % 0x1_0000;
      this.#packets = (this.#packets + 1) % 2 ** 32;
      this.#octets = (this.#octets + payload.length) % 2 ** 32;
      return sealed;
    });
  }

  /**
   * The same bytes again, for as long as they are kept: sealing them anew would upset the count of rollovers, and the receiver's
   * guard against replays has not seen them.
   */
  again(sequence: number): Buffer | null {
    const behind = (this.#sequence - sequence + 0x1_0000) % 0x1_0000;
    return behind >= 1 && behind <= HISTORY ? (this.#history[sequence % HISTORY] ?? null) : null;
  }

  /** A sender report with the name that ties streams together: what the stream's clock shows at `nowMs`, which is `ntp`. */
  report(nowMs: number, ntp: bigint): RtcpPacket[] {
    const { ssrc, clockRate, timestampOffset, cname } = this.#options;
    return [
      new RtcpSrPacket({
        ssrc,
        senderInfo: new RtcpSenderInfo({
          ntpTimestamp: ntp,
          rtpTimestamp: rtpTimestamp(nowMs, clockRate, timestampOffset),
          packetCount: this.#packets,
          octetCount: this.#octets,
        }),
      }),
      new RtcpSourceDescriptionPacket({
        chunks: [
          new SourceDescriptionChunk({
            source: ssrc,
            items: [new SourceDescriptionItem({ type: CNAME, text: cname })],
          }),
        ],
      }),
    ];
  }
}
