/**
 * Looks at a video stream's packets before the decoder gets them. Each packet is judged by itself, so that neither order nor
 * loss lets anything past; a stream that announces what is refused is withheld until it announces something else.
 */
import { judgePictureSet, judgeSequenceSet } from './h264-headers.ts';
import { judgeSize, type PictureCap, type Refusal } from './verdict.ts';
import { lookAtVp9 as readVp9 } from './vp9-header.ts';

/** What one packet brings. */
export type Look =
  /** More of what goes on. */
  | { readonly is: 'more' }
  /**
   * Announces pictures that may be decoded. `header` tells whether they are of the kind that was there before, `sized` whether
   * it says how large they are.
   */
  | { readonly is: 'start'; readonly header: string; readonly sized: boolean }
  | { readonly is: 'refused'; readonly refusal: Refusal };

const MORE: Look = { is: 'more' };
const malformed = (detail: string): Look => ({ is: 'refused', refusal: { reason: 'malformed', detail } });

const NAL = {
  sequenceSet: 7,
  pictureSet: 8,
  subsetSequenceSet: 15,
  aggregateA: 24,
  fragmentA: 28,
} as const;

const START_CODE = Buffer.from([0, 0, 1]);

/** H.264 (RFC 6184), single and non-interleaved packets. @param payload of an RTP packet, without padding */
export function lookAtH264(payload: Buffer, cap: PictureCap): Look {
  if (payload.length === 0) return MORE;
  // Depayloaders write start codes before what they are given: one inside of it would begin another unit behind our back.
  if (payload.includes(START_CODE)) return malformed('a start code inside a unit');
  const type = payload.readUInt8(0) & 0x1f;
  if (type === NAL.aggregateA) return lookAtAggregate(payload, cap);
  if (type > NAL.fragmentA || (type > NAL.aggregateA && type < NAL.fragmentA))
    return malformed(`packets of kind ${type}`);
  if (type === NAL.fragmentA) {
    if (payload.length < 2) return malformed('a fragment of nothing');
    // A set is some dozen bytes: nobody has to cut it up.
    return isSet(payload.readUInt8(1) & 0x1f) ? malformed('a parameter set in fragments') : MORE;
  }
  return lookAtUnit(payload, cap);
}

const isSet = (type: number): boolean =>
  type === NAL.sequenceSet || type === NAL.pictureSet || type === NAL.subsetSequenceSet;

function lookAtUnit(nal: Buffer, cap: PictureCap): Look {
  const type = nal.readUInt8(0) & 0x1f;
  if (!isSet(type)) return MORE;
  const refusal = type === NAL.pictureSet ? judgePictureSet(nal) : judgeSequenceSet(nal, cap);
  if (refusal) return { is: 'refused', refusal };
  return { is: 'start', header: nal.toString('latin1'), sized: type === NAL.sequenceSet };
}

function lookAtAggregate(payload: Buffer, cap: PictureCap): Look {
  const headers: string[] = [];
  let sized = false;
  for (let at = 1; at < payload.length; ) {
    if (at + 2 > payload.length) return malformed('an aggregate that breaks off');
    const length = payload.readUInt16BE(at);
    const nal = payload.subarray(at + 2, at + 2 + length);
    if (length === 0 || nal.length < length) return malformed('an aggregate that breaks off');
    const look = lookAtUnit(nal, cap);
    if (look.is === 'refused') return look;
    if (look.is === 'start') {
      headers.push(look.header);
      sized ||= look.sized;
    }
    at += 2 + length;
  }
  return headers.length > 0 ? { is: 'start', header: headers.join('\n'), sized } : MORE;
}

/** VP8 (RFC 7741; the frame's header: RFC 6386, 9.1). @param payload of an RTP packet, without padding */
export function lookAtVp8(payload: Buffer, cap: PictureCap): Look {
  const first = payload[0];
  if (first === undefined) return MORE;
  // Depayloaders begin a frame at this alone.
  if ((first & 0x10) === 0 || (first & 0x07) !== 0) return MORE;
  let at = 1;
  if (first & 0x80) {
    const extensions = payload[at] ?? 0;
    at += 1;
    if (extensions & 0x80) at += (payload[at] ?? 0) & 0x80 ? 2 : 1;
    if (extensions & 0x40) at += 1;
    if (extensions & 0x30) at += 1;
  }
  const frame = payload.subarray(at);
  const tag = frame[0];
  if (tag === undefined) return malformed('a frame of nothing');
  if (tag & 1) return MORE;
  if (frame.length < 10) return malformed('a key frame that breaks off');
  if (frame.readUIntBE(3, 3) !== 0x9d012a) return malformed('a key frame without its start code');
  const [width, height] = [frame.readUInt16LE(6) & 0x3fff, frame.readUInt16LE(8) & 0x3fff];
  const refusal = judgeSize(width, height, cap);
  return refusal ? { is: 'refused', refusal } : { is: 'start', header: `${width}x${height}`, sized: true };
}

/** VP9. @param last whether the packet is the last one of its picture, by its RTP header */
export function lookAtVp9(payload: Buffer, cap: PictureCap, last: boolean): Look {
  const look = readVp9(payload, last, cap);
  if (look.is === 'more' || look.is === 'refused') return look;
  // Only a key frame gets a stream going again.
  return { is: 'start', header: `${look.is} ${look.width}x${look.height}`, sized: look.is === 'key' };
}

type LookAt = (payload: Buffer, cap: PictureCap, last: boolean) => Look;
export type GuardedCodec = 'VP8' | 'VP9' | 'H264';
const LOOK_AT: Readonly<Record<GuardedCodec, LookAt>> = { VP8: lookAtVp8, VP9: lookAtVp9, H264: lookAtH264 };

/** What to do with a packet, and what has changed by it. */
export type Passage =
  /** `start`: a key frame begins. `news`: the decoder is about to see something that it has not seen before. */
  | { readonly is: 'pass'; readonly start: boolean; readonly news: boolean; readonly restored: boolean }
  /** `news`: why, if it is another reason than before. */
  | { readonly is: 'drop'; readonly news: Refusal | null };

/** One stream's. */
export class HeaderGuard {
  readonly #look: LookAt;
  readonly #cap: PictureCap;
  /** Headers that the decoder has had. Parameter sets come in turns, with each key frame. */
  readonly #seen = new Set<string>();
  #withheld: Refusal | null = null;

  constructor(codec: GuardedCodec, cap: PictureCap) {
    this.#look = LOOK_AT[codec];
    this.#cap = cap;
  }

  get withheld(): Refusal | null {
    return this.#withheld;
  }

  /** The decoder is another one. */
  forget(): void {
    this.#seen.clear();
  }

  /** @param last whether the packet is the last one of its picture, by its RTP header */
  take(payload: Buffer, last: boolean): Passage {
    const look = this.#look(payload, this.#cap, last);
    if (look.is === 'refused') {
      const news = look.refusal.reason === this.#withheld?.reason ? null : look.refusal;
      this.#withheld = look.refusal;
      return { is: 'drop', news };
    }
    // Once refused, a stream has to say anew what it is.
    if (this.#withheld && !(look.is === 'start' && look.sized)) return { is: 'drop', news: null };
    if (look.is === 'more') return { is: 'pass', start: false, news: false, restored: false };
    const restored = this.#withheld !== null;
    this.#withheld = null;
    const news = !this.#seen.has(look.header);
    // Somebody whose sets are always new is always news.
    if (this.#seen.size > 16) this.#seen.clear();
    this.#seen.add(look.header);
    return { is: 'pass', start: look.sized, news, restored };
  }
}
