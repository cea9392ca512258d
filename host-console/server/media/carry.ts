import {
  type BroadcasterOutput,
  BroadcastSource,
  RostrumError,
  type StageProducer,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import type { OpenRoom } from './stage-room.ts';

/** What tracks are carried to, on a broadcaster: its compositor, or its recorder of isolated tracks. */
export interface Sink {
  /** By this the SFU knows the egresses that lead here: another one of the same producer takes the earlier one's place. */
  readonly carrier: string;
  add(node: MediaNode, source: BroadcastSource): Promise<BroadcasterOutput<'source.add'>>;
  /** Rejects with `not-found` where there is none, which is what was asked for. */
  remove(node: MediaNode, sourceId: string): Promise<unknown>;
}

export interface EgressSetting {
  readonly paused: boolean;
  readonly spatialLayer: number;
}

/** What is to be carried, and where from and to. */
export interface Wanted {
  readonly node: MediaNode;
  /** null: there is none, and nothing to carry. */
  readonly room: OpenRoom | null;
  readonly producers: readonly StageProducer[];
  readonly settingOf: (producer: StageProducer) => EgressSetting;
}

/**
 * One producer on its way to the sink: an egress on the SFU tied to a source in the broadcaster. Known from the moment in which
 * something of it may exist, so that whatever comes between, it is finished or taken away.
 */
interface Carried {
  readonly producer: StageProducer;
  readonly room: OpenRoom;
  egressId: string | null;
  /** Of the sink that took it; null: it did not, or does not count. */
  run: number | null;
  /** What the egress was last told; null: the two ends are not tied yet, or not any more. */
  setting: EgressSetting | null;
  /** It must not go on, also while it is being begun. */
  cut: boolean;
}

/** Carries a stage's tracks from the SFU to one sink. Level-triggered: `align` compares what is carried with what is wanted. */
export class Carry {
  readonly #webinarId: string;
  readonly #nodes: NodeRegistry;
  readonly #sink: Sink;
  /** The room that stands now: what was in another one went with it. */
  readonly #room: () => OpenRoom | null;
  readonly #carried = new Map<string, Carried>();
  /** Changes with all that was carried: what is being carried then has to be begun anew. */
  #turn = 0;
  #closed = false;

  constructor(options: {
    webinarId: string;
    nodes: NodeRegistry;
    sink: Sink;
    room: () => OpenRoom | null;
  }) {
    this.#webinarId = options.webinarId;
    this.#nodes = options.nodes;
    this.#sink = options.sink;
    this.#room = options.room;
  }

  /** Makes it so as far as it goes, then throws the first thing that failed. One call at a time. */
  async align({ node, room, producers, settingOf }: Wanted): Promise<void> {
    const wanted = new Map(room ? producers.map((p) => [p.producerId, p] as const) : []);
    const gone = [...this.#carried.values()].filter(
      (c) => c.room !== room || !wanted.has(c.producer.producerId),
    );
    const added = [...wanted.values()].filter((p) => !this.#carried.get(p.producerId)?.setting);
    const results = await Promise.allSettled([
      ...gone.map((c) => this.#drop(node, c)),
      ...(room ? added.map((p) => this.#begin(node, room, p, settingOf)) : []),
    ]);
    await this.#applySettings(settingOf);
    const failed = results.find((r) => r.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** Whether something is carried to an earlier run of the sink than the one that lives, which is gone with it. */
  isBehind(run: number): boolean {
    return [...this.#carried.values()].some(
      (carried) => carried.setting !== null && carried.run !== null && carried.run < run,
    );
  }

  /** The SFU closed an egress by itself: its producer is carried anew if it is still there. */
  egressClosed(egressId: string): void {
    for (const carried of this.#carried.values()) {
      if (carried.egressId !== egressId) continue;
      carried.egressId = null;
      carried.setting = null;
    }
  }

  /** Closes the SFU's sides of all that is carried. What the sink may have of it is replaced or taken away later. */
  async letGo(): Promise<void> {
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

  /**
   * Stops at once what must not be carried any more, whatever an `align` waits for: nothing of it leaves the SFU from here on. The
   * next `align` takes away what is left of it.
   */
  cut(mayNot: (producer: StageProducer) => boolean): void {
    for (const carried of this.#carried.values()) {
      if (carried.cut || !mayNot(carried.producer)) continue;
      carried.cut = true;
      carried.setting = null;
      const { egressId, room } = carried;
      if (egressId === null) continue;
      this.#nodes
        .sfu(room.node, 'egress.close', { roomId: this.#webinarId, egressId })
        // It is asked for again.
        .catch(() => undefined);
    }
  }

  /** The sink was begun anew and has nothing. */
  forget(): void {
    this.#carried.clear();
  }

  /** Leaves everything as it is. What is being carried at that moment is let go of. */
  close(): void {
    this.#closed = true;
    this.#turn += 1;
  }

  async #begin(
    node: MediaNode,
    room: OpenRoom,
    producer: StageProducer,
    settingOf: Wanted['settingOf'],
  ): Promise<void> {
    const roomId = this.#webinarId;
    const { producerId } = producer;
    const turn = this.#turn;
    const carried: Carried = { producer, room, egressId: null, run: null, setting: null, cut: false };
    this.#carried.set(producerId, carried);
    try {
      const egress = await this.#nodes.sfu(room.node, 'egress.open', {
        roomId,
        producerId,
        srtp: !(isLoopback(node.address) && isLoopback(room.node.address)),
        // An earlier egress, whose answer was lost or whose way was not finished, is replaced by this one.
        carrier: this.#sink.carrier,
      });
      const { egressId } = egress;
      carried.egressId = egressId;
      this.#refuseOther(turn, carried);
      const { local, srtp, run } = await this.#sink.add(node, sourceOf(producer, egress));
      carried.run = run ?? null;
      const setting = settingOf(producer);
      this.#refuseOther(turn, carried);
      await this.#nodes.sfu(room.node, 'egress.connect', { roomId, egressId, remote: local, srtp });
      // Connecting starts the flow, of the top layer; what is not wanted now is paused here so that it costs nothing.
      await this.#nodes.sfu(room.node, 'egress.update', { roomId, egressId, ...setting });
      this.#refuseOther(turn, carried);
      carried.setting = setting;
    } catch (error) {
      if (this.#closed) await this.#takeAway(node, carried).catch(() => undefined);
      throw error;
    }
  }

  #refuseOther(turn: number, { cut }: Carried): void {
    if (cut) throw new RostrumError('unavailable', 'it is not to be carried any more');
    if (turn !== this.#turn) throw new RostrumError('unavailable', 'what it is carried to changed meanwhile');
  }

  async #drop(node: MediaNode, carried: Carried): Promise<void> {
    const { producerId } = carried.producer;
    await this.#takeAway(node, carried);
    if (this.#carried.get(producerId) === carried) this.#carried.delete(producerId);
  }

  /** Takes a track out of sink and SFU. Gone already, or with its room, is what is asked for; else throws. */
  async #takeAway(node: MediaNode, { producer, room, egressId }: Carried): Promise<void> {
    const roomStands = this.#room() === room;
    const done = await Promise.allSettled([
      this.#sink.remove(node, producer.producerId),
      egressId !== null && roomStands
        ? this.#nodes.sfu(room.node, 'egress.close', { roomId: this.#webinarId, egressId })
        : null,
    ]);
    for (const result of done) {
      if (result.status === 'rejected' && !isGone(result.reason)) throw result.reason;
    }
  }

  async #applySettings(settingOf: Wanted['settingOf']): Promise<void> {
    const changes = [...this.#carried.values()].flatMap((carried) => {
      const { egressId, setting: told } = carried;
      if (!told || egressId === null) return [];
      const setting = settingOf(carried.producer);
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
function sourceOf(
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
