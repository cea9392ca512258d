import { isDeepStrictEqual } from 'node:util';
import { type ErrorCode, type LiveChannel, RostrumError, type WebinarState } from '@rostrum/contracts';
import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import { Broadcast, pressureOf, withheldOf } from './broadcast.ts';
import { ChannelStart } from './channel-start.ts';
import { directAutomatically, NO_SPEAKER, type SpeakerMemory, steadySpeaker } from './direct.ts';
import { Doors, holdingOf } from './doors.ts';
import { Ending } from './ending.ts';
import type { NodeMoods } from './health.ts';
import type { IceServersOf } from './ice-servers.ts';
import { nextShow, type ShowIs, type ShowWord, wordOf } from './lifecycle.ts';
import type { MediaHealth, WordSide } from './media-plane.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import { recordingTrouble } from './recording-trouble.ts';
import { Stage } from './stage.ts';

/** A broadcast in its state, with what that state owns; whoever leaves a state closes it. */
type Air =
  | { readonly is: 'idle'; readonly failed: ErrorCode | null }
  | { readonly is: 'opening'; readonly start: ChannelStart }
  /** `failed`: a going live that did not come about. */
  | { readonly is: 'doors'; readonly doors: Doors; readonly failed: ErrorCode | null }
  | { readonly is: 'starting'; readonly start: ChannelStart }
  | { readonly is: 'dormant'; readonly channel: LiveChannel }
  | { readonly is: 'onAir'; readonly broadcast: Broadcast }
  | { readonly is: 'ending'; readonly ending: Ending }
  | { readonly is: 'over' };

export interface ShowOptions {
  readonly webinarId: string;
  readonly nodes: NodeRegistry;
  readonly words: WordSide;
  readonly iceServers: IceServersOf;
  readonly pick: (channelId: string, except?: ReadonlySet<MediaNode>) => MediaNode | null;
  readonly moods: NodeMoods;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly nowUnixMs: () => number;
}

const DIRECT_RETRY = { firstMs: 500, maxMs: 10_000 } as const;
/** A show that nothing keeps is let go after this. */
const UNUSED_MS = 30_000;

/** One webinar's media: its stage, and its broadcast from the first start to the word on its recording. */
export class Show {
  readonly webinarId: string;
  readonly stage: Stage;
  readonly #o: ShowOptions;
  #air: Air = { is: 'idle', failed: null };
  #speaker: SpeakerMemory = NO_SPEAKER;
  readonly #director: Reconciler;
  #unusedSinceMs: number | null = null;

  constructor(options: ShowOptions) {
    this.#o = options;
    this.webinarId = options.webinarId;
    const { nodes, words, iceServers, logger, nowMs, nowUnixMs, webinarId } = options;
    this.stage = new Stage({
      webinarId,
      nodes,
      words,
      iceServers,
      logger,
      nowMs,
      nowUnixMs,
      events: {
        changed: () => {
          if (this.#air.is === 'onAir') this.#air.broadcast.changed();
          this.direct();
        },
        speakers: ({ dominant }) => {
          const before = this.#speaker.speaker;
          this.#speaker = steadySpeaker(this.#speaker, dominant, nowMs());
          if (this.#speaker.speaker !== before) this.direct();
        },
      },
    });
    this.#director = new Reconciler({
      reconcile: () => this.#direct(),
      backoff: DIRECT_RETRY,
      failed: (error) =>
        logger.warn({ err: error, webinarId }, 'automatic direction could not be logged; it is tried again'),
    });
  }

  get is(): ShowIs {
    return this.#air.is;
  }

  /** Of the channel that runs, is to run, or ran; null: there is none. */
  get channelId(): string | null {
    const air = this.#air;
    if (air.is === 'starting' || air.is === 'opening') return air.start.channelId;
    if (air.is === 'doors') return air.doors.channel.channelId;
    if (air.is === 'dormant') return air.channel.channelId;
    if (air.is === 'onAir') return air.broadcast.channel.channelId;
    return air.is === 'ending' ? air.ending.channel.channelId : null;
  }

  /** Where the channel runs, as far as is known. */
  get broadcaster(): MediaNode | null {
    if (this.#air.is === 'starting' || this.#air.is === 'opening') return this.#air.start.node;
    if (this.#air.is === 'doors') return this.#air.doors.node;
    return this.#air.is === 'onAir' ? this.#air.broadcast.node : null;
  }

  /** The log moved. */
  look(state: WebinarState): void {
    this.#hear(wordOf(state.phase), state);
  }

  /** The coordinator starts, and finds the webinar like this in its log. */
  find(state: WebinarState): void {
    const word = wordOf(state.phase);
    this.#hear(word === 'live' ? 'found-live' : word, state);
  }

  /** Somebody is there, or a broadcaster came that runs the channel. */
  attend(): void {
    const state = this.#o.words.state(this.webinarId);
    if (state) this.#hear('attend', state);
  }

  /** Starts the channel's output before the log knows it. Throws as `ChannelStart.run`; then nothing of it runs. */
  async startChannel(channelId: string, state: WebinarState): Promise<{ originUrl: string }> {
    if (nextShow(this.#air.is, 'start') === 'starting' && this.#air.is !== 'starting') {
      const begins = ({ scene, keepsTracks }: WebinarState) => ({ scene, tracks: keepsTracks });
      this.#become({ is: 'starting', start: new ChannelStart({ ...this.#o, channelId, begins }) });
    }
    if (this.#air.is !== 'starting') {
      throw new RostrumError('conflict', `a webinar that is ${this.#air.is} is not started`);
    }
    return this.#run(this.#air.start, state);
  }

  /** The same, to run before the show. */
  async openDoors(channelId: string, state: WebinarState): Promise<{ originUrl: string }> {
    if (nextShow(this.#air.is, 'open') === 'opening' && this.#air.is !== 'opening') {
      const begins = (now: WebinarState) => holdingOf(now, this.#o.nowUnixMs());
      this.#become({ is: 'opening', start: new ChannelStart({ ...this.#o, channelId, begins }) });
    }
    if (this.#air.is !== 'opening') {
      throw new RostrumError('conflict', `the doors of a webinar that is ${this.#air.is} are not opened`);
    }
    return this.#run(this.#air.start, state);
  }

  async #run(start: ChannelStart, state: WebinarState): Promise<{ originUrl: string }> {
    try {
      return await start.run(state);
    } catch (error) {
      this.#giveUp(start, error);
      throw error;
    }
  }

  /** The log could not take what was started. */
  withdraw(): void {
    if (this.#air.is === 'starting' || this.#air.is === 'opening') this.#giveUp(this.#air.start, null);
  }

  /** Where the doors are open, the channel goes on as it was before; else what runs of it is stopped. */
  #giveUp(start: ChannelStart, error: unknown): void {
    const air = this.#air;
    if ((air.is !== 'starting' && air.is !== 'opening') || air.start !== start) return;
    const failed = air.is === 'starting' && error !== null ? start.failure(error) : null;
    const state = this.#o.words.state(this.webinarId);
    if (state && wordOf(state.phase) === 'doors') {
      start.close();
      this.#openDoors(state, null, failed);
      return;
    }
    start.withdraw();
    this.#become({ is: 'idle', failed });
  }

  /** Brings the broadcast in line, or asks again for what is waited for. */
  changed(): void {
    if (this.#air.is === 'onAir') this.#air.broadcast.changed();
    else if (this.#air.is === 'doors') this.#air.doors.changed();
    else if (this.#air.is === 'ending') this.#air.ending.ask();
  }

  beat(node: MediaNode): void {
    if (node.description.kind === 'sfu') this.stage.beat(node);
    else if (this.#air.is === 'onAir') this.#air.broadcast.beat(node);
    else if (this.#air.is === 'doors') this.#air.doors.beat(node);
  }

  nodeDown(node: MediaNode): void {
    if (node.description.kind === 'sfu') this.stage.nodeDown(node);
    else if (this.#air.is === 'onAir') this.#air.broadcast.nodeDown(node);
    else if (this.#air.is === 'doors') this.#air.doors.nodeDown(node);
    else if (this.#air.is === 'ending') this.#air.ending.nodeDown(node);
  }

  /** A new compositor plays. The first epoch is the start itself, which nothing was carried to yet. */
  epoch(node: MediaNode, epoch: number): void {
    if (this.broadcaster !== node || epoch <= 1) return;
    if (this.#air.is === 'onAir') this.#air.broadcast.epochChanged();
    else if (this.#air.is === 'doors') this.#air.doors.epoch();
  }

  /** Compositors die one after the other; another is tried. */
  failed(node: MediaNode, message: string): void {
    if (this.broadcaster !== node) return;
    if (this.#air.is === 'onAir') this.#air.broadcast.failed(message);
    else if (this.#air.is === 'doors') this.#air.doors.failed();
  }

  /** The recorder of isolated tracks was started anew. */
  tracksLost(node: MediaNode): void {
    if (this.#air.is === 'onAir' && this.broadcaster === node) this.#air.broadcast.tracksLost();
  }

  egressClosed(egressId: string): void {
    if (this.#air.is === 'onAir') this.#air.broadcast.egressClosed(egressId);
  }

  /** The stage or the direction moved: the scene that automatic direction wants is logged, if it is another. */
  direct(): void {
    if (this.#wish(this.#o.words.state(this.webinarId))) this.#director.changed();
  }

  health(): Omit<MediaHealth, 'downloads'> {
    const { moods } = this.#o;
    const air = this.#air;
    const onAir = air.is === 'onAir' ? air.broadcast : null;
    const runs = onAir ?? (air.is === 'doors' ? air.doors : null);
    return {
      stage: this.stage.wanted ? moods.of(this.stage.node) : { is: 'unused' },
      broadcaster: runs ? moods.of(runs.node) : { is: 'unused' },
      shed: runs ? pressureOf(runs.node, runs.channel.channelId).shed : [],
      withheld: onAir ? this.#withheld(onAir) : [],
      picture: runs?.picture ?? null,
      recording: recordingTrouble(
        (runs?.node ? [runs.node] : this.#o.nodes.broadcasters()).map(({ load }) => load.archive),
      ),
      goingLive:
        air.is === 'starting'
          ? air.start.health()
          : (air.is === 'idle' || air.is === 'doors') && air.failed !== null
            ? { is: 'failed', code: air.failed }
            : null,
    };
  }

  #withheld({ node, channel }: Broadcast): MediaHealth['withheld'] {
    const people = this.#o.words.state(this.webinarId)?.people;
    return withheldOf(node, channel.channelId).map(({ personId, source, reason }) => ({
      name: people?.get(personId)?.name ?? '',
      source,
      reason,
    }));
  }

  /** Looks at what time brings: a stage that nobody is on gives its room back. Whether anything is left to keep the show for. */
  tick(): 'kept' | 'unused' {
    this.stage.tick();
    const busy = this.#air.is !== 'idle' && this.#air.is !== 'over';
    // A start that failed is told for as long as there is somebody to tell.
    const telling = this.#air.is === 'idle' && this.#air.failed !== null;
    if (busy || this.stage.inUse || (telling && this.#o.words.state(this.webinarId))) {
      this.#unusedSinceMs = null;
      return 'kept';
    }
    const nowMs = this.#o.nowMs();
    this.#unusedSinceMs ??= nowMs;
    return nowMs - this.#unusedSinceMs >= UNUSED_MS ? 'unused' : 'kept';
  }

  /** Lets go of all without ending any of it: the coordinator stops, or the webinar is another's now. */
  close(): void {
    this.#leave(this.#air);
    this.#air = { is: 'over' };
    this.#director.close();
    this.stage.close();
  }

  #hear(word: ShowWord, state: WebinarState): void {
    const next = nextShow(this.#air.is, word);
    if (next === this.#air.is) return;
    const { phase } = state;
    const channel = phase.phase === 'scheduled' ? null : phase.channel;
    if (this.#air.is === 'doors' && next !== 'onAir') this.#air.doors.stop();
    if (next === 'doors') this.#openDoors(state, this.broadcaster, null);
    else if (next === 'idle') this.#become({ is: 'idle', failed: null });
    else if (next === 'onAir' && channel) this.#goOnAir(channel);
    else if (next === 'dormant' && channel) this.#become({ is: 'dormant', channel });
    else if (next === 'ending' && channel) this.#end(channel);
    else if (next === 'over') this.#become({ is: 'over' });
  }

  #openDoors({ phase }: WebinarState, node: MediaNode | null, failed: ErrorCode | null): void {
    if (phase.phase !== 'scheduled' || !phase.doors) return;
    const { doors: channel } = phase;
    const pickNode = () => this.#o.pick(channel.channelId);
    const doors = new Doors({ ...this.#o, channel, node, pickNode });
    this.#become({ is: 'doors', doors, failed });
    doors.changed();
  }

  #goOnAir(channel: LiveChannel): void {
    const { nodes, logger, words, nowMs, nowUnixMs, pick } = this.#o;
    const broadcast = new Broadcast({
      webinarId: this.webinarId,
      channel,
      node: this.broadcaster,
      nodes,
      logger,
      sight: () => ({
        state: words.state(this.webinarId),
        room: this.stage.room,
        producers: this.stage.producers,
      }),
      pickNode: () => pick(channel.channelId),
      nowMs,
      nowUnixMs,
    });
    this.#become({ is: 'onAir', broadcast });
    broadcast.changed();
  }

  #end(channel: LiveChannel): void {
    const { nodes, words, logger, nowMs } = this.#o;
    const ranOn = this.broadcaster;
    const ending = new Ending({ webinarId: this.webinarId, channel, ranOn, nodes, words, logger, nowMs });
    const before = this.#air;
    this.#become({ is: 'ending', ending });
    // Not before the compositor is told: it shows its last picture, not what is missing.
    ending.ask();
    if (before.is === 'onAir') void before.broadcast.letGoOfStage();
  }

  #become(next: Air): void {
    this.#leave(this.#air);
    this.#air = next;
  }

  #leave(air: Air): void {
    if (air.is === 'starting' || air.is === 'opening') air.start.close();
    else if (air.is === 'doors') air.doors.close();
    else if (air.is === 'onAir') air.broadcast.close();
    else if (air.is === 'ending') air.ending.close();
  }

  /** The scene automatic direction wants; null: the one there is. */
  #wish(state: WebinarState | null) {
    if (state?.direction !== 'automatic' || state.phase.phase === 'ended') return null;
    const scene = directAutomatically(state, {
      producers: this.stage.producers,
      speaker: this.#speaker.speaker,
    });
    return isDeepStrictEqual(scene, state.scene) ? null : scene;
  }

  async #direct(): Promise<void> {
    const { words } = this.#o;
    if (!this.#wish(words.state(this.webinarId))) return;
    await words.append(this.webinarId, (now) => {
      const scene = this.#wish(now);
      return scene ? [{ type: 'scene.changed', scene }] : [];
    });
  }
}
