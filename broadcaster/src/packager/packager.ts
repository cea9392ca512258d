/**
 * The packager: encoder events in; init segments, parts and segments out. Pure: no clock, no timers, no files.
 *
 * Rules of the cut
 * - All renditions share one grid per epoch (`grid.ts`), so MSNs, part boundaries and PROGRAM-DATE-TIMEs are the same.
 * - A part is out as soon as its last frame slot and the audio frames that start inside it are here.
 * - Audio never holds video up: once video is `AUDIO_PATIENCE_NS` past a part's end, the part goes without, and the audio
 *   that comes later goes, with its true time, into the next part.
 * - Video that is missing becomes GAP parts: of one rendition when the others are a TARGETDURATION ahead, of all when
 *   `tick` (or the audio) is two TARGETDURATIONs ahead.
 */
import {
  AAC_FRAME_SAMPLES,
  AUDIO_SAMPLE_RATE,
  type LatencyProfile,
  type Rendition,
} from '@rostrum/contracts/profile';
import type { EncoderEvent, Sample, TrackConfig } from '../media/samples.ts';
import { AudioClock } from './audio-clock.ts';
import { aacCodec, avcCodec, DEFAULT_AUDIO_CONFIG, isAvcConfig, sameBytes } from './codecs.ts';
import { createGrid, FRAME_NS, type Grid, partStartNs, presentationNs, slotOf } from './grid.ts';
import { writeInitSegment } from './init-segment.ts';
import { initName } from './names.ts';
import { type AudioFrame, RenditionTrack } from './rendition-track.ts';
import { NS_PER_MS, nsToTicks, ticksToNs } from './ticks.ts';
import { type Part, type RenditionWindow, type Segment, SegmentWindow } from './window.ts';

export const AUDIO_TRACK = 'audio';
/** How long, on the timeline, finished video waits for its audio. */
export const AUDIO_PATIENCE_NS = 4 * FRAME_NS;
const MAX_QUEUED_AUDIO_FRAMES = 500;

export type DropReason =
  | 'no-epoch'
  | 'no-config'
  | 'bad-config'
  | 'bad-time'
  | 'unknown-track'
  | 'late'
  | 'backwards'
  | 'waiting-for-keyframe'
  | 'ended';

export type PackagerEvent =
  | { readonly type: 'epoch'; readonly epoch: number }
  | {
      readonly type: 'init';
      readonly rendition: string;
      readonly epoch: number;
      readonly name: string;
      readonly data: Uint8Array;
      readonly codecs: string;
    }
  | { readonly type: 'segment-opened'; readonly rendition: string; readonly segment: Segment }
  | { readonly type: 'part'; readonly rendition: string; readonly segment: Segment; readonly part: Part }
  | { readonly type: 'segment-closed'; readonly rendition: string; readonly segment: Segment }
  | { readonly type: 'ended' }
  | { readonly type: 'dropped'; readonly track: string; readonly reason: DropReason };

/** What an earlier run of the channel left behind. */
export interface PackagerResume {
  readonly nextMsn: number;
  readonly nextEpoch: number;
  /** Closed segments by rendition name, on disk, all renditions with the same MSNs. */
  readonly segments: ReadonlyMap<string, readonly Segment[]>;
  readonly discontinuitySequence: number;
  readonly codecs: ReadonlyMap<string, string>;
}

export interface PackagerOptions {
  readonly profile: LatencyProfile;
  readonly ladder: readonly Rendition[];
  readonly windowMs: number;
  readonly resume?: PackagerResume;
}

interface Epoch {
  readonly number: number;
  readonly zeroUnixMs: number;
  readonly tracks: ReadonlyMap<string, RenditionTrack>;
  readonly configs: Map<string, Uint8Array>;
  /** Names of renditions whose init segment is out. */
  readonly initialised: Set<string>;
  readonly audioClock: AudioClock;
  /** Audio from before the grid's origin is known. */
  earlyAudio: AudioFrame[];
  grid: Grid | undefined;
}

/** MSNs begin at 1: a player that reads 0 as "not there" has nothing to trip over. */
const FIRST_MSN = 1;

export class Packager {
  readonly #profile: LatencyProfile;
  readonly #windows: ReadonlyMap<string, SegmentWindow>;
  #epoch: Epoch | undefined;
  #nextEpoch: number;
  #hasHistory: boolean;
  #ended = false;
  #out: PackagerEvent[] = [];

  constructor(options: PackagerOptions) {
    const { profile, ladder, windowMs, resume } = options;
    this.#profile = profile;
    this.#nextEpoch = resume?.nextEpoch ?? 1;
    const nextMsn = resume?.nextMsn ?? FIRST_MSN;
    this.#hasHistory = nextMsn > FIRST_MSN;
    this.#windows = new Map(
      ladder.map((rendition) => {
        const codecs = resume?.codecs.get(rendition.name);
        const window = new SegmentWindow({
          rendition,
          profile,
          windowMs,
          nextMsn,
          nextEpoch: this.#nextEpoch,
          segments: resume?.segments.get(rendition.name) ?? [],
          discontinuitySequence: resume?.discontinuitySequence ?? 0,
          ...(codecs === undefined ? {} : { codecs }),
        });
        return [rendition.name, window];
      }),
    );
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Epoch of names now in use, or next to be. */
  get epoch(): number {
    return this.#epoch?.number ?? this.#nextEpoch;
  }

  /** Unix ms of the running epoch's zero: what `tick` counts from. */
  get timelineZeroUnixMs(): number | undefined {
    return this.#epoch?.zeroUnixMs;
  }

  window(rendition: string): RenditionWindow | undefined {
    return this.#windows.get(rendition);
  }

  get windows(): RenditionWindow[] {
    return [...this.#windows.values()];
  }

  /** The archive has it: the segment may leave the window. */
  markArchived(rendition: string, msn: number): void {
    this.#windows.get(rendition)?.markArchived(msn);
  }

  push(event: EncoderEvent): PackagerEvent[] {
    if (this.#ended) return [{ type: 'dropped', track: trackOf(event), reason: 'ended' }];
    if (event.type === 'epoch') this.#beginEpoch(event.timelineZeroUnixMs);
    else if (!this.#epoch) this.#drop(trackOf(event), 'no-epoch');
    else if (event.type === 'config') this.#setConfig(this.#epoch, event.config);
    else this.#addSample(this.#epoch, event.sample);
    return this.#take();
  }

  /**
   * Says how late it is on the running epoch's timeline; GAP parts follow where encoders have stalled. Call it every
   * part or so. One call makes at most a segment of gaps a rendition.
   */
  tick(nowTimelineNs: number): PackagerEvent[] {
    const epoch = this.#epoch;
    if (!epoch || this.#ended) return [];
    const [oldest] = epoch.earlyAudio;
    const stallNs = this.#stallNs;
    if (!epoch.grid && oldest && ticksToNs(oldest.startTicks, AUDIO_SAMPLE_RATE) + stallNs < nowTimelineNs) {
      // No picture at all since the epoch began: the sound goes out alone.
      const ns = ticksToNs(oldest.startTicks, AUDIO_SAMPLE_RATE);
      this.#setOrigin(epoch, ns, ns);
    }
    this.#advance(epoch, nowTimelineNs);
    return this.#take();
  }

  /** Closes the open part and segment, the channel goes on: before a stop of the process. */
  flush(): PackagerEvent[] {
    this.#closeEpoch();
    return this.#take();
  }

  /** Closes the open part and segment; ENDLIST from here on. */
  end(): PackagerEvent[] {
    if (this.#ended) return [];
    this.#closeEpoch();
    this.#ended = true;
    for (const window of this.#windows.values()) window.ended = true;
    this.#out.push({ type: 'ended' });
    return this.#take();
  }

  #take(): PackagerEvent[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  #drop(track: string, reason: DropReason): void {
    this.#out.push({ type: 'dropped', track, reason });
  }

  #beginEpoch(zeroUnixMs: number): Epoch {
    this.#closeEpoch();
    const epoch: Epoch = {
      number: this.#nextEpoch,
      zeroUnixMs,
      tracks: new Map(
        [...this.#windows].map(([name, window]) => [name, new RenditionTrack(window.rendition)]),
      ),
      configs: new Map(),
      initialised: new Set(),
      audioClock: new AudioClock(),
      earlyAudio: [],
      grid: undefined,
    };
    this.#nextEpoch += 1;
    this.#epoch = epoch;
    for (const window of this.#windows.values()) window.beginEpoch(epoch.number);
    this.#out.push({ type: 'epoch', epoch: epoch.number });
    return epoch;
  }

  #setConfig(epoch: Epoch, config: TrackConfig): void {
    const isAudio = config.track === AUDIO_TRACK;
    if (!isAudio && !epoch.tracks.get(config.track)?.hasVideo) {
      this.#drop(config.track, 'unknown-track');
      return;
    }
    const usable = isAudio
      ? config.codec === 'aac' && config.config.byteLength >= 2
      : config.codec === 'avc' && isAvcConfig(config.config);
    if (!usable) {
      this.#drop(config.track, 'bad-config');
      return;
    }
    const known = epoch.configs.get(config.track);
    if (known && sameBytes(known, config.config)) return;
    let target = epoch;
    if (known) {
      // Coded differently from here on: new init segments, that is a new epoch on the same timeline.
      const configs = [...epoch.configs];
      target = this.#beginEpoch(epoch.zeroUnixMs);
      for (const [track, bytes] of configs) target.configs.set(track, bytes);
    }
    target.configs.set(config.track, config.config);
    if (target.configs.has(AUDIO_TRACK)) {
      for (const track of target.tracks.values()) this.#initialise(target, track);
    }
  }

  /** Publishes the init segment once the configurations are known. */
  #initialise(epoch: Epoch, track: RenditionTrack): boolean {
    const { rendition } = track;
    const window = this.#windows.get(rendition.name);
    if (epoch.initialised.has(rendition.name)) return true;
    const videoConfig = epoch.configs.get(rendition.name);
    if (!window || (rendition.kind === 'video' && !videoConfig)) return false;
    const audio = epoch.configs.get(AUDIO_TRACK) ?? DEFAULT_AUDIO_CONFIG;
    epoch.configs.set(AUDIO_TRACK, audio);
    epoch.initialised.add(rendition.name);
    const video =
      rendition.kind === 'video' && videoConfig ? { ...rendition, config: videoConfig } : undefined;
    const data = writeInitSegment({ audio: { config: audio }, ...(video ? { video } : {}) });
    const codecs = [...(video ? [avcCodec(video.config)] : []), aacCodec(audio)].join(',');
    window.codecs = codecs;
    const name = initName(rendition.name, epoch.number);
    this.#out.push({ type: 'init', rendition: rendition.name, epoch: epoch.number, name, data, codecs });
    return true;
  }

  #addSample(epoch: Epoch, sample: Sample): void {
    const { track: name, ptsNs, dtsNs } = sample;
    if (![ptsNs, dtsNs].every((ns) => Number.isSafeInteger(Math.round(ns)) && ns >= 0)) {
      this.#drop(name, 'bad-time');
      return;
    }
    if (
      epoch.grid &&
      dtsNs > this.#furthestNs(epoch, epoch.grid) + 10 * this.#profile.targetDurationS * 1e9
    ) {
      this.#drop(name, 'bad-time');
      return; // one wild timestamp must not make an hour of gaps
    }
    if (name === AUDIO_TRACK) this.#addAudio(epoch, sample);
    else this.#addVideo(epoch, sample);
    this.#advance(epoch, 0);
  }

  #addAudio(epoch: Epoch, sample: Sample): void {
    const startTicks = epoch.audioClock.place(sample.ptsNs);
    if (startTicks === undefined) {
      this.#drop(AUDIO_TRACK, 'backwards');
      return;
    }
    const frame = { startTicks, data: sample.data };
    if (epoch.grid) {
      for (const track of epoch.tracks.values()) track.addAudio(frame);
      return;
    }
    epoch.earlyAudio.push(frame);
    if (epoch.earlyAudio.length > MAX_QUEUED_AUDIO_FRAMES) epoch.earlyAudio.shift();
  }

  #addVideo(epoch: Epoch, sample: Sample): void {
    const track = epoch.tracks.get(sample.track);
    if (!track?.hasVideo) {
      this.#drop(sample.track, 'unknown-track');
      return;
    }
    if (!epoch.configs.has(sample.track)) {
      this.#drop(sample.track, 'no-config');
      return;
    }
    if (!epoch.grid) {
      if (!sample.keyframe) {
        this.#drop(sample.track, 'waiting-for-keyframe');
        return;
      }
      this.#setOrigin(epoch, sample.dtsNs, sample.ptsNs);
    }
    if (!epoch.grid) return;
    const refusal = track.addFrame(epoch.grid, sample);
    if (refusal) this.#drop(sample.track, refusal);
  }

  #setOrigin(epoch: Epoch, dtsNs: number, ptsNs: number): void {
    const grid = createGrid(this.#profile, dtsNs, ptsNs);
    epoch.grid = grid;
    const startTicks = nsToTicks(ptsNs, AUDIO_SAMPLE_RATE);
    for (const frame of epoch.earlyAudio) {
      if (frame.startTicks < startTicks) continue;
      for (const track of epoch.tracks.values()) track.addAudio(frame);
    }
    epoch.earlyAudio = [];
  }

  get #stallNs(): number {
    return 2 * this.#profile.targetDurationS * 1e9;
  }

  /** End of the newest video slot of any rendition, on the decode timeline. */
  #videoEdgeNs(epoch: Epoch, grid: Grid): number {
    let newest = -1;
    for (const track of epoch.tracks.values()) newest = Math.max(newest, track.newestSlot);
    return newest < 0 ? 0 : grid.originNs + (newest + 1) * FRAME_NS;
  }

  #furthestNs(epoch: Epoch, grid: Grid): number {
    let furthest = this.#videoEdgeNs(epoch, grid);
    for (const track of epoch.tracks.values()) furthest = Math.max(furthest, partStartNs(grid, track.cursor));
    return furthest;
  }

  /** Cuts every part that is due. */
  #advance(epoch: Epoch, nowNs: number): void {
    const { grid } = epoch;
    if (!grid) return;
    for (const track of epoch.tracks.values()) {
      let gaps = 0;
      while (gaps < grid.partsPerSegment) {
        const due = this.#due(epoch, grid, track, nowNs);
        if (due === 'no') break;
        if (due === 'stalled') gaps += 1;
        this.#cut(epoch, grid, track, partStartNs(grid, track.cursor + 1));
      }
    }
  }

  #due(epoch: Epoch, grid: Grid, track: RenditionTrack, nowNs: number): 'no' | 'ready' | 'stalled' {
    const endNs = partStartNs(grid, track.cursor + 1);
    const videoEdgeNs = this.#videoEdgeNs(epoch, grid);
    const endTicks = nsToTicks(presentationNs(grid, endNs), AUDIO_SAMPLE_RATE);
    const audioTicks = epoch.audioClock.nextTicks ?? 0;
    const audioReady = audioTicks >= endTicks;
    if (track.hasVideo && track.videoReady(grid)) {
      // Patience is counted in pictures that came, not by the clock: the encoders' own delay is no lateness.
      const patienceOver = endNs + AUDIO_PATIENCE_NS <= videoEdgeNs || endNs + this.#stallNs <= nowNs;
      return audioReady || patienceOver ? 'ready' : 'no';
    }
    if (!track.hasVideo && audioReady) return 'ready';
    if (endNs + this.#profile.targetDurationS * 1e9 <= videoEdgeNs) return 'stalled';
    const audioEdgeNs = ticksToNs(audioTicks, AUDIO_SAMPLE_RATE) - grid.originPresentationNs + grid.originNs;
    return endNs + this.#stallNs <= Math.max(audioEdgeNs, nowNs) ? 'stalled' : 'no';
  }

  #cut(epoch: Epoch, grid: Grid, track: RenditionTrack, endNs: number): void {
    const name = track.rendition.name;
    const window = this.#windows.get(name);
    if (!window) return;
    const startNs = partStartNs(grid, track.cursor);
    const initialised = this.#initialise(epoch, track);
    const cut = track.cut(grid, endNs);
    const data = initialised ? cut.data : undefined;
    if (!window.open) {
      const startMs = presentationNs(grid, startNs) / NS_PER_MS;
      window.openSegment({
        discontinuity: this.#hasHistory && track.cursor === 1,
        programDateTimeMs: epoch.zeroUnixMs + startMs,
      });
      if (window.open) this.#out.push({ type: 'segment-opened', rendition: name, segment: window.open });
    }
    const segment = window.open;
    if (!segment) return;
    const part: Part = {
      index: segment.parts.length,
      name: window.next.name,
      durationMs: (endNs - startNs) / NS_PER_MS,
      independent: data !== undefined && cut.independent,
      gap: data === undefined,
      byteLength: data?.byteLength ?? 0,
      data,
    };
    segment.parts.push(part);
    this.#out.push({ type: 'part', rendition: name, segment, part });
    if (track.cursor % grid.partsPerSegment === 0) this.#closeSegment(window);
  }

  #closeSegment(window: SegmentWindow): void {
    const segment = window.closeSegment();
    if (segment) this.#out.push({ type: 'segment-closed', rendition: window.rendition.name, segment });
  }

  /** All renditions up to the same instant: the end of the newest frame of any. Then nobody is in an open segment. */
  #closeEpoch(): void {
    const epoch = this.#epoch;
    this.#epoch = undefined;
    if (!epoch?.grid) return;
    const { grid } = epoch;
    const tracks = [...epoch.tracks.values()];
    let endNs = Math.max(...tracks.map((track) => track.queuedEndNs(grid)));
    if (!tracks.some((track) => track.hasVideo) && epoch.audioClock.nextTicks !== undefined) {
      const audioEndNs = ticksToNs(epoch.audioClock.nextTicks - AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE);
      endNs = Math.max(endNs, grid.originNs + slotOf(grid, audioEndNs) * FRAME_NS);
    }
    for (const track of tracks) {
      while (partStartNs(grid, track.cursor) < endNs) {
        this.#cut(epoch, grid, track, Math.min(endNs, partStartNs(grid, track.cursor + 1)));
      }
      const window = this.#windows.get(track.rendition.name);
      if (window) this.#closeSegment(window);
    }
    if (tracks.some((track) => track.cursor > 0)) this.#hasHistory = true;
  }
}

function trackOf(event: EncoderEvent): string {
  if (event.type === 'sample') return event.sample.track;
  return event.type === 'config' ? event.config.track : 'epoch';
}
