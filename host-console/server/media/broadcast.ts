import {
  type BroadcastSource,
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
} from '@rostrum/contracts';
import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import type { OpenRoom } from './stage.ts';
import { Trouble } from './trouble.ts';

/** One producer carried to the compositor: an egress on the SFU tied to a source in the broadcaster. */
interface Carried {
  readonly producer: StageProducer;
  readonly room: OpenRoom;
  readonly egressId: string;
  /** What the egress was last told. */
  setting: EgressSetting;
}

interface EgressSetting {
  readonly paused: boolean;
  readonly spatialLayer: number;
}

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
  readonly #carried = new Map<string, Carried>();
  /** Changes with all that was carried: what is being carried then has to be begun anew. */
  #turn = 0;
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
    const wanted = new Map(room ? producers.map((p) => [p.producerId, p] as const) : []);
    const gone = [...this.#carried.values()].filter(
      (c) => c.room !== room || !wanted.has(c.producer.producerId),
    );
    const added = room ? [...wanted.values()].filter((p) => !this.#carried.has(p.producerId)) : [];
    const results = await Promise.allSettled([
      ...gone.map((c) => this.#drop(node, c)),
      ...added.map((p) => this.#carry(node, room, p, state.scene)),
    ]);
    await this.#applySettings(state.scene);
    const failed = results.find((r) => r.status === 'rejected');
    if (failed) throw failed.reason;
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
    });
    this.#node = node;
    this.#sentScene = state.scene;
    this.#carried.clear();
    return node;
  }

  async #carry(node: MediaNode, room: OpenRoom | null, producer: StageProducer, scene: Scene): Promise<void> {
    if (!room) return;
    const roomId = this.#webinarId;
    const turn = this.#turn;
    const egress = await this.#nodes.sfu(room.node, 'egress.open', {
      roomId,
      producerId: producer.producerId,
      srtp: !(isLoopback(node.address) && isLoopback(room.node.address)),
      // An egress whose answer was lost is replaced by this one.
      carrier: this.channel.channelId,
    });
    try {
      const { local, srtp } = await this.#nodes.broadcaster(node, 'source.add', {
        channelId: this.channel.channelId,
        source: sourceOf(producer, egress),
      });
      const setting = settingFor(producer, scene, this.#smallLayers);
      await this.#nodes.sfu(room.node, 'egress.connect', {
        roomId,
        egressId: egress.egressId,
        remote: local,
        srtp,
      });
      // Connecting starts the flow; what is off air is never mixed, and is paused here so that it costs nothing.
      await this.#nodes.sfu(room.node, 'egress.update', { roomId, egressId: egress.egressId, ...setting });
      if (turn !== this.#turn) throw new RostrumError('unavailable', 'the compositor changed meanwhile');
      this.#carried.set(producer.producerId, { producer, room, egressId: egress.egressId, setting });
    } catch (error) {
      await this.#letGo(node, room, producer.producerId, egress.egressId);
      throw error;
    }
  }

  #drop(node: MediaNode, carried: Carried): Promise<void> {
    this.#carried.delete(carried.producer.producerId);
    return this.#letGo(node, carried.room, carried.producer.producerId, carried.egressId);
  }

  /** Takes a track out of compositor and SFU. Gone with its node, its room or its producer is what was asked for. */
  async #letGo(node: MediaNode, room: OpenRoom, sourceId: string, egressId: string): Promise<void> {
    const done = await Promise.allSettled([
      this.#nodes.broadcaster(node, 'source.remove', { channelId: this.channel.channelId, sourceId }),
      this.#nodes.sfu(room.node, 'egress.close', { roomId: this.#webinarId, egressId }),
    ]);
    for (const result of done) {
      if (result.status === 'rejected')
        this.#logger.debug({ err: result.reason }, 'a carried track was already gone');
    }
  }

  /** Off air is paused; on air gets the simulcast layer its tile can show. */
  async #applySettings(scene: Scene): Promise<void> {
    const changes = [...this.#carried.values()].flatMap((carried) => {
      const setting = settingFor(carried.producer, scene, this.#smallLayers);
      const same =
        setting.paused === carried.setting.paused && setting.spatialLayer === carried.setting.spatialLayer;
      return same ? [] : [{ carried, setting }];
    });
    await Promise.all(
      changes.map(async ({ carried, setting }) => {
        await this.#nodes.sfu(carried.room.node, 'egress.update', {
          roomId: this.#webinarId,
          egressId: carried.egressId,
          ...setting,
        });
        carried.setting = setting;
      }),
    );
  }

  /** The SFU closed an egress by itself: carry the producer anew if it is still there. */
  egressClosed(egressId: string): void {
    for (const [producerId, carried] of this.#carried) {
      if (carried.egressId === egressId) this.#carried.delete(producerId);
    }
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

  #beginAnew(): void {
    this.#sentScene = null;
    void this.letGoOfStage().then(() => this.changed());
  }

  /** Closes the SFU's sides of all that was carried. */
  async letGoOfStage(): Promise<void> {
    const old = this.#takeCarried();
    // One that is gone already, or whose node is, is what was asked for.
    await Promise.allSettled(
      old.map((c) =>
        this.#nodes.sfu(c.room.node, 'egress.close', { roomId: this.#webinarId, egressId: c.egressId }),
      ),
    );
  }

  #takeCarried(): Carried[] {
    const old = [...this.#carried.values()];
    this.#carried.clear();
    this.#turn += 1;
    return old;
  }

  /** A heartbeat of a broadcaster: what its compositor can take may have changed. */
  beat(node: MediaNode): void {
    if (this.#node !== node) return;
    const small = pressureOf(node, this.channel.channelId).shed.includes('small-layers');
    if (small === this.#smallLayers) return;
    this.#smallLayers = small;
    this.changed();
  }

  nodeDown(node: MediaNode): void {
    if (this.#node !== node) return;
    this.#node = null;
    this.#picture = null;
    this.#smallLayers = false;
    this.#beginAnew();
  }

  /** Leaves everything as it is. What is being carried at that moment is let go of. */
  close(): void {
    this.#reconciler.close();
    this.#turn += 1;
  }
}

/** How the channel's picture fares, from its broadcaster's last heartbeat. */
export function pressureOf(node: MediaNode | null, channelId: string): ChannelPressure {
  return node?.load.channels.find((c) => c.channelId === channelId)?.state ?? NO_PRESSURE;
}

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

const RtpParameters = z.object({
  codecs: z.array(
    z.object({
      mimeType: z.string(),
      payloadType: z.int(),
      clockRate: z.int(),
      parameters: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
    }),
  ),
  encodings: z.array(z.object({ ssrc: z.int(), rtx: z.object({ ssrc: z.int() }).optional() })).min(1),
  rtcp: z.object({ cname: z.string() }),
});

/** What the compositor has to know of an egress, read from mediasoup's consumer parameters. */
export function sourceOf(
  producer: StageProducer,
  egress: {
    rtpParameters: Record<string, unknown>;
    local: BroadcastSource['remote'];
    srtp: BroadcastSource['srtp'];
  },
): BroadcastSource {
  const rtp = RtpParameters.parse(egress.rtpParameters);
  const media = rtp.codecs.find((c) => !/\/rtx$/i.test(c.mimeType));
  const encoding = rtp.encodings[0];
  const rtx = rtp.codecs.find((c) => /\/rtx$/i.test(c.mimeType));
  const codec = media?.mimeType.split('/')[1]?.toUpperCase();
  if (!media || !encoding || (codec !== 'VP8' && codec !== 'H264' && codec !== 'OPUS')) {
    throw new RostrumError(
      'media-unsupported',
      `cannot broadcast ${media?.mimeType ?? 'a track without a codec'}`,
    );
  }
  return {
    sourceId: producer.producerId,
    personId: producer.personId,
    source: producer.source,
    codec,
    payloadType: media.payloadType,
    clockRate: media.clockRate,
    ssrc: encoding.ssrc,
    rtx: rtx && encoding.rtx ? { payloadType: rtx.payloadType, ssrc: encoding.rtx.ssrc } : null,
    cname: rtp.rtcp.cname,
    fmtp: media.parameters,
    remote: egress.local,
    srtp: egress.srtp,
  };
}

/** Both dialled in over loopback: they share the coordinator's machine, and RTP between them never leaves it. */
const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address);
