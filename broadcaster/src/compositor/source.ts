/** One person's track in the mix: sockets, bin and pad. Nothing that happens in here reaches the other sources. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import {
  attachSink,
  type Bin,
  type BufferCounter,
  capLatency,
  countBuffers,
  type Element,
  type LeapMarker,
  markLeaps,
  type Pad,
  type Pipeline,
  pushBuffer,
} from '@rostrum/node-gst';
import { Arrivals } from './arrivals.ts';
import { HeaderGuard, type Passage } from './guard/header-guard.ts';
import type { PictureCap, Refusal } from './guard/verdict.ts';
import { KeyFrameRequests, MISSED_MS } from './key-frame-requests.ts';
import type { LipSync } from './lip-sync.ts';
import { LossTracker, nackPacket } from './nack.ts';
import { PlayoutDelay } from './playout-delay.ts';
import {
  isLast,
  looksLikeRtcp,
  parseRtp,
  payloadOf,
  pictureLossIndication,
  type SenderReport,
  senderReports,
  unwrapRtx,
} from './rtp.ts';
import { binNames, sourceDescription, tileCaps } from './source-bin.ts';
import { type Protection, plain } from './srtp.ts';
import { openUdpPair, type UdpPair } from './udp-pair.ts';

/**
 * The mixer shows a picture from the beginning of the frame that its time falls into, so half a frame too early in the
 * mean. Sound has no such grid.
 */
const VIDEO_CENTRE_NS = 20_000_000;

/**
 * A panelist is played later by at most this where their network needs it: enough for a packet that was lost three times on its way
 * to the SFU, which asks for it each 100 ms or so.
 */
const MOST_DELAY_NS = 300_000_000;

/** Waits before a bin that failed is built anew, ms. The last one repeats. */
const REBUILD_MS = [100, 500, 2000] as const;

export interface SourceHost {
  readonly pipeline: Pipeline;
  /** The mixer this source plays into. */
  readonly mixer: Element;
  readonly jitterBufferMs: number;
  /** How much longer than usual the mix of sound waits at present, ms. */
  readonly soundWaitsMs: () => number;
  readonly lipSync: LipSync;
  readonly mediaIp: string;
  /** The largest picture that is decoded. */
  readonly pictureCap: PictureCap;
  /** Its decoder is about to see something new. @returns false: not now, leave it out */
  readonly beginTrial: () => boolean;
  /** What it sends is not decoded, and why; null: it is again. */
  readonly onWithheld: (refusal: Refusal | null) => void;
  readonly log: (level: 'info' | 'warn', message: string, fields: object) => void;
}

/** What exists while the bin is up. */
interface Live {
  readonly bin: Bin;
  readonly pad: Pad;
  readonly rtp: Element;
  readonly rtcp: Element;
  readonly jitter: Element;
  readonly fit: Element | null;
  /** Before the decoder of sound, which conceals what is put in when it is played later; null: pictures. */
  readonly leaps: LeapMarker | null;
  readonly counter: BufferCounter;
  readonly stop: readonly (() => void)[];
}

type State =
  | { readonly is: 'up'; readonly live: Live }
  | { readonly is: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly is: 'building' }
  | { readonly is: 'closed' };

let names = 0;

export class Source {
  readonly source: BroadcastSource;
  /** In the names of its threads (`binNames`). */
  readonly number: number;
  readonly #host: SourceHost;
  readonly #name: string;
  #udp: UdpPair | null = null;
  #protection: Protection = plain;
  #state: State = { is: 'building' };
  /** null: sound, which has no headers. */
  readonly #guard: HeaderGuard | null;
  /** Whether the decoder may have packets: from its first trial on, and not at all in quarantine. */
  #admission: 'before' | 'in' | 'never' = 'before';
  #failures = 0;
  readonly #keyFrames = new KeyFrameRequests();
  readonly #losses: LossTracker;
  readonly #delayed: PlayoutDelay;
  readonly #arrivals: Arrivals;
  #asking: NodeJS.Timeout | null = null;
  #lastReport: SenderReport | null = null;
  #offsetNs: number;
  #tile: { width: number; height: number } | null = null;
  #onPad: (pad: Pad) => void = () => undefined;
  /** RTP packets taken and refused, and bins built anew. */
  readonly counts = { packetsIn: 0, packetsRefused: 0, restarts: 0 };

  constructor(source: BroadcastSource, host: SourceHost) {
    this.source = source;
    this.#host = host;
    names += 1;
    this.number = names;
    this.#name = `source-${names}`;
    this.#guard = source.codec === 'OPUS' ? null : new HeaderGuard(source.codec, host.pictureCap);
    // The jitter buffer waits for what is missing as much longer as the stream is played later.
    this.#losses = new LossTracker(() => host.jitterBufferMs + this.#offsetNs / 1e6);
    // A little less than it waits: its own notion of the quickest way lags behind.
    const toleranceNs = (host.jitterBufferMs - 10) * 1_000_000;
    this.#delayed = new PlayoutDelay(toleranceNs, MOST_DELAY_NS, (ns) => host.lipSync.hold(this.#name, ns));
    this.#arrivals = new Arrivals(source.clockRate, toleranceNs, this.#delayed, () =>
      this.isVideo ? 0 : host.soundWaitsMs() * 1_000_000,
    );
    this.#offsetNs = this.isVideo ? VIDEO_CENTRE_NS : 0;
  }

  get isVideo(): boolean {
    return this.source.codec !== 'OPUS';
  }

  /**
   * Opens sockets and bin.
   * @param onPad gets the mixer's pad now and whenever the bin had to be built anew: set all its properties
   * @returns where the SFU has to send to
   */
  async open(protection: Protection, onPad: (pad: Pad) => void): Promise<UdpPair['local']> {
    this.#protection = protection;
    this.#onPad = onPad;
    const { lipSync, mediaIp } = this.#host;
    lipSync.add(this.#name, `${this.source.personId} ${this.source.cname}`, (offsetNs) =>
      this.#delay(offsetNs),
    );
    try {
      await this.#build();
      this.#udp = await openUdpPair({
        ip: mediaIp,
        remote: this.source.remote,
        onRtp: (packet) => this.#takeRtp(packet),
        onRtcp: (packet) => this.#takeRtcp(packet),
      });
      return this.#udp.local;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** The mixer's pad; null while the bin is being built anew. */
  get pad(): Pad | null {
    return this.#state.is === 'up' ? this.#state.live.pad : null;
  }

  /** What comes is taken and thrown away, for good. */
  quarantine(): void {
    this.#admission = 'never';
  }

  /** Nothing of it is decoded now, whatever it sends. */
  get withheld(): boolean {
    return this.#admission === 'never' || (this.#guard?.withheld ?? null) !== null;
  }

  /** Milliseconds since the last decoded picture or sound; null before the first of this bin. */
  get ageMs(): number | null {
    return this.#state.is === 'up' ? this.#state.live.counter.read().ageMs : null;
  }

  /** How much later than its network at its best would allow it is played, ms. */
  get playoutDelayMs(): number {
    return this.#delayed.ns / 1e6;
  }

  /** Scales pictures to this size before they reach the mixer. */
  setTile(width: number, height: number): void {
    if (this.#tile?.width === width && this.#tile.height === height) return;
    this.#tile = { width, height };
    if (this.#state.is === 'up') this.#state.live.fit?.set('caps', tileCaps(width, height));
  }

  /** Whether a bus message's path lies in this source's bin. */
  owns(path: string): boolean {
    return path.split('/').some((part) => part.endsWith(`:${this.#name}`));
  }

  /** Its bin reported an error: it is taken out and built anew behind the same ports. */
  failed(message: string): void {
    if (this.#state.is !== 'up') return;
    const { live } = this.#state;
    const delayMs = REBUILD_MS[Math.min(this.#failures, REBUILD_MS.length - 1)] ?? 2000;
    this.#failures += 1;
    this.#host.log('warn', 'a source failed', { sourceId: this.source.sourceId, error: message, delayMs });
    this.#state = { is: 'waiting', timer: setTimeout(() => this.#rebuild(), delayMs) };
    void this.#takeOut(live);
  }

  /** Removes it from the mix. Idempotent. */
  async close(): Promise<void> {
    const state = this.#state;
    if (state.is === 'closed') return;
    this.#state = { is: 'closed' };
    this.#udp?.close();
    if (this.#asking) clearTimeout(this.#asking);
    this.#host.lipSync.remove(this.#name);
    if (state.is === 'waiting') clearTimeout(state.timer);
    if (state.is === 'up') await this.#takeOut(state.live);
  }

  #rebuild(): void {
    if (this.#state.is !== 'waiting') return;
    this.#state = { is: 'building' };
    this.counts.restarts += 1;
    this.#build().catch((error: unknown) => {
      if (this.#state.is === 'closed') return;
      this.#host.log('warn', 'a source did not come back', {
        sourceId: this.source.sourceId,
        error: String(error),
      });
      this.#state = { is: 'waiting', timer: setTimeout(() => this.#rebuild(), 2000) };
    });
  }

  /** Rejects with nothing of it left in the pipeline: the next one has the same name. */
  async #build(): Promise<void> {
    const { pipeline, jitterBufferMs, pictureCap } = this.#host;
    const description = sourceDescription(this.source, jitterBufferMs, this.number, pictureCap);
    const bin = pipeline.add(description, this.#name);
    const stop: (() => void)[] = [];
    let live: Live;
    try {
      live = this.#wire(bin, stop);
      await bin.start();
    } catch (error) {
      await this.#takeOut({ bin, stop });
      throw error;
    }
    if (this.#state.is === 'closed') return this.#takeOut(live);
    this.#guard?.forget();
    this.#state = { is: 'up', live };
  }

  /** @param stop gets what has to be ended with the bin, as soon as it has begun */
  #wire(bin: Bin, stop: (() => void)[]): Live {
    const { mixer, jitterBufferMs } = this.#host;
    const need = <T>(found: T | null, what: string): T => {
      if (found === null) throw new Error(`a source's bin has no ${what}`);
      return found;
    };
    const out = need(bin.getPad('src'), 'source pad');
    const names = binNames(this.source.codec, this.number);
    const jitter = need(bin.element(names.jitter), 'jitter buffer');
    stop.push(
      attachSink(need(bin.element('rtcp-out'), 'RTCP sink'), ({ data }) => this.#sendRtcp(data)),
      jitter.onSignal('handle-sync', ([structure]) => this.#synchronise(String(structure))),
    );
    const counter = countBuffers(need(bin.element(names.out)?.getPad('sink') ?? null, 'output'));
    stop.push(() => counter.close());
    const leaps = this.isVideo
      ? null
      : markLeaps(need(bin.element('depay')?.getPad('src') ?? null, 'depayloader'));
    stop.push(() => leaps?.close());
    const [rtp, rtcp] = [need(bin.element('rtp'), 'RTP source'), need(bin.element('rtcp'), 'RTCP source')];
    const pad = mixer.requestPad('sink_%u');
    const live: Live = {
      bin,
      pad,
      rtp,
      rtcp,
      jitter,
      fit: bin.element('fit'),
      leaps,
      counter,
      stop,
    };
    try {
      jitter.set('ts-offset', this.#offsetNs);
      // A decoder of Opus with in-band redundancy claims 120 ms, the longest packet there is, and whenever somebody says nothing
      // (DTX: a packet each 400 ms) all sound would wait that long. Browsers' packets last 20 ms; that fits into the jitter buffer's.
      if (!this.isVideo) capLatency(out, jitterBufferMs * 1_000_000);
      this.#onPad(live.pad);
      // What gets the pad says the tile, too: a picture of another size would be scaled once more by the mixer, with each frame.
      if (this.#tile) live.fit?.set('caps', tileCaps(this.#tile.width, this.#tile.height));
      out.link(live.pad);
    } catch (error) {
      // Nothing would ever come to it, and the mix would wait.
      mixer.releasePad(pad);
      throw error;
    }
    return live;
  }

  async #takeOut(live: Pick<Live, 'bin' | 'stop'>): Promise<void> {
    for (const stop of live.stop) stop();
    try {
      await this.#host.pipeline.remove(live.bin, { releasePeerPads: true });
    } catch (error) {
      // It goes on in the background; the mix does not wait for it.
      this.#host.log('warn', 'a source was slow to go', {
        sourceId: this.source.sourceId,
        error: String(error),
      });
    }
  }

  #takeRtp(received: Buffer): void {
    const packet = this.#protection.openRtp(received);
    const header = packet && parseRtp(packet);
    if (!packet || !header) {
      this.counts.packetsRefused += 1;
      return;
    }
    const { ssrc, payloadType, rtx } = this.source;
    if (header.ssrc === ssrc && header.payloadType === payloadType) this.#push(packet);
    else if (rtx && header.ssrc === rtx.ssrc && header.payloadType === rtx.payloadType) {
      const restored = unwrapRtx(packet, header, this.source);
      if (restored) this.#push(restored);
    } else this.counts.packetsRefused += 1;
  }

  #push(packet: Buffer): void {
    this.counts.packetsIn += 1;
    // A lost packet of sound is concealed better than waited for.
    const wasMissing = this.isVideo && this.#losses.received(packet.readUInt16BE(2), performance.now());
    const passes = this.#state.is === 'up' && this.#mayPass(packet);
    if (this.isVideo) {
      this.#keyFrames.received(performance.now(), false);
      this.#askAgain();
      this.#askForKeyFrame(performance.now());
    }
    if (this.#state.is !== 'up' || !passes) return;
    // A picture that is late disturbs less than a wait. Those after one of which a packet is too late cannot be decoded.
    const harms = !this.isVideo || wasMissing;
    const nowNs = Number(this.#host.pipeline.runningTime());
    const cameNs = this.#arrivals.stamp(packet.readUInt32BE(4), nowNs, harms);
    pushBuffer(this.#state.live.rtp, packet, { ptsNs: cameNs, dtsNs: cameNs });
  }

  /** Whether the decoder may have this packet. */
  #mayPass(packet: Buffer): boolean {
    if (this.#admission === 'never') return false;
    const payload = payloadOf(packet);
    if (!payload) {
      this.counts.packetsRefused += 1;
      return false;
    }
    const passage: Passage = this.#guard
      ? this.#guard.take(payload, isLast(packet))
      : { is: 'pass', start: false, news: this.#admission === 'before', restored: false };
    if (passage.is === 'drop') {
      this.counts.packetsRefused += 1;
      if (passage.news) this.#withhold(passage.news);
      return false;
    }
    if (passage.start) {
      this.#losses.beginsAnew(packet.readUInt16BE(2));
      this.#keyFrames.received(performance.now(), true);
    }
    if (passage.restored) this.#withhold(null);
    if (passage.news) {
      if (this.#host.beginTrial()) this.#admission = 'in';
      else {
        this.#admission = 'before';
        this.#guard?.forget();
      }
    }
    return this.#admission === 'in';
  }

  #withhold(refusal: Refusal | null): void {
    const { sourceId } = this.source;
    if (refusal) this.#host.log('warn', 'a source sends what is not decoded', { sourceId, ...refusal });
    else this.#host.log('info', 'a source sends what can be decoded again', { sourceId });
    this.#host.onWithheld(refusal);
  }

  #askForKeyFrame(nowMs: number): void {
    if (this.#state.is !== 'up' || this.#admission === 'never') return;
    if (!this.#keyFrames.due(nowMs, this.#losses.misses(MISSED_MS, nowMs), this.ageMs)) return;
    this.#sendRtcp(pictureLossIndication(this.source.ssrc));
  }

  #askAgain(): void {
    const delayMs = this.#losses.nextMs(performance.now());
    if (this.#asking || delayMs === null || this.#state.is === 'closed') return;
    this.#asking = setTimeout(() => {
      this.#asking = null;
      const nowMs = performance.now();
      const due = this.#losses.due(nowMs);
      if (due.length > 0) this.#sendRtcp(nackPacket(this.source.ssrc, due));
      this.#askForKeyFrame(nowMs);
      this.#askAgain();
    }, delayMs);
  }

  #takeRtcp(received: Buffer): void {
    const packet = this.#protection.openRtcp(received);
    if (!packet || !looksLikeRtcp(packet)) {
      this.counts.packetsRefused += 1;
      return;
    }
    this.#lastReport = senderReports(packet).find((r) => r.ssrc === this.source.ssrc) ?? this.#lastReport;
    if (this.#state.is === 'up') pushBuffer(this.#state.live.rtcp, packet);
  }

  #sendRtcp(packet: Buffer): void {
    this.#udp?.sendRtcp(this.#protection.sealRtcp(packet));
  }

  /** The jitter buffer says how the last sender report's RTP time lies on our clock. */
  #synchronise(structure: string): void {
    const field = (name: string): bigint | null => {
      const found = structure.match(new RegExp(`\\b${name}=\\((?:guint64|uint|guint)\\)(\\d+)`));
      return found?.[1] === undefined ? null : BigInt(found[1]);
    };
    const report = this.#lastReport;
    const base = field('base-rtptime');
    const baseTime = field('base-time');
    const reported = field('sr-ext-rtptime');
    const rate = field('clock-rate');
    if (!report || base === null || baseTime === null || reported === null || !rate) return;
    // Signals arrive later than the packets they speak of: only the matching pair counts.
    if (Number(reported & 0xffffffffn) !== report.rtpTimestamp) return;
    const runningTimeNs = baseTime + ((reported - base) * 1_000_000_000n) / rate;
    this.#host.lipSync.report(this.#name, { runningTimeNs, senderNs: report.ntpNs });
  }

  #delay(offsetNs: number): void {
    const laterNs = offsetNs + (this.isVideo ? VIDEO_CENTRE_NS : 0) - this.#offsetNs;
    this.#offsetNs += laterNs;
    if (this.#state.is !== 'up') return;
    const { leaps, jitter } = this.#state.live;
    leaps?.expect(Math.max(0, laterNs));
    jitter.set('ts-offset', this.#offsetNs);
  }
}
