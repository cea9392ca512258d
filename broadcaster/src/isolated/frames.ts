/** From packets in order to frames. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { isLast, payloadOf } from '../compositor/rtp.ts';
import { h264Assembler } from './depacketise/h264.ts';
import { assembleOpus } from './depacketise/opus.ts';
import type { Assemble, Coded } from './depacketise/picture.ts';
import { assembleVp8 } from './depacketise/vp8.ts';
import { assembleVp9 } from './depacketise/vp9.ts';
import type { Ordered } from './order.ts';

export interface Frame extends Coded {
  /** Of its packets, 32 bits. */
  readonly rtpTimestamp: number;
  /** When the first of its packets came. */
  readonly cameMs: number;
}

/** More than the largest key frame of a screen. */
const MOST_BYTES = 8 * 1024 * 1024;

const assemblerOf = (codec: BroadcastSource['codec']): Assemble => {
  switch (codec) {
    case 'VP8':
      return assembleVp8;
    case 'VP9':
      return assembleVp9;
    case 'H264':
      return h264Assembler();
    case 'OPUS':
      return assembleOpus;
  }
};

interface Picture {
  readonly rtpTimestamp: number;
  readonly cameMs: number;
  readonly payloads: Buffer[];
  bytes: number;
}

/** One stream's. What is not whole is left out, and all that may refer to it: pictures go on with a key frame. */
export class Frames {
  readonly #assemble: Assemble;
  readonly #isVideo: boolean;
  #picture: Picture | null = null;
  #needsKey: boolean;

  constructor(codec: BroadcastSource['codec']) {
    this.#assemble = assemblerOf(codec);
    this.#isVideo = codec !== 'OPUS';
    this.#needsKey = this.#isVideo;
  }

  /** Nothing is made of what comes before a key frame does. */
  get needsKey(): boolean {
    return this.#needsKey;
  }

  take(ordered: Ordered): Frame[] {
    if (ordered.is === 'lost') {
      this.#spoilt();
      return [];
    }
    const { packet, cameMs } = ordered;
    const payload = payloadOf(packet);
    if (!payload || payload.byteLength === 0) return []; // padding alone, as a sender probes its network
    const rtpTimestamp = packet.readUInt32BE(4);
    const out: Frame[] = [];
    // Some senders leave the marker out.
    if (this.#picture && this.#picture.rtpTimestamp !== rtpTimestamp) out.push(...this.#finish());
    this.#picture ??= { rtpTimestamp, cameMs, payloads: [], bytes: 0 };
    this.#picture.payloads.push(payload);
    this.#picture.bytes += payload.byteLength;
    if (this.#picture.bytes > MOST_BYTES) this.#spoilt();
    else if (!this.#isVideo || isLast(packet)) out.push(...this.#finish());
    return out;
  }

  #spoilt(): void {
    this.#picture = null;
    this.#needsKey = this.#isVideo;
  }

  #finish(): Frame[] {
    const picture = this.#picture;
    this.#picture = null;
    const coded = picture && this.#assemble(picture.payloads);
    if (!coded) {
      this.#spoilt();
      return [];
    }
    if (this.#needsKey && !coded.key) return [];
    this.#needsKey = false;
    return [{ ...coded, rtpTimestamp: picture.rtpTimestamp, cameMs: picture.cameMs }];
  }
}
