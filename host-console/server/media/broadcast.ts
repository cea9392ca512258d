import {
  BroadcastSource,
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
import { z } from 'zod';
import { Trouble } from '../trouble.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import type { OpenRoom } from './stage-room.ts';

/**
 * One producer carried to the compositor: an egress on the SFU tied to a source in the broadcaster. Known from the moment in
 * which something of it may exist, so that whatever comes between, it is finished or taken away.
 */
interface Carried {
  readonly producer: StageProducer;
  readonly room: OpenRoom;
  egressId: string | null;
  /** What the egress was last told; null: the two ends are not tied yet, or not any more. */
  setting: EgressSetting | null;
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
    const added = [...wanted.values()].filter((p) => !this.#carried.get(p.producerId)?.setting);
    const results = await Promise.allSettled([
      ...gone.map((c) => this.#drop(node, c)),
      ...(room ? added.map((p) => this.#carry(node, room, p, state.scene)) : []),
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

  async #carry(node: MediaNode, room: OpenRoom, producer: StageProducer, scene: Scene): Promise<void> {
    const roomId = this.#webinarId;
    const { producerId } = producer;
    const turn = this.#turn;
    const carried: Carried = { producer, room, egressId: null, setting: null };
    this.#carried.set(producerId, carried);
    try {
      const egress = await this.#nodes.sfu(room.node, 'egress.open', {
        roomId,
        producerId,
        srtp: !(isLoopback(node.address) && isLoopback(room.node.address)),
        // An earlier egress, whose answer was lost or whose way was not finished, is replaced by this one.
        carrier: this.channel.channelId,
      });
      const { egressId } = egress;
      carried.egressId = egressId;
      this.#refuseOther(turn);
      const { local, srtp } = await this.#nodes.broadcaster(node, 'source.add', {
        channelId: this.channel.channelId,
        source: sourceOf(producer, egress),
      });
      const setting = settingFor(producer, scene, this.#smallLayers);
      await this.#nodes.sfu(room.node, 'egress.connect', { roomId, egressId, remote: local, srtp });
      // Connecting starts the flow; what is off air is never mixed, and is paused here so that it costs nothing.
      await this.#nodes.sfu(room.node, 'egress.update', { roomId, egressId, ...setting });
      this.#refuseOther(turn);
      carried.setting = setting;
    } catch (error) {
      if (this.#reconciler.closed) await this.#letGo(node, carried).catch(() => undefined);
      throw error;
    }
  }

  #refuseOther(turn: number): void {
    if (turn !== this.#turn) throw new RostrumError('unavailable', 'the compositor changed meanwhile');
  }

  async #drop(node: MediaNode, carried: Carried): Promise<void> {
    const { producerId } = carried.producer;
    await this.#letGo(node, carried);
    if (this.#carried.get(producerId) === carried) this.#carried.delete(producerId);
  }

  /** Takes a track out of compositor and SFU. Gone already, or with its room, is what is asked for; else throws. */
  async #letGo(node: MediaNode, { producer, room, egressId }: Carried): Promise<void> {
    const { channelId } = this.channel;
    const roomStands = this.#sight().room === room;
    const done = await Promise.allSettled([
      this.#nodes.broadcaster(node, 'source.remove', { channelId, sourceId: producer.producerId }),
      egressId !== null && roomStands
        ? this.#nodes.sfu(room.node, 'egress.close', { roomId: this.#webinarId, egressId })
        : null,
    ]);
    for (const result of done) {
      if (result.status === 'rejected' && !isGone(result.reason)) throw result.reason;
    }
  }

  /** Off air is paused; on air gets the simulcast layer its tile can show. */
  async #applySettings(scene: Scene): Promise<void> {
    const changes = [...this.#carried.values()].flatMap((carried) => {
      const { egressId, setting: told } = carried;
      if (!told || egressId === null) return [];
      const setting = settingFor(carried.producer, scene, this.#smallLayers);
      const same = setting.paused === told.paused && setting.spatialLayer === told.spatialLayer;
      return same ? [] : [{ carried, egressId, setting }];
    });
    await Promise.all(
      changes.map(async ({ carried, egressId, setting }) => {
        await this.#nodes.sfu(carried.room.node, 'egress.update', {
          roomId: this.#webinarId,
          egressId,
          ...setting,
        });
        // Untied meanwhile, it is carried anew.
        if (carried.setting) carried.setting = setting;
      }),
    );
  }

  /** The SFU closed an egress by itself: carry the producer anew if it is still there, and take its source away if not. */
  egressClosed(egressId: string): void {
    for (const carried of this.#carried.values()) {
      if (carried.egressId !== egressId) continue;
      carried.egressId = null;
      carried.setting = null;
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

  /** Closes the SFU's sides of all that is carried. What the compositor may have of it is replaced or taken away later. */
  async letGoOfStage(): Promise<void> {
    this.#turn += 1;
    // One that is gone already, or whose node is, is what was asked for.
    await Promise.allSettled(
      [...this.#carried.values()].map((carried) => {
        const { room, egressId } = carried;
        carried.egressId = null;
        carried.setting = null;
        return egressId === null
          ? null
          : this.#nodes.sfu(room.node, 'egress.close', { roomId: this.#webinarId, egressId });
      }),
    );
  }

  /** A heartbeat of a broadcaster: it may run the channel no more, and what its compositor can take may have changed. */
  beat(node: MediaNode): void {
    if (this.#node !== node) return;
    const { channelId } = this.channel;
    if (!node.load.channels.some((c) => c.channelId === channelId)) {
      this.#logger.warn(
        { nodeId: node.nodeId },
        'the broadcaster does not run the channel: it is started again',
      );
      this.nodeDown(node);
      return;
    }
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

/** Whose media is sent and not in the picture, from its broadcaster's last heartbeat. */
export function withheldOf(node: MediaNode | null, channelId: string | undefined): readonly WithheldSource[] {
  return node?.load.channels.find((c) => c.channelId === channelId)?.withheld ?? [];
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
  const codec = BroadcastSource.shape.codec.safeParse(media?.mimeType.split('/')[1]?.toUpperCase());
  if (!media || !encoding || !codec.success) {
    throw new RostrumError(
      'media-unsupported',
      `cannot broadcast ${media?.mimeType ?? 'a track without a codec'}`,
    );
  }
  return {
    sourceId: producer.producerId,
    personId: producer.personId,
    source: producer.source,
    codec: codec.data,
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

const isGone = (error: unknown): boolean => error instanceof RostrumError && error.code === 'not-found';

/** Both dialled in over loopback: they share the coordinator's machine, and RTP between them never leaves it. */
const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address);
