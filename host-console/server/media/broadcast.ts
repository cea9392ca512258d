import {
  type ChannelPressure,
  type LiveChannel,
  layerForHeight,
  layoutScene,
  NO_PRESSURE,
  RostrumError,
  type Scene,
  type ShowHealth,
  type StageProducer,
  type WebinarState,
  type WithheldSource,
} from '@rostrum/contracts';
import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';
import { Carry, type EgressSetting } from './carry.ts';
import { IsolatedTracks } from './isolated-tracks.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import type { OpenRoom } from './stage-room.ts';

/** Waits between failed attempts to bring the broadcaster in line. */
const RETRY = { firstMs: 200, maxMs: 5000 } as const;

/**
 * Keeps one live channel equal to what log and stage say: the right scene, and a source for each track on the stage.
 * Level-triggered: whatever happened (a join, a dead node, a new compositor epoch), `changed()` compares and mends.
 */
export class Broadcast {
  readonly channel: LiveChannel;
  readonly #webinarId: string;
  readonly #nodes: NodeRegistry;
  readonly #reconciler: Reconciler;
  readonly #logger: Logger;
  readonly #sight: () => {
    state: WebinarState | null;
    room: OpenRoom | null;
    producers: readonly StageProducer[];
  };
  readonly #pickNode: () => MediaNode | null;
  /** The boot of the broadcaster that runs our channel. */
  #node: MediaNode | null;
  #sentScene: Scene | null = null;
  readonly #carry: Carry;
  readonly #tracks: IsolatedTracks;
  /** The compositor wants smaller cameras than its tiles could show. */
  #smallLayers = false;
  readonly #nowUnixMs: () => number;
  #picture: ShowHealth['picture'] = null;

  constructor(options: {
    webinarId: string;
    channel: LiveChannel;
    /** Where the channel already runs; null: start it on a node first. */
    node: MediaNode | null;
    nodes: NodeRegistry;
    logger: Logger;
    sight: () => { state: WebinarState | null; room: OpenRoom | null; producers: readonly StageProducer[] };
    pickNode: () => MediaNode | null;
    /** Monotonic milliseconds. */
    nowMs: () => number;
    nowUnixMs: () => number;
  }) {
    this.#webinarId = options.webinarId;
    this.channel = options.channel;
    this.#node = options.node;
    this.#nodes = options.nodes;
    this.#logger = options.logger.child({
      webinarId: options.webinarId,
      channelId: options.channel.channelId,
    });
    this.#nowUnixMs = options.nowUnixMs;
    const { channelId } = options.channel;
    this.#carry = new Carry({
      webinarId: options.webinarId,
      nodes: options.nodes,
      sink: {
        carrier: channelId,
        add: (node, source) => options.nodes.broadcaster(node, 'source.add', { channelId, source }),
        remove: (node, sourceId) => options.nodes.broadcaster(node, 'source.remove', { channelId, sourceId }),
      },
      room: () => options.sight().room,
    });
    this.#tracks = new IsolatedTracks({
      ...options,
      channelId,
      logger: this.#logger,
      sight: () => ({ ...options.sight(), node: this.#node }),
    });
    const trouble = new Trouble('the broadcast in line with the stage', this.#logger, options.nowMs);
    this.#reconciler = new Reconciler({
      reconcile: () => this.#reconcile(),
      backoff: RETRY,
      worked: () => trouble.worked(),
      failed: (error) => trouble.failed(error),
    });
    this.#sight = options.sight;
    this.#pickNode = options.pickNode;
  }

  /** Where the channel runs; null: nowhere that we know of. */
  get node(): MediaNode | null {
    return this.#node;
  }

  /** What is wrong with the picture; null: nothing that is known. */
  get picture(): ShowHealth['picture'] {
    return this.#picture;
  }

  /** Something moved: bring broadcaster and SFU in line. Returns at once. */
  changed(): void {
    this.#reconciler.changed();
    this.#tracks.changed();
  }

  async #reconcile(): Promise<void> {
    const { state, room, producers } = this.#sight();
    if (!state) return;
    const node = await this.#ensureChannel(state);
    if (this.#reconciler.closed) return;
    if (this.#sentScene !== state.scene) {
      await this.#nodes.broadcaster(node, 'channel.scene', {
        channelId: this.channel.channelId,
        scene: state.scene,
      });
      this.#sentScene = state.scene;
    }
    await this.#carry.align({
      node,
      room,
      producers,
      settingOf: (producer) => settingFor(producer, state.scene, this.#smallLayers),
    });
  }

  /** The channel runs on `#node`, or is started (with its id: the archive and the playlist go on) on one that is there. */
  async #ensureChannel(state: WebinarState): Promise<MediaNode> {
    if (this.#node) return this.#node;
    const node = this.#pickNode();
    if (!node) throw new RostrumError('no-broadcaster', 'no broadcaster is connected');
    await this.#nodes.broadcaster(node, 'channel.start', {
      channelId: this.channel.channelId,
      webinarId: this.#webinarId,
      profile: state.profile,
      scene: state.scene,
      tracks: state.keepsTracks,
    });
    this.#node = node;
    this.#sentScene = state.scene;
    this.#carry.forget();
    this.#tracks.lost();
    return node;
  }

  /** The SFU closed an egress by itself: carry the producer anew if it is still there, and take its source away if not. */
  egressClosed(egressId: string): void {
    this.#carry.egressClosed(egressId);
    this.#tracks.egressClosed(egressId);
    this.changed();
  }

  /** A new compositor has no sources; the SFU's sides of the old ones are closed and all are carried again. */
  epochChanged(): void {
    this.#picture = null;
    this.#beginAnew();
  }

  /** Its compositors die one after the other. More are tried; whoever runs the show has to know. */
  failed(message: string): void {
    this.#logger.error({ message }, 'the compositor dies again and again');
    this.#picture ??= { is: 'failing', sinceUnixMs: this.#nowUnixMs() };
  }

  /** The recorder of isolated tracks was started anew; the picture has nothing to do with it. */
  tracksLost(): void {
    this.#tracks.lost();
  }

  #beginAnew(): void {
    this.#sentScene = null;
    void this.#carry.letGo().then(() => this.changed());
  }

  /** Closes the SFU's sides of all that is carried: the channel ends, and what it was carried to with it. */
  async letGoOfStage(): Promise<void> {
    await Promise.all([this.#carry.letGo(), this.#tracks.letGo()]);
  }

  /** A heartbeat of a broadcaster: it may run the channel no more, and what its compositor can take may have changed. */
  beat(node: MediaNode): void {
    if (this.#node !== node) return;
    const { channelId } = this.channel;
    const own = node.load.channels.find((c) => c.channelId === channelId);
    if (!own) {
      this.#logger.warn(
        { nodeId: node.nodeId },
        'the broadcaster does not run the channel: it is started again',
      );
      this.nodeDown(node);
      return;
    }
    // That a compositor was started anew may have been told in vain.
    if (own.runs && this.#carry.isBehind(own.runs.compositor)) this.#beginAnew();
    if (own.runs) this.#tracks.beat(own.runs.recorder);
    const small = pressureOf(node, channelId).shed.includes('small-layers');
    if (small === this.#smallLayers) return;
    this.#smallLayers = small;
    this.changed();
  }

  /** The node, or the channel on it, is gone. */
  nodeDown(node: MediaNode): void {
    if (this.#node !== node) return;
    this.#node = null;
    this.#picture = null;
    this.#smallLayers = false;
    void this.#tracks.letGo();
    this.#beginAnew();
  }

  /** Leaves everything as it is. What is being carried at that moment is let go of. */
  close(): void {
    this.#reconciler.close();
    this.#carry.close();
    this.#tracks.close();
  }
}

/** How the channel's picture fares, from its broadcaster's last heartbeat. */
export function pressureOf(node: MediaNode | null, channelId: string): ChannelPressure {
  return node?.load.channels.find((c) => c.channelId === channelId)?.state ?? NO_PRESSURE;
}

/** Whose media is sent and not in the picture, from its broadcaster's last heartbeat. */
export function withheldOf(node: MediaNode | null, channelId: string | undefined): readonly WithheldSource[] {
  return node?.load.channels.find((c) => c.channelId === channelId)?.withheld ?? [];
}

/** Off air is paused; on air gets the simulcast layer its tile can show. */
function settingFor(producer: StageProducer, scene: Scene, smallLayers: boolean): EgressSetting {
  const paused = !scene.onAir.some((p) => p.personId === producer.personId);
  const tile = layoutScene(scene).tiles.find(
    (t) =>
      t.personId === producer.personId && t.kind === (producer.source === 'screen' ? 'screen' : 'camera'),
  );
  // On air but without a tile: the lowest layer keeps a picture ready for the next cut.
  const spatialLayer = tile ? layerForHeight(tile.height) : 0;
  return { paused, spatialLayer: smallLayers ? Math.max(0, spatialLayer - 1) : spatialLayer };
}
