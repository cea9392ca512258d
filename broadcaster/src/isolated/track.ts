/** One source on its way from packets to chunks. Its times come from outside; what it gives out is written by `chunk-files.ts`. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { KeyFrameRequests } from '../compositor/key-frame-requests.ts';
import { LossTracker, nackPacket } from '../compositor/nack.ts';
import {
  looksLikeRtcp,
  parseRtp,
  pictureLossIndication,
  senderReports,
  unwrapRtx,
} from '../compositor/rtp.ts';
import type { Protection } from '../compositor/srtp.ts';
import { Chunker, type Step } from './chunker.ts';
import { Frames } from './frames.ts';
import { Order, type Ordered } from './order.ts';
import { type Placed, TrackClock } from './track-clock.ts';

/** Longer than it is asked for again, and than an SFU remembers it: what is missing then does not come. */
const WAIT_MS = 700;
const ASK_FOR_MS = 500;
/** A packet that is missing for so long may not come: the key frame that mends it is asked for. */
const MISSED_MS = 300;
/** Who sent nothing for so long is asked for nothing. */
const SENDS_WITHIN_MS = 1000;
/** Between two requests for a key frame, */
const KEY_LEAST_MS = 350;
/** and after so many that brought none: it costs the sender, and nothing that can be recorded may ever come. */
const PATIENCE = 20;
const KEY_SELDOM_MS = 10_000;

export interface TrackOptions {
  readonly source: BroadcastSource;
  readonly protection: Protection;
  readonly sendRtcp: (packet: Buffer) => void;
  readonly onSteps: (steps: readonly Step[]) => void;
}

export class Track {
  readonly #options: TrackOptions;
  readonly #isVideo: boolean;
  readonly #order = new Order(WAIT_MS);
  readonly #frames: Frames;
  readonly #clock: TrackClock;
  readonly #chunker: Chunker;
  readonly #losses = new LossTracker(() => ASK_FOR_MS);
  readonly #keyFrames = new KeyFrameRequests();
  #askedForKeyMs = Number.NEGATIVE_INFINITY;
  /** Requests since the last key frame. */
  #unanswered = 0;
  #lastPacketMs = Number.NEGATIVE_INFINITY;
  readonly counts = { packets: 0, refused: 0, lost: 0, frames: 0, keyFramesAskedFor: 0 };

  constructor(options: TrackOptions) {
    const { codec, clockRate } = options.source;
    this.#options = options;
    this.#isVideo = codec !== 'OPUS';
    this.#frames = new Frames(codec);
    this.#clock = new TrackClock(clockRate);
    this.#chunker = new Chunker(codec);
  }

  /** @param nowMs Unix ms of the programme's clock, as all times here */
  rtp(received: Buffer, nowMs: number): void {
    const { source, protection } = this.#options;
    const packet = protection.openRtp(received);
    const header = packet && parseRtp(packet);
    if (!packet || !header) {
      this.counts.refused += 1;
      return;
    }
    const { ssrc, payloadType, rtx } = source;
    if (header.ssrc === ssrc && header.payloadType === payloadType) this.#take(packet, nowMs);
    else if (rtx && header.ssrc === rtx.ssrc && header.payloadType === rtx.payloadType) {
      const restored = unwrapRtx(packet, header, source);
      if (restored) this.#take(restored, nowMs);
    } else this.counts.refused += 1;
  }

  rtcp(received: Buffer, nowMs: number): void {
    const packet = this.#options.protection.openRtcp(received);
    if (!packet || !looksLikeRtcp(packet)) {
      this.counts.refused += 1;
      return;
    }
    for (const report of senderReports(packet)) {
      if (report.ssrc === this.#options.source.ssrc) this.#clock.report(report.rtpTimestamp, nowMs);
    }
  }

  /** What has to be done without a packet: to be called some times a second. */
  tick(nowMs: number): void {
    this.#ask(nowMs);
    this.#go(this.#order.due(nowMs), nowMs);
    this.#place(this.#clock.due(nowMs), nowMs);
    this.#options.onSteps(this.#chunker.idle(nowMs));
  }

  /** What is held is given out, and the chunk closed. */
  finish(nowMs: number): void {
    this.#go(this.#order.flush(), nowMs);
    this.#place(this.#clock.flush(), nowMs);
    this.#options.onSteps(this.#chunker.finish());
  }

  /** What is open is lost; it begins anew with a key frame. */
  abandon(): void {
    this.#chunker.abandon();
  }

  /** Milliseconds until a missing packet is to be asked for; null: none is. */
  askInMs(nowMs: number): number | null {
    return this.#losses.nextMs(nowMs);
  }

  #take(packet: Buffer, nowMs: number): void {
    this.counts.packets += 1;
    this.#lastPacketMs = nowMs;
    // Of sound too: nobody waits for it here.
    this.#losses.received(packet.readUInt16BE(2), nowMs);
    this.#keyFrames.received(nowMs, false);
    this.#go(this.#order.take(packet, nowMs), nowMs);
    this.#ask(nowMs);
  }

  #go(ordered: readonly Ordered[], nowMs: number): void {
    for (const one of ordered) {
      if (one.is === 'lost') this.counts.lost += 1;
      for (const frame of this.#frames.take(one)) {
        if (this.#isVideo && frame.key) this.#keyFrames.received(nowMs, true);
        this.#place(this.#clock.take(frame), nowMs);
      }
    }
  }

  #place(placed: readonly Placed[], nowMs: number): void {
    for (const one of placed) {
      this.counts.frames += 1;
      this.#options.onSteps(this.#chunker.take(one));
      if (one.frame.key) this.#unanswered = 0;
      if (this.#chunker.wantsKey(one.atMs)) this.#askForKey(nowMs);
    }
  }

  #ask(nowMs: number): void {
    const { source, protection, sendRtcp } = this.#options;
    const due = this.#losses.due(nowMs);
    if (due.length > 0) sendRtcp(protection.sealRtcp(nackPacket(source.ssrc, due)));
    // Of somebody who sends nothing there is nothing to be had.
    if (!this.#isVideo || nowMs - this.#lastPacketMs > SENDS_WITHIN_MS) return;
    const misses = this.#losses.misses(MISSED_MS, nowMs);
    if (this.#keyFrames.due(nowMs, misses, this.#frames.needsKey ? null : 0)) this.#askForKey(nowMs);
  }

  #askForKey(nowMs: number): void {
    const sinceMs = nowMs - this.#askedForKeyMs;
    if (sinceMs < (this.#unanswered < PATIENCE ? KEY_LEAST_MS : KEY_SELDOM_MS)) return;
    this.#askedForKeyMs = nowMs;
    this.#unanswered += 1;
    this.counts.keyFramesAskedFor += 1;
    const { source, protection, sendRtcp } = this.#options;
    sendRtcp(protection.sealRtcp(pictureLossIndication(source.ssrc)));
  }
}
