/** Media that nobody means well with: RTP payloads of valid syntax and broken meaning, cut up, turned over, or noise. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { h264SequenceSet, vp8KeyFrame, vp9Frame, vp9Superframe } from './headers.ts';
import { encode, RtpSender, RtpStream } from './rtp-sender.ts';

export type Random = () => number;
type Codec = BroadcastSource['codec'];

/** The same numbers for the same seed. */
export function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SIDES = [1, 2, 15, 16, 17, 64, 320, 640, 1280, 1920, 1936, 3840, 4096, 7680, 8192, 16_383] as const;
const HEADER_BYTES = 12;

/** Real payloads of a codec, to be spoiled. */
export async function payloadsOf(codec: Codec): Promise<Buffer[]> {
  const source = codec === 'OPUS' ? ('mic' as const) : ('camera' as const);
  const stream = await RtpStream.open({
    sourceId: `model-${codec}`,
    personId: 'model',
    source,
    codec,
    ssrc: 7,
  });
  const taken: Buffer[] = [];
  stream.packet = (packet) => taken.push(Buffer.from(packet.subarray(HEADER_BYTES)));
  const input =
    codec === 'OPUS'
      ? 'audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=1'
      : 'videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=25/1';
  const sender = await RtpSender.start(`${input} ! ${encode(stream, 10)} `, [stream]);
  while (taken.length < 60) await sleep(10);
  await sender.stop();
  return taken;
}

/** Makes frames of one codec, each a list of payloads. */
export class Spoiler {
  readonly #codec: Codec;
  readonly #real: readonly Buffer[];
  readonly #random: Random;
  #next = 0;

  constructor(codec: Codec, real: readonly Buffer[], random: Random) {
    this.#codec = codec;
    this.#real = real;
    this.#random = random;
  }

  frame(): Buffer[] {
    const kinds: Readonly<Record<Codec, readonly (() => Buffer[])[]>> = {
      H264: [
        () => this.#flipped(),
        () => this.#cut(),
        () => this.#sets(),
        () => this.#fragments(),
        () => this.#noise(),
        () => this.#smuggled(),
      ],
      VP8: [
        () => this.#flipped(),
        () => this.#cut(),
        () => this.#keyFrame(),
        () => this.#resized(),
        () => this.#noise(),
      ],
      VP9: [
        () => this.#flipped(),
        () => this.#cut(),
        () => this.#vp9Frame(),
        () => this.#several(),
        () => this.#noise(),
      ],
      OPUS: [() => this.#flipped(), () => this.#cut(), () => this.#noise(), () => this.#packedOpus()],
    };
    // Mostly what goes on as a stream would: a decoder that only ever resets is not tried much.
    return this.#random() < 0.5 ? [this.#model()] : this.#one(kinds[this.#codec])();
  }

  #one<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)] as T;
  }

  #model(): Buffer {
    this.#next = (this.#next + 1) % this.#real.length;
    return Buffer.from(this.#real[this.#next] as Buffer);
  }

  #bytes(most: number): Buffer {
    return Buffer.from(
      Array.from({ length: 1 + Math.floor(this.#random() * most) }, () => Math.floor(this.#random() * 256)),
    );
  }

  #flipped(): Buffer[] {
    const payload = this.#model();
    for (let n = 0; n < 1 + this.#random() * 8; n += 1) {
      const at = Math.floor(this.#random() * payload.length);
      payload[at] = (payload[at] ?? 0) ^ (1 << Math.floor(this.#random() * 8));
    }
    return [payload];
  }

  #cut(): Buffer[] {
    const payload = this.#model();
    return [payload.subarray(0, Math.floor(this.#random() * payload.length))];
  }

  #noise(): Buffer[] {
    return [this.#bytes(1200)];
  }

  /** Other parameters in the middle of the stream, of all sizes; the pictures stay what they were. */
  #sets(): Buffer[] {
    return [
      h264SequenceSet({
        width: this.#one(SIDES),
        height: this.#one(SIDES),
        profile: this.#one([66, 66, 77, 100, 110, 244]),
        chroma: this.#one([1, 1, 2, 3]),
        order: this.#one([0, 1, 2, 2, 9]),
        references: this.#one([0, 1, 4, 16, 99]),
        interlaced: this.#random() < 0.2,
      }),
      Buffer.concat([Buffer.from([0x68]), this.#bytes(6)]),
      this.#model(),
    ];
  }

  #fragments(): Buffer[] {
    const fragment = (flags: number, type: number): Buffer =>
      Buffer.concat([Buffer.from([0x7c, flags | type]), this.#bytes(900)]);
    const type = this.#one([1, 5, 7, 8, 24, 28]);
    return [fragment(0x80, type), fragment(0, type), ...(this.#random() < 0.5 ? [fragment(0x40, type)] : [])];
  }

  /** A start code that comes about only when two fragments are put together, and behind it the set of an 8K picture. */
  #smuggled(): Buffer[] {
    const set = h264SequenceSet({ width: 7680, height: 4320 });
    return [
      Buffer.concat([Buffer.from([0x7c, 0x81]), this.#bytes(40), Buffer.from([0, 0])]),
      Buffer.concat([Buffer.from([0x7c, 0x41, 1]), set, Buffer.from([0, 0])]),
      Buffer.concat([Buffer.from([0x7c, 0x41, 1, 0x68, 0xce, 0x3c, 0x80])]),
    ];
  }

  #keyFrame(): Buffer[] {
    return [vp8KeyFrame({ width: this.#one(SIDES), height: this.#one(SIDES), rest: this.#bytes(1000) })];
  }

  /** A real key frame that says to be of another size. */
  #resized(): Buffer[] {
    const key = this.#real.find((payload) => payload.includes(Buffer.from([0x9d, 0x01, 0x2a])));
    if (!key) return this.#noise();
    const payload = Buffer.from(key);
    const at = payload.indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
    payload.writeUInt16LE(this.#one(SIDES) | (Math.floor(this.#random() * 4) << 14), at + 3);
    payload.writeUInt16LE(this.#one(SIDES), at + 5);
    return [payload];
  }

  #vp9Frame(): Buffer[] {
    return [
      vp9Frame({
        width: this.#one(SIDES),
        height: this.#one(SIDES),
        kind: this.#one(['key', 'key', 'intra', 'inter']),
        profile: this.#one([0, 0, 0, 1, 2, 3]),
        descriptor: this.#one([[0x0c], [0x4c], [0x2c, 0, 0], [0x0e, 0x10, 1, 64, 0, 180]]),
        rest: this.#bytes(1000),
      }),
    ];
  }

  /** A real frame, another one behind it, and mostly a list that says so, in a packet of its own or not. */
  #several(): Buffer[] {
    const real = this.#model();
    const hidden = vp9Frame({
      width: this.#one(SIDES),
      height: this.#one(SIDES),
      descriptor: [],
      rest: this.#bytes(1000),
    });
    const list = this.#random() < 0.7 ? vp9Superframe([real.length - 3, hidden.length]) : Buffer.alloc(0);
    return this.#random() < 0.5
      ? [Buffer.concat([real, hidden, list])]
      : [real, Buffer.concat([Buffer.from([0x00]), hidden]), Buffer.concat([Buffer.from([0x04]), list])];
  }

  /** Any configuration, with a count of frames that the packet does not have. */
  #packedOpus(): Buffer[] {
    const toc = (Math.floor(this.#random() * 32) << 3) | 3;
    return [Buffer.concat([Buffer.from([toc, Math.floor(this.#random() * 256)]), this.#bytes(200)])];
  }
}

/** Sends a spoiler's frames as a stream that has lost its way now and then. */
export class HostileSender {
  readonly #timer: NodeJS.Timeout;
  #sequence = 1;
  #timestamp = 1;
  sent = 0;

  constructor(stream: RtpStream, spoiler: Spoiler, random: Random, everyMs: number) {
    const { payloadType, clockRate, ssrc } = stream.describe();
    this.#timer = setInterval(() => {
      const payloads = spoiler.frame();
      this.#timestamp = (this.#timestamp + Math.round((clockRate * everyMs) / 1000)) >>> 0;
      if (random() < 0.005) this.#timestamp = Math.floor(random() * 2 ** 32);
      payloads.forEach((payload, i) => {
        if (random() < 0.01) this.#sequence += Math.floor(random() * 50);
        const header = Buffer.alloc(HEADER_BYTES);
        header.writeUInt8(0x80, 0);
        header.writeUInt8((i === payloads.length - 1 ? 0x80 : 0) | payloadType, 1);
        header.writeUInt16BE(this.#sequence & 0xffff, 2);
        header.writeUInt32BE(this.#timestamp, 4);
        header.writeUInt32BE(ssrc, 8);
        this.#sequence += 1;
        this.sent += 1;
        stream.raw(Buffer.concat([header, payload]));
      });
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
