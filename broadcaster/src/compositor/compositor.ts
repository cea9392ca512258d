/** One channel's compositor: the mix on the channel's timeline, its sources and scene, and coded samples out of it. */
import { RostrumError } from '@rostrum/contracts/errors';
import { type BroadcastSource, NO_PRESSURE } from '@rostrum/contracts/node-socket';
import { FRAME_RATE, LADDER, PROFILES, type ProfileName, type Rendition } from '@rostrum/contracts/profile';
import type { Scene } from '@rostrum/contracts/scene';
import { attachSink, type BusMessage, blockPad, countBuffers, type SampleOut } from '@rostrum/node-gst';
import { createAttention } from '@rostrum/service-kit/attention';
import type { EncoderEvent } from '../media/samples.ts';
import { BED_BIN, Bed } from './bed.ts';
import { Drawings } from './drawings.ts';
import { Trials } from './guard/trials.ts';
import type { PictureCap } from './guard/verdict.ts';
import { LipSync } from './lip-sync.ts';
import type { CompositorStats, FatalReason, SourceLocal, SourceNews, Trust } from './messages.ts';
import { buildMix, JITTER_BUFFER_MS, type Mix } from './mix.ts';
import { Picture } from './picture.ts';
import { Shedding } from './shedding.ts';
import { Source } from './source.ts';
import { protectionFor } from './srtp.ts';
import { orderThreads } from './thread-priority.ts';
import { audioSnapper, FRAME_NS, type Snapper, startOffsetNs, videoSnapper } from './timeline.ts';

/** Nothing of any encoder for this long: the process gives up, and its supervisor starts another. */
const STALLED_AFTER_MS = 2000;
/** One that stalls alone is given longer: meanwhile its rendition has gaps, and the others go on. */
const TRACK_STALLED_AFTER_MS = 4000;
const WATCH_EVERY_MS = 250;
/** Longest wait for the first canvas; without it the show begins on black. */
const CANVAS_WITHIN_MS = 500;

export interface CompositorOptions {
  readonly profile: ProfileName;
  readonly scene: Scene;
  readonly timelineZeroUnixMs: number;
  readonly notBeforeNs: number;
  readonly mediaIp: string;
  readonly ladder?: readonly Rendition[];
  /** The rung of `ladder.ts` to begin on. */
  readonly step: number;
  readonly hasRoom: () => boolean;
  readonly nowUnixMs: () => number;
  readonly pictureCap: PictureCap;
  readonly bed?: boolean;
  readonly onEvent: (event: EncoderEvent) => void;
  readonly onSource: (sourceId: string, news: SourceNews) => void;
  readonly onFatal: (reason: FatalReason, message: string) => void;
  readonly log: (level: 'info' | 'warn', message: string, fields: object) => void;
}

interface Track {
  readonly snapper: Snapper;
  configured: boolean;
  /** When its newest sample came, in time attended. */
  lastMs: number;
  /** End of what was given out of it, ns. */
  endNs: number | null;
}

export class Compositor {
  readonly #options: CompositorOptions;
  readonly #mix: Mix;
  readonly #drawings: Drawings;
  readonly #picture: Picture;
  readonly #bed: Bed;
  readonly #lipSync = new LipSync();
  readonly #trials: Trials;
  #shedding: Shedding | null = null;
  /** Newest place on the grid that any rendition has a picture for. */
  #newestPictureNs = -1;
  readonly #sources = new Map<string, Source>();
  readonly #tracks = new Map<string, Track>();
  /** Where on the channel's timeline the mix began. */
  #offsetNs = 0;
  /** Until every track has told its configuration, samples wait: readers need all configurations first. */
  #held: EncoderEvent[] | null = [];
  #watchdog: NodeJS.Timeout | null = null;
  readonly #attention = createAttention(WATCH_EVERY_MS, () => performance.now());
  #dead = false;
  #gone = { packetsIn: 0, packetsRefused: 0, restarts: 0 };
  readonly #counts = { framesOut: 0, audioFramesOut: 0, framesSkipped: 0 };
  /** `lately`: of sound, since it was last looked whether load has to be shed. */
  readonly #delays = {
    picture: { sumMs: 0, count: 0 },
    sound: { sumMs: 0, count: 0 },
    lately: { sumMs: 0, count: 0 },
  };

  private constructor(options: CompositorOptions, drawings: Drawings) {
    this.#options = options;
    this.#drawings = drawings;
    this.#trials = new Trials({
      onSuspect: (sourceId) => {
        const number = this.#sources.get(sourceId)?.number;
        if (number !== undefined) options.onSource(sourceId, { is: 'suspect', number });
      },
      onTrusted: (sourceId) => options.onSource(sourceId, { is: 'trusted' }),
    });
    this.#mix = buildMix(options.ladder ?? LADDER, PROFILES[options.profile]);
    this.#bed = new Bed(this.#mix.pipeline, this.#mix.audio);
    this.#picture = new Picture({
      mix: this.#mix,
      drawings: this.#drawings,
      nowUnixMs: options.nowUnixMs,
      warn: (message, fields) => options.log('warn', message, fields),
    });
    this.#mix.pipeline.onMessage((message) => this.#onBus(message));
  }

  /** Brings the mix up; samples come from the first frame on. @throws GstError when the pipeline does not start */
  static async start(options: CompositorOptions): Promise<Compositor> {
    const compositor = new Compositor(options, await Drawings.create());
    await compositor.#play();
    return compositor;
  }

  async #play(): Promise<void> {
    const { pipeline, sinks } = this.#mix;
    const { nowUnixMs, timelineZeroUnixMs, notBeforeNs, scene } = this.#options;
    await this.#picture.open(scene);
    // Monotonic, so that a step of the wall clock moves nothing; tied to Unix time once, here.
    pipeline.useClock('monotonic');
    // Mixers that force themselves to be live do not wait for a time that has not begun: within a millisecond of the start they would
    // put out seconds of silence, and leave out the sound of all those seconds.
    const { audio, video } = this.#mix;
    const mixed = [audio, video].flatMap((mixer) => mixer.getPad('src') ?? []);
    const begin = mixed.map((pad) => blockPad(pad));
    // The canvas and its format reach the mixer before time begins; coming later they would upset its first frames.
    await pipeline.pause();
    await this.#canvasArrived();
    this.#offsetNs = startOffsetNs(nowUnixMs(), timelineZeroUnixMs, notBeforeNs);
    for (const [track, sink] of sinks) {
      const snapper = track === 'audio' ? audioSnapper(this.#offsetNs) : videoSnapper(this.#offsetNs);
      this.#tracks.set(track, { snapper, configured: false, lastMs: this.#attention.nowMs(), endNs: null });
      attachSink(sink, (sample) => this.#onSample(track, sample));
    }
    const zero = pipeline.clockNow() - BigInt(Math.round((nowUnixMs() - timelineZeroUnixMs) * 1e6));
    pipeline.setStartTimeNone();
    pipeline.setBaseTime(zero + BigInt(this.#offsetNs));
    await pipeline.play();
    for (const letGo of begin) letGo();
    orderThreads();
    this.#shedding = this.#shed();
    for (const track of this.#tracks.values()) track.lastMs = this.#attention.nowMs();
    this.#watchdog = setInterval(() => this.#watch(), WATCH_EVERY_MS);
    // A show without it is a show.
    if (this.#options.bed) this.setBed(true).catch((error: unknown) => this.#bedFailed(error));
  }

  #bedFailed(error: unknown): void {
    this.#options.log('warn', 'the music does not play', { error: String(error) });
  }

  #shed(): Shedding {
    const { profile, step, hasRoom, log } = this.#options;
    return new Shedding({
      mix: this.#mix,
      groupFrames: (PROFILES[profile].segmentMs * FRAME_RATE) / 1000,
      partFrames: (PROFILES[profile].partMs * FRAME_RATE) / 1000,
      offsetNs: this.#offsetNs,
      step,
      hasRoom,
      endNs: (track) => this.#tracks.get(track)?.endNs ?? null,
      emit: (event) => this.#emit(event),
      log,
      nowMs: () => performance.now(),
    });
  }

  async #canvasArrived(): Promise<void> {
    const pad = this.#mix.canvas.getPad('src');
    if (!pad) return;
    const counter = countBuffers(pad);
    for (let waitedMs = 0; waitedMs < CANVAS_WITHIN_MS && counter.read().buffers === 0; waitedMs += 2) {
      await new Promise((wake) => setTimeout(wake, 2));
    }
    counter.close();
  }

  /** Resolves when the scene is in the mix, a frame or two after it was drawn. */
  setScene(scene: Scene): Promise<void> {
    return this.#picture.setScene(scene);
  }

  /** Resolves when the music plays, or is gone. */
  setBed(plays: boolean): Promise<void> {
    return this.#bed.set(plays);
  }

  /** Adds a source, or replaces the one of this id. @throws RostrumError `unavailable`, `media-unsupported` */
  async addSource(request: BroadcastSource, trust: Trust): Promise<SourceLocal> {
    await this.removeSource(request.sourceId);
    const { protection, local: srtp } = protectionFor(request.srtp);
    const isVideo = request.codec !== 'OPUS';
    const { sourceId } = request;
    const source = new Source(request, {
      pipeline: this.#mix.pipeline,
      mixer: isVideo ? this.#mix.video : this.#mix.audio,
      jitterBufferMs: JITTER_BUFFER_MS[this.#options.profile],
      soundWaitsMs: () => this.#shedding?.soundWaitsMs ?? 0,
      lipSync: this.#lipSync,
      mediaIp: this.#options.mediaIp,
      pictureCap: this.#options.pictureCap,
      beginTrial: () => this.#trials.begin(sourceId),
      onWithheld: (refusal) => this.#options.onSource(sourceId, { is: 'withheld', refusal }),
      log: this.#options.log,
    });
    this.#sources.set(sourceId, source);
    if (trust === 'none') source.quarantine();
    if (trust === 'probation') this.#trials.putOnProbation(sourceId);
    try {
      const local = await source.open(protection, this.#picture.add(source));
      return { local, srtp };
    } catch (error) {
      this.#picture.remove(source);
      if (this.#sources.get(sourceId) === source) this.#sources.delete(sourceId);
      throw new RostrumError('unavailable', `the source did not open: ${String(error)}`, { cause: error });
    }
  }

  /** Unknown ids are fine: gone is what was asked for. */
  async removeSource(sourceId: string): Promise<void> {
    const source = this.#sources.get(sourceId);
    if (!source) return;
    this.#sources.delete(sourceId);
    this.#picture.remove(source);
    this.#trials.leave(sourceId);
    this.#gone.packetsIn += source.counts.packetsIn;
    this.#gone.packetsRefused += source.counts.packetsRefused;
    this.#gone.restarts += source.counts.restarts;
    await source.close();
  }

  /** Once a second: tells what happened. Counts since the start; the mean delays since the last call. */
  look(): Omit<CompositorStats, 'cpuCores'> {
    orderThreads();
    const sum = (pick: (counts: Source['counts']) => number): number =>
      [...this.#sources.values()].reduce((total, source) => total + pick(source.counts), pick(this.#gone));
    return {
      ...this.#counts,
      sources: this.#sources.size,
      packetsIn: sum((c) => c.packetsIn),
      packetsRefused: sum((c) => c.packetsRefused),
      sourceRestarts: sum((c) => c.restarts),
      playoutDelayMs: Math.max(0, ...[...this.#sources.values()].map((source) => source.playoutDelayMs)),
      pictureDelayMs: this.#meanDelay('picture'),
      soundDelayMs: this.#meanDelay('sound'),
      pressure: this.#shedding?.pressure() ?? NO_PRESSURE,
    };
  }

  #meanDelay(kind: 'picture' | 'sound' | 'lately'): number {
    const { sumMs, count } = this.#delays[kind];
    this.#delays[kind] = { sumMs: 0, count: 0 };
    return count === 0 ? 0 : sumMs / count;
  }

  async close(): Promise<void> {
    this.#dead = true;
    if (this.#watchdog) clearInterval(this.#watchdog);
    this.#picture.close();
    this.#bed.close();
    this.#trials.close();
    await Promise.all([...this.#sources.values()].map((source) => source.close()));
    await this.#mix.pipeline.close();
    await this.#drawings.close();
  }

  #onSample(trackName: string, sample: SampleOut): void {
    const track = this.#tracks.get(trackName);
    if (!track || this.#dead || sample.runningTimeNs === null) return;
    const isAudio = trackName === 'audio';
    track.lastMs = this.#attention.nowMs();
    if (sample.codecData) {
      track.configured = true;
      this.#emit({
        type: 'config',
        config: { track: trackName, codec: isAudio ? 'aac' : 'avc', config: Buffer.from(sample.codecData) },
      });
    }
    const snapped = track.snapper.snap(sample.runningTimeNs);
    if (!snapped || snapped.ptsNs < this.#offsetNs) return; // the AAC priming frame of a start
    if (this.#shedding?.leavesOut(trackName, snapped.ptsNs)) return; // it was being coded
    track.endNs = snapped.ptsNs + snapped.durationNs;
    this.#emit({
      type: 'sample',
      sample: {
        track: trackName,
        ptsNs: snapped.ptsNs,
        dtsNs: snapped.ptsNs,
        durationNs: snapped.durationNs,
        keyframe: isAudio || sample.keyframe,
        data: sample.data,
      },
    });
    if (isAudio) {
      this.#counts.audioFramesOut += 1;
      this.#countDelay('sound', sample.runningTimeNs);
    } else this.#countFrame(sample.runningTimeNs, snapped.ptsNs);
  }

  /** Counted by the first rendition that has it: any of them may be off. */
  #countFrame(runningTimeNs: number, ptsNs: number): void {
    if (ptsNs <= this.#newestPictureNs) return;
    const places = this.#newestPictureNs < 0 ? 1 : Math.round((ptsNs - this.#newestPictureNs) / FRAME_NS);
    this.#newestPictureNs = ptsNs;
    this.#countDelay('picture', runningTimeNs);
    this.#counts.framesOut += 1;
    this.#counts.framesSkipped += places - 1;
    this.#picture.onFrame();
  }

  #countDelay(kind: 'picture' | 'sound', runningTimeNs: number): void {
    const delayMs = (Number(this.#mix.pipeline.runningTime()) - runningTimeNs) / 1e6;
    for (const one of kind === 'sound' ? (['sound', 'lately'] as const) : [kind]) {
      this.#delays[one].sumMs += delayMs;
      this.#delays[one].count += 1;
    }
  }

  #emit(event: EncoderEvent): void {
    if (!this.#held) {
      this.#options.onEvent(event);
      return;
    }
    this.#held.push(event);
    if (![...this.#tracks.values()].every((track) => track.configured)) return;
    const held = this.#held;
    this.#held = null;
    const configs = held.filter((e) => e.type === 'config');
    for (const e of [...configs, ...held.filter((e) => e.type !== 'config')]) this.#options.onEvent(e);
  }

  #onBus(message: BusMessage): void {
    if (message.type !== 'error' || this.#dead) return;
    const text = `${message.source}: ${message.message ?? 'error'} (${message.debug ?? 'no detail'})`;
    for (const source of this.#sources.values()) {
      if (!source.owns(message.path)) continue;
      source.failed(text);
      return;
    }
    // A bin that is being removed may still complain; the mix itself may not.
    if (/:source-\d+(\/|$)/.test(message.path)) return;
    if (new RegExp(`:${BED_BIN}(/|$)`).test(message.path)) this.#bedFailed(text);
    else this.#die('pipeline-error', text);
  }

  /**
   * Sheds load where the machine is too slow. Stalled is what says nothing while we are awake to hear it: a machine that gives us
   * no time makes everything late, and a new compositor would be later still.
   */
  #watch(): void {
    this.#shedding?.look(this.#meanDelay('lately'));
    this.#attention.round();
    const nowMs = this.#attention.nowMs();
    for (const [name, track] of this.#tracks) if (this.#shedding?.isOff(name)) track.lastMs = nowMs;
    const silences = [...this.#tracks].map(([name, { lastMs }]) => ({ name, ms: nowMs - lastMs }));
    if (silences.every(({ ms }) => ms > STALLED_AFTER_MS))
      this.#die('stalled', 'nothing comes of any encoder');
    for (const { name, ms } of silences) {
      if (ms > TRACK_STALLED_AFTER_MS) this.#die('stalled', `nothing of ${name} for ${Math.round(ms)} ms`);
    }
  }

  #die(reason: FatalReason, message: string): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#options.onFatal(reason, message);
  }
}
