/** One live channel: its output, and the compositor that feeds it, restarted on the same timeline whenever it dies. */
import { RostrumError } from '@rostrum/contracts/errors';
import {
  type BroadcastSource,
  type ChannelPressure,
  NO_PRESSURE,
  type WithheldSource,
} from '@rostrum/contracts/node-socket';
import type { LatencyProfile } from '@rostrum/contracts/profile';
import type { Scene } from '@rostrum/contracts/scene';
import type { Logger } from '@rostrum/service-kit/logger';
import type { PictureCap } from '../compositor/guard/verdict.ts';
import type { CompositorStats, Request, SourceLocal } from '../compositor/messages.ts';
import { IsolatedTracks } from '../isolated/isolated-tracks.ts';
import { SceneLog } from '../isolated/scene-log.ts';
import type { EncoderEvent } from '../media/samples.ts';
import type { ChannelEnd, ChannelOutput, Clock } from '../output/interface.ts';
import { CompositorProcess, type Crash } from './compositor-process.ts';
import { Quarantine } from './quarantine.ts';

/**
 * Longest waits before the next compositor, ms, when the last ones died young; half of each is chance. One that lived is
 * replaced at once: viewers have seconds. What dies again and again is not mended by another start, which costs more than a second of work.
 */
const RESTART_MS = [0, 250, 500, 1000, 2000, 5000, 10_000, 30_000] as const;
const LIVED_MS = 10_000;
/** This many young deaths in a row are told to the coordinator; attempts go on. */
const FAILED_AFTER = 5;

export interface ChannelOptions {
  readonly channelId: string;
  readonly profile: LatencyProfile;
  readonly scene: Scene;
  /** Music is played, before a show. Default: none. */
  readonly bed?: boolean;
  readonly output: ChannelOutput;
  /** Where its files are. */
  readonly folder: string;
  readonly mediaIp: string;
  /** The largest picture of a source that is decoded. */
  readonly pictureCap: PictureCap;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A compositor was started again, the `epoch`-th since the channel began: its sources have to be added anew. */
  readonly onEpoch: (epoch: number) => void;
  readonly onFailed: (message: string) => void;
  /** What records its tracks was started again: its sources have to be added anew. */
  readonly onTracksLost: () => void;
}

type State =
  | { readonly is: 'composing'; readonly compositor: CompositorProcess; readonly sinceMs: number }
  | { readonly is: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly is: 'over' };

export class Channel {
  readonly channelId: string;
  readonly profile: LatencyProfile;
  readonly output: ChannelOutput;
  /** Unmixed beside the programme. Nothing runs before the first source is added. */
  readonly tracks: IsolatedTracks;
  readonly #scenes: SceneLog;
  /** Monotonic milliseconds. */
  readonly startedMs = performance.now();
  readonly #options: ChannelOptions;
  readonly #timelineZeroUnixMs: number;
  #state: State;
  #scene: Scene;
  #bed: boolean;
  #epoch = 0;
  #deaths = 0;
  /** Programme time already given out. */
  #givenNs = 0;
  /** Of the compositor that runs, and of those before it. */
  #stats: CompositorStats | null = null;
  #past = { framesOut: 0, framesSkipped: 0, packetsRefused: 0, sourceRestarts: 0 };
  #end: Promise<ChannelEnd> | null = null;
  readonly #quarantine = new Quarantine();
  /** Of the compositor that runs. */
  readonly #sourceIds = new Set<string>();

  /** Starts composing at once. */
  constructor(options: ChannelOptions) {
    this.#options = options;
    this.channelId = options.channelId;
    this.profile = options.profile;
    this.output = options.output;
    this.#scene = options.scene;
    this.#bed = options.bed ?? false;
    this.#timelineZeroUnixMs = options.clock.nowUnixMs();
    const zeroMs = performance.now();
    const nowUnixMs = (): number => this.#timelineZeroUnixMs + performance.now() - zeroMs;
    const { folder, logger } = options;
    this.#scenes = new SceneLog({ folder, nowUnixMs, logger });
    this.#scenes.note(options.scene);
    this.tracks = new IsolatedTracks({
      channelId: options.channelId,
      folder: options.folder,
      mediaIp: options.mediaIp,
      nowUnixMs,
      logger: options.logger,
      onLost: options.onTracksLost,
      onFile: ({ file, byteLength }) => {
        this.#scenes.begin();
        options.output.addTrackFile(file, byteLength);
      },
    });
    this.#state = this.#compose();
  }

  /** Resolves when the first compositor plays; rejects when it died before (the next one is on its way then). */
  started(): Promise<void> {
    return this.#state.is === 'composing'
      ? this.#state.compositor.started
      : Promise.reject(new RostrumError('unavailable', 'the compositor did not start'));
  }

  /** Remembered also while there is no compositor: the next one begins with it. */
  async setScene(scene: Scene): Promise<void> {
    this.#scene = scene;
    this.#scenes.note(scene);
    await this.#tell({ type: 'scene', scene });
  }

  /** The same of the music. */
  async setBed(plays: boolean): Promise<void> {
    if (plays === this.#bed) return;
    this.#bed = plays;
    await this.#tell({ type: 'bed', plays });
  }

  async #tell(request: Request): Promise<void> {
    if (this.#state.is !== 'composing') return;
    const { compositor } = this.#state;
    try {
      await compositor.started;
      await compositor.request(request);
    } catch (error) {
      // Its successor starts with it; anything else is the caller's to know.
      if (error instanceof RostrumError && error.code === 'unavailable') return;
      throw error;
    }
  }

  /** Adds or replaces a source. @throws RostrumError `unavailable` while the compositor restarts */
  async addSource(source: BroadcastSource): Promise<SourceLocal & { readonly run: number }> {
    const compositor = await this.#compositor();
    const run = this.#epoch;
    const trust = this.#quarantine.add(source);
    const local = await compositor.request({ type: 'source.add', source, trust });
    if (!local) throw new RostrumError('internal', 'the compositor gave no address');
    this.#sourceIds.add(source.sourceId);
    return { ...local, run };
  }

  async removeSource(sourceId: string): Promise<void> {
    this.#sourceIds.delete(sourceId);
    this.#quarantine.remove(sourceId);
    if (this.#state.is !== 'composing') return; // its sources went with it
    await (await this.#compositor()).request({ type: 'source.remove', sourceId });
  }

  /** For a coordinator that starts anew and knows of none of them. */
  async removeSources(): Promise<void> {
    await Promise.all([...this.#sourceIds].map((sourceId) => this.removeSource(sourceId)));
  }

  /** Ends the show: the compositor stops, the recording stands. Its tracks are put in order meanwhile. Idempotent. */
  end(): Promise<ChannelEnd> {
    this.#end ??= this.#stopComposing().then(() => this.output.end(this.#closeTracks()));
    return this.#end;
  }

  /** Stops without ending, so that the channel can be continued by another process. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#stopComposing(), this.#closeTracks()]);
    await this.output.close();
  }

  async #closeTracks(): Promise<void> {
    await this.tracks.close();
    await this.#scenes.settled();
  }

  /** Whose media is sent and not in the picture, and why. */
  get withheld(): readonly WithheldSource[] {
    return this.#quarantine.withheld();
  }

  get ended(): boolean {
    return this.#end !== null;
  }

  /** For metrics. `pid` of the compositor, while there is one. */
  status(): {
    readonly epoch: number;
    readonly pid: number | undefined;
    readonly stats: CompositorStats | null;
    /** What the machine's lack of time costs the picture. */
    readonly pressure: ChannelPressure;
    readonly framesOut: number;
    readonly framesSkipped: number;
    readonly packetsRefused: number;
    readonly sourceRestarts: number;
  } {
    const now = this.#stats;
    return {
      epoch: this.#epoch,
      pid: this.#state.is === 'composing' ? this.#state.compositor.pid : undefined,
      stats: now,
      pressure: now?.pressure ?? NO_PRESSURE,
      framesOut: this.#past.framesOut + (now?.framesOut ?? 0),
      framesSkipped: this.#past.framesSkipped + (now?.framesSkipped ?? 0),
      packetsRefused: this.#past.packetsRefused + (now?.packetsRefused ?? 0),
      sourceRestarts: this.#past.sourceRestarts + (now?.sourceRestarts ?? 0),
    };
  }

  async #compositor(): Promise<CompositorProcess> {
    if (this.#state.is !== 'composing') throw new RostrumError('unavailable', 'the compositor restarts');
    const { compositor } = this.#state;
    await compositor.started;
    return compositor;
  }

  #compose(): State {
    const { mediaIp, pictureCap, logger, profile, channelId } = this.#options;
    this.#epoch += 1;
    this.#sourceIds.clear();
    const epoch = this.#epoch;
    // The machine is no faster than it was: its successor does not try everything again first.
    const step = this.#stats?.pressure.step ?? 0;
    this.#keepStats();
    this.output.push({ type: 'epoch', epoch, timelineZeroUnixMs: this.#timelineZeroUnixMs });
    const begunMs = performance.now();
    const compositor: CompositorProcess = new CompositorProcess(
      {
        type: 'start',
        profile: profile.name,
        scene: this.#scene,
        timelineZeroUnixMs: this.#timelineZeroUnixMs,
        notBeforeNs: this.#givenNs,
        mediaIp,
        step,
        pictureCap,
        bed: this.#bed,
      },
      {
        onEvent: (event) => this.#onEvent(event),
        onStats: (stats) => {
          this.#stats = stats;
        },
        onLog: (level, message, fields) => logger[level]({ channelId, epoch, ...fields }, message),
        onSource: (sourceId, news) => this.#quarantine.note(sourceId, news),
        onExit: (why, crash) => this.#onExit(compositor, why, crash),
      },
    );
    compositor.started.then(
      () => {
        const startMs = Math.round(performance.now() - begunMs);
        logger.info({ channelId, epoch, pid: compositor.pid, startMs }, 'compositor plays');
        if (epoch > 1) this.#options.onEpoch(epoch);
      },
      () => undefined, // told by onExit
    );
    return { is: 'composing', compositor, sinceMs: begunMs };
  }

  #onEvent(event: EncoderEvent): void {
    if (event.type === 'sample') {
      this.#givenNs = Math.max(this.#givenNs, event.sample.ptsNs + event.sample.durationNs);
    }
    this.output.push(event);
  }

  #onExit(compositor: CompositorProcess, why: string, crash: Crash | null): void {
    const state = this.#state;
    if (state.is !== 'composing' || state.compositor !== compositor) return;
    const livedMs = performance.now() - state.sinceMs;
    this.#deaths = livedMs > LIVED_MS ? 0 : this.#deaths + 1;
    const mostMs = RESTART_MS[Math.min(Math.max(0, this.#deaths - 1), RESTART_MS.length - 1)] ?? 30_000;
    const delayMs = Math.round(mostMs * (1 - Math.random() / 2));
    const { channelId, logger } = this.#options;
    logger.error(
      { channelId, epoch: this.#epoch, why, livedMs: Math.round(livedMs), delayMs },
      'compositor died',
    );
    for (const { sourceId, personId } of this.#quarantine.died(crash)) {
      logger.error(
        { channelId, sourceId, personId },
        'a source killed compositors: it is not decoded any more',
      );
    }
    if (this.#deaths === FAILED_AFTER) this.#options.onFailed(why);
    this.#state = {
      is: 'waiting',
      timer: setTimeout(() => {
        if (this.#state.is === 'waiting') this.#state = this.#compose();
      }, delayMs),
    };
  }

  async #stopComposing(): Promise<void> {
    const state = this.#state;
    this.#state = { is: 'over' };
    this.#keepStats();
    switch (state.is) {
      case 'composing':
        return state.compositor.stop();
      case 'waiting':
        return clearTimeout(state.timer);
      case 'over':
        return;
    }
  }

  /** Counts of a compositor that ends go on counting. */
  #keepStats(): void {
    const last = this.#stats;
    this.#stats = null;
    if (!last) return;
    this.#past.framesOut += last.framesOut;
    this.#past.framesSkipped += last.framesSkipped;
    this.#past.packetsRefused += last.packetsRefused;
    this.#past.sourceRestarts += last.sourceRestarts;
  }
}
