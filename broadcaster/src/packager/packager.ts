/**
 * The packager: encoder events in; init segments, parts and segments out. Pure: no clock, no timers, no files.
 *
 * Rules of the cut
 * - All renditions share one grid per epoch (`grid.ts`), so MSNs, part boundaries and PROGRAM-DATE-TIMEs are the same.
 * - A part is out as soon as its last frame slot and the audio frames that start inside it are here.
 * - Audio never holds video up: once video is `AUDIO_PATIENCE_NS` past a part's end, the part goes without, and the audio
 *   that comes later goes, with its true time, into the next part.
 * - A rendition that stalls while the others go on gets GAP parts, when they are a TARGETDURATION ahead; one that is paused
 *   gets them in step with the others.
 * - When everything stalls, two TARGETDURATIONs of silence close the open segment; what comes afterwards is a new epoch
 *   behind a DISCONTINUITY, with true PROGRAM-DATE-TIMEs. No gap that every rendition has is ever listed: hls.js 1.7
 *   does not get over one in low-latency mode.
 */
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import type { MediaEvent, TrackConfig } from '../media/samples.ts';
import { Epoch, type SampleRefusal } from './epoch.ts';
import { type Grid, partStartNs, presentationNs } from './grid.ts';
import { initName } from './names.ts';
import type { RenditionTrack } from './rendition-track.ts';
import { NS_PER_MS } from './ticks.ts';
import { type Part, type RenditionWindow, type Segment, SegmentWindow } from './window.ts';

export type DropReason = SampleRefusal | 'no-epoch' | 'bad-config' | 'ended';

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

/** MSNs begin at 1: a player that reads 0 as "not there" has nothing to trip over. */
const FIRST_MSN = 1;

/** About a second of a ladder of four. */
const STRAYS_OF_A_LEAP = 120;

export class Packager {
  readonly #profile: LatencyProfile;
  readonly #windows: ReadonlyMap<string, SegmentWindow>;
  #epoch: Epoch | undefined;
  #nextEpoch: number;
  #hasHistory: boolean;
  #ended = false;
  /** Samples in a row whose times don't fit. */
  #strays = 0;
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

  /** The segment will never be on disk: it leaves the window with its bytes. */
  markLost(rendition: string, msn: number): void {
    this.#windows.get(rendition)?.markLost(msn);
  }

  push(event: MediaEvent): PackagerEvent[] {
    if (this.#ended) return [{ type: 'dropped', track: trackOf(event), reason: 'ended' }];
    if (event.type === 'epoch') this.#beginEpoch(event.timelineZeroUnixMs);
    else if (!this.#epoch) this.#drop(trackOf(event), 'no-epoch');
    else this.#feed(this.#epoch, event);
    return this.#take();
  }

  #feed(epoch: Epoch, event: Exclude<MediaEvent, { readonly type: 'epoch' }>): void {
    switch (event.type) {
      case 'config':
        this.#setConfig(epoch, event.config);
        return;
      case 'sample': {
        const refusal = epoch.addSample(event.sample);
        if (refusal) this.#drop(event.sample.track, refusal);
        this.#advance(epoch, 0);
        this.#followLeap(epoch, refusal);
        return;
      }
      case 'pause':
      case 'resume':
        if (!epoch.turn(event.track, event.fromNs, event.type === 'pause'))
          this.#drop(event.track, 'unknown-track');
    }
  }

  /**
   * Says how late it is on the running epoch's timeline, for encoders that have stalled. Call it every part or so. One
   * call makes at most a segment of gaps a rendition.
   */
  tick(nowTimelineNs: number): PackagerEvent[] {
    const epoch = this.#epoch;
    if (!epoch || this.#ended) return [];
    epoch.startWithoutPictures(nowTimelineNs);
    if (epoch.isSilent(nowTimelineNs)) this.#initialiseAll(this.#beginEpoch(epoch.zeroUnixMs, epoch.configs));
    else this.#advance(epoch, nowTimelineNs);
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

  #beginEpoch(zeroUnixMs: number, configs?: Epoch['configs']): Epoch {
    this.#closeEpoch();
    const epoch = new Epoch({
      number: this.#nextEpoch,
      zeroUnixMs,
      profile: this.#profile,
      ladder: this.windows.map(({ rendition }) => rendition),
      ...(configs ? { configs } : {}),
    });
    this.#nextEpoch += 1;
    this.#epoch = epoch;
    for (const window of this.#windows.values()) window.beginEpoch(epoch.number);
    this.#out.push({ type: 'epoch', epoch: epoch.number });
    return epoch;
  }

  /**
   * One wild time is dropped. When every sample is off, the encoders' timeline has leapt (the machine slept): it is
   * taken up where it is now, as a new epoch.
   */
  #followLeap(epoch: Epoch, refusal: SampleRefusal | undefined): void {
    if (refusal === 'bad-time' || refusal === 'late' || refusal === 'backwards') this.#strays += 1;
    else if (!refusal) this.#strays = 0;
    if (this.#strays < STRAYS_OF_A_LEAP) return;
    this.#strays = 0;
    this.#initialiseAll(this.#beginEpoch(epoch.zeroUnixMs, epoch.configs));
  }

  #setConfig(epoch: Epoch, config: TrackConfig): void {
    const result = epoch.setConfig(config);
    switch (result) {
      case 'known':
        return;
      case 'unknown-track':
      case 'bad-config':
        this.#drop(config.track, result);
        return;
      case 'taken':
        this.#initialiseAll(epoch);
        return;
      case 'changed': {
        const configs = new Map(epoch.configs).set(config.track, config.config);
        this.#initialiseAll(this.#beginEpoch(epoch.zeroUnixMs, configs));
      }
    }
  }

  /** As soon as they are known: a player asks for the init segment before the first part. */
  #initialiseAll(epoch: Epoch): void {
    for (const track of epoch.tracks.values()) if (epoch.isConfigured(track)) this.#initialise(epoch, track);
  }

  /** Publishes the init segment. Returns whether there is one. */
  #initialise(epoch: Epoch, track: RenditionTrack): boolean {
    const init = epoch.initialise(track);
    if (init === 'known' || init === 'missing') return init === 'known';
    const rendition = track.rendition.name;
    const window = this.#windows.get(rendition);
    if (window) window.codecs = init.codecs;
    const name = initName(rendition, epoch.number);
    this.#out.push({ type: 'init', rendition, epoch: epoch.number, name, ...init });
    return true;
  }

  /** Cuts every part that is due. */
  #advance(epoch: Epoch, nowNs: number): void {
    const { grid } = epoch;
    if (!grid) return;
    for (const track of epoch.tracks.values()) {
      let gaps = 0;
      while (gaps < grid.partsPerSegment) {
        const due = epoch.due(grid, track, nowNs);
        if (due === 'no') break;
        if (due === 'stalled') gaps += 1;
        this.#cut(epoch, grid, track, partStartNs(grid, track.cursor + 1));
      }
    }
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
      ...(data === undefined || cut.keyFrameLength === undefined
        ? {}
        : { keyFrameLength: cut.keyFrameLength }),
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

  /** All renditions up to the same instant (`Epoch.endNs`). Then nobody is in an open segment. */
  #closeEpoch(): void {
    const epoch = this.#epoch;
    this.#epoch = undefined;
    if (!epoch?.grid) return;
    const { grid } = epoch;
    const tracks = [...epoch.tracks.values()];
    const endNs = epoch.endNs(grid);
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

function trackOf(event: MediaEvent): string {
  switch (event.type) {
    case 'epoch':
      return 'epoch';
    case 'config':
      return event.config.track;
    case 'sample':
      return event.sample.track;
    case 'pause':
    case 'resume':
      return event.track;
  }
}
