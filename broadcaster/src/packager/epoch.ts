/**
 * One encoder epoch: its configurations, what came of its samples, and which parts are due. Knows no windows and
 * publishes nothing.
 */
import { AUDIO_SAMPLE_RATE, type LatencyProfile, type Rendition } from '@rostrum/contracts/profile';
import type { Sample, TrackConfig } from '../media/samples.ts';
import { AudioClock } from './audio-clock.ts';
import {
  aacCodec,
  avcCodec,
  DEFAULT_AUDIO_CONFIG,
  isAvcConfig,
  sameBytes,
  withParameterSets,
} from './codecs.ts';
import { createGrid, FRAME_NS, type Grid, partStartNs, presentationNs } from './grid.ts';
import { writeInitSegment } from './init-segment.ts';
import { type AudioFrame, type FrameRefusal, RenditionTrack } from './rendition-track.ts';
import { nsToTicks, ticksToNs } from './ticks.ts';

export const AUDIO_TRACK = 'audio';
/** How long, on the timeline, finished video waits for its audio. */
export const AUDIO_PATIENCE_NS = 4 * FRAME_NS;
/** One wild timestamp must not make an hour of gaps: further ahead than this many target durations is refused. */
const MAX_LEAP_TARGET_DURATIONS = 10;
const MAX_EARLY_AUDIO_FRAMES = 500;
/** Sound so little short at the end costs no picture: less than a frame of it, and one still begins in the last picture. */
const SHORT_SOUND_NS = 15e6;

export type SampleRefusal = FrameRefusal | 'no-config' | 'bad-time' | 'unknown-track';
export type ConfigResult = 'taken' | 'known' | 'changed' | 'unknown-track' | 'bad-config';

export interface EpochOptions {
  /** Of names, not the encoder's count. */
  readonly number: number;
  readonly zeroUnixMs: number;
  readonly profile: LatencyProfile;
  readonly ladder: readonly Rendition[];
  /** Carried over when only one track's configuration changed. */
  readonly configs?: Iterable<readonly [string, Uint8Array]>;
}

export class Epoch {
  readonly number: number;
  readonly zeroUnixMs: number;
  readonly tracks: ReadonlyMap<string, RenditionTrack>;
  readonly configs: Map<string, Uint8Array>;
  /** Known from the first keyframe on. */
  grid: Grid | undefined;
  readonly #profile: LatencyProfile;
  readonly #audioClock = new AudioClock();
  readonly #initialised = new Set<string>();
  /** Audio from before the grid is known. */
  #earlyAudio: AudioFrame[] = [];

  constructor(options: EpochOptions) {
    this.number = options.number;
    this.zeroUnixMs = options.zeroUnixMs;
    this.#profile = options.profile;
    this.tracks = new Map(options.ladder.map((rendition) => [rendition.name, new RenditionTrack(rendition)]));
    this.configs = new Map(options.configs);
  }

  /** `changed`: not taken; the samples that follow need a new init segment, that is a new epoch. */
  setConfig({ track, codec, config }: TrackConfig): ConfigResult {
    const isAudio = track === AUDIO_TRACK;
    if (!isAudio && !this.tracks.get(track)?.hasVideo) return 'unknown-track';
    const usable = isAudio
      ? codec === 'aac' && config.byteLength >= 2
      : codec === 'avc' && isAvcConfig(config);
    if (!usable) return 'bad-config';
    const known = this.configs.get(track);
    if (known) return sameBytes(known, config) ? 'known' : 'changed';
    this.configs.set(track, config);
    return 'taken';
  }

  /** Are all configurations of this rendition told? */
  isConfigured({ rendition, hasVideo }: RenditionTrack): boolean {
    return this.configs.has(AUDIO_TRACK) && (!hasVideo || this.configs.has(rendition.name));
  }

  /**
   * The rendition's init segment, once: `written` with its bytes, afterwards `known`. `missing` while the picture's
   * configuration is; sound that told none until now is declared to be AAC-LC.
   */
  initialise({ rendition }: RenditionTrack): { data: Uint8Array; codecs: string } | 'known' | 'missing' {
    const { name, kind } = rendition;
    if (this.#initialised.has(name)) return 'known';
    const videoConfig = this.configs.get(name);
    if (kind === 'video' && !videoConfig) return 'missing';
    const audio = this.configs.get(AUDIO_TRACK) ?? DEFAULT_AUDIO_CONFIG;
    this.configs.set(AUDIO_TRACK, audio);
    this.#initialised.add(name);
    const video = kind === 'video' && videoConfig ? { ...rendition, config: videoConfig } : undefined;
    return {
      data: writeInitSegment({ audio: { config: audio }, ...(video ? { video } : {}) }),
      codecs: [...(video ? [avcCodec(video.config)] : []), aacCodec(audio)].join(','),
    };
  }

  /** Nothing comes of this video track from an instant on, or something again. Returns whether there is such a track. */
  turn(track: string, fromNs: number, paused: boolean): boolean {
    const known = this.tracks.get(track);
    if (!known?.hasVideo || !Number.isFinite(fromNs)) return false;
    known.turn(fromNs, paused);
    return true;
  }

  /** Takes a sample, or says why not. */
  addSample(sample: Sample): SampleRefusal | undefined {
    const times = [sample.ptsNs, sample.dtsNs];
    if (!times.every((ns) => Number.isSafeInteger(Math.round(ns)) && ns >= 0)) return 'bad-time';
    const leapNs = MAX_LEAP_TARGET_DURATIONS * this.#profile.targetDurationS * 1e9;
    if (this.grid && Math.max(...times) > this.#furthestNs(this.grid) + leapNs) return 'bad-time';
    return sample.track === AUDIO_TRACK ? this.#addAudio(sample) : this.#addVideo(sample);
  }

  #addAudio(sample: Sample): SampleRefusal | undefined {
    const startTicks = this.#audioClock.place(sample.ptsNs);
    if (startTicks === undefined) return 'backwards';
    const frame = { startTicks, data: sample.data };
    if (this.grid) {
      for (const track of this.tracks.values()) track.addAudio(frame);
      return undefined;
    }
    this.#earlyAudio.push(frame);
    if (this.#earlyAudio.length > MAX_EARLY_AUDIO_FRAMES) this.#earlyAudio.shift();
    return undefined;
  }

  #addVideo(sample: Sample): SampleRefusal | undefined {
    const track = this.tracks.get(sample.track);
    if (!track?.hasVideo) return 'unknown-track';
    const config = this.configs.get(sample.track);
    if (!config) return 'no-config';
    if (!this.grid && !sample.keyframe) return 'waiting-for-keyframe';
    const data = sample.keyframe ? withParameterSets(config, sample.data) : sample.data;
    return track.addFrame(this.grid ?? this.#setOrigin(sample.dtsNs, sample.ptsNs), { ...sample, data });
  }

  #setOrigin(dtsNs: number, ptsNs: number): Grid {
    const grid = createGrid(this.#profile, dtsNs, ptsNs);
    this.grid = grid;
    const startTicks = nsToTicks(ptsNs, AUDIO_SAMPLE_RATE);
    for (const frame of this.#earlyAudio) {
      if (frame.startTicks < startTicks) continue;
      for (const track of this.tracks.values()) track.addAudio(frame);
    }
    this.#earlyAudio = [];
    return grid;
  }

  /** No picture at all since the epoch began, and the clock is far ahead: the sound goes out alone. */
  startWithoutPictures(nowNs: number): void {
    const [oldest] = this.#earlyAudio;
    if (this.grid || !oldest) return;
    const ns = ticksToNs(oldest.startTicks, AUDIO_SAMPLE_RATE);
    if (ns + this.#stallNs < nowNs) this.#setOrigin(ns, ns);
  }

  get #stallNs(): number {
    return 2 * this.#profile.targetDurationS * 1e9;
  }

  /** End of the newest video slot of any rendition, on the decode timeline. */
  #videoEdgeNs(grid: Grid): number {
    let newest = -1;
    for (const track of this.tracks.values()) newest = Math.max(newest, track.newestSlot);
    return newest < 0 ? 0 : grid.originNs + (newest + 1) * FRAME_NS;
  }

  #furthestNs(grid: Grid): number {
    let furthest = this.#videoEdgeNs(grid);
    for (const track of this.tracks.values()) furthest = Math.max(furthest, partStartNs(grid, track.cursor));
    return furthest;
  }

  /** Nothing has come from any encoder for so long that what is open is closed. */
  isSilent(nowNs: number): boolean {
    const { grid } = this;
    if (!grid) return false;
    return Math.max(this.#videoEdgeNs(grid), this.#audioEdgeNs(grid)) + this.#stallNs <= nowNs;
  }

  /** End of the newest audio frame, on the decode timeline. */
  #audioEdgeNs(grid: Grid): number {
    const { nextTicks } = this.#audioClock;
    if (nextTicks === undefined) return 0;
    return ticksToNs(nextTicks, AUDIO_SAMPLE_RATE) - grid.originPresentationNs + grid.originNs;
  }

  /** Is the track's next part to be cut? `stalled`: what it lacks is not waited for any longer. */
  due(grid: Grid, track: RenditionTrack, nowNs: number): 'no' | 'ready' | 'stalled' {
    const endNs = partStartNs(grid, track.cursor + 1);
    const videoEdgeNs = this.#videoEdgeNs(grid);
    const audioTicks = this.#audioClock.nextTicks ?? 0;
    const audioReady = audioTicks >= nsToTicks(presentationNs(grid, endNs), AUDIO_SAMPLE_RATE);
    const clockIsPast = endNs + this.#stallNs <= nowNs;
    if (track.hasVideo && track.videoReady(grid)) {
      // Patience is counted in pictures that came, not by the clock: the encoders' own delay is no lateness.
      const patienceOver = endNs + AUDIO_PATIENCE_NS <= videoEdgeNs || clockIsPast;
      return audioReady || patienceOver ? 'ready' : 'no';
    }
    if (!track.hasVideo && audioReady) return 'ready';
    // Its gaps come with the others' parts: a playlist that lagged behind would be a stalled one to players.
    if (track.hasVideo && track.isPaused(grid) && endNs <= videoEdgeNs) return 'ready';
    if (endNs + this.#profile.targetDurationS * 1e9 <= videoEdgeNs) return 'stalled';
    return clockIsPast || endNs + this.#stallNs <= this.#audioEdgeNs(grid) ? 'stalled' : 'no';
  }

  /**
   * Where the epoch ends for all renditions if it ends now: where the shortest track does, so that no last part says more
   * than it holds (LL3), but not before what is out already.
   */
  endNs(grid: Grid): number {
    const tracks = [...this.tracks.values()];
    const outNs = Math.max(...tracks.map((track) => partStartNs(grid, track.cursor)));
    const ends = tracks.filter((track) => track.hasVideo).map((track) => track.queuedEndNs(grid));
    if (this.#audioClock.nextTicks !== undefined) {
      const frames = (this.#audioEdgeNs(grid) + SHORT_SOUND_NS - grid.originNs) / FRAME_NS;
      ends.push(grid.originNs + Math.floor(frames) * FRAME_NS);
    }
    return Math.max(outNs, Math.min(...ends));
  }
}
