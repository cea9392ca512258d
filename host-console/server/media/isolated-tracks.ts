import type { StageProducer, WebinarState } from '@rostrum/contracts';
import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';
import { tracksAreKept } from '../webinars/features/consent/consents.ts';
import { Carry, type EgressSetting } from './carry.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import type { OpenRoom } from './stage-room.ts';

const RETRY = { firstMs: 500, maxMs: 10_000 } as const;
/** The whole of a person, on air or not: what is cut from it later is not known now. */
const WHOLE: EgressSetting = { paused: false, spatialLayer: 2 };
/** By this the SFU tells the recorder's egresses from the compositor's, whose carrier is the channel. */
const CARRIER = 'isolated-tracks';

export interface TracksSight {
  /** Where the channel runs; null: nowhere that we know of, and then nothing is recorded. */
  readonly node: MediaNode | null;
  readonly state: WebinarState | null;
  readonly room: OpenRoom | null;
  readonly producers: readonly StageProducer[];
}

/**
 * Carries what is to be kept unmixed to the recorder of isolated tracks: of everybody on the stage who agreed to it, where the
 * webinar keeps tracks at all. On its own turn, so that a recorder that fails keeps no picture waiting.
 */
export class IsolatedTracks {
  readonly #carry: Carry;
  readonly #reconciler: Reconciler;
  readonly #sight: () => TracksSight;

  /** `nowMs`: monotonic. */
  constructor(options: {
    webinarId: string;
    channelId: string;
    nodes: NodeRegistry;
    sight: () => TracksSight;
    logger: Logger;
    nowMs: () => number;
  }) {
    const { webinarId, channelId, nodes, sight } = options;
    this.#sight = sight;
    this.#carry = new Carry({
      webinarId,
      nodes,
      sink: {
        carrier: CARRIER,
        add: (node, source) => {
          const personName = sight().state?.people.get(source.personId)?.name;
          return nodes.broadcaster(node, 'track.add', { channelId, source, personName });
        },
        remove: (node, sourceId) => nodes.broadcaster(node, 'track.remove', { channelId, sourceId }),
      },
      room: () => sight().room,
    });
    const trouble = new Trouble('isolated tracks in line with the stage', options.logger, options.nowMs);
    this.#reconciler = new Reconciler({
      reconcile: () => this.#reconcile(),
      backoff: RETRY,
      worked: () => trouble.worked(),
      failed: (error) => trouble.failed(error),
    });
  }

  /** Stage, answers or the channel moved. Returns at once. */
  changed(): void {
    const { state } = this.#sight();
    // Who takes their consent back does not wait for a recorder that is slow to answer for somebody else.
    if (state) this.#carry.cut(({ personId }) => !tracksAreKept(state, personId));
    this.#reconciler.changed();
  }

  egressClosed(egressId: string): void {
    this.#carry.egressClosed(egressId);
    this.changed();
  }

  /** A heartbeat says which recorder runs: that another one had it may have been told in vain. */
  beat(run: number): void {
    if (this.#carry.isBehind(run)) this.lost();
  }

  /** The recorder has nothing any more, of this channel or at all: everything is carried anew. */
  lost(): void {
    void this.letGo().then(() => this.changed());
  }

  letGo(): Promise<void> {
    return this.#carry.letGo();
  }

  close(): void {
    this.#reconciler.close();
    this.#carry.close();
  }

  async #reconcile(): Promise<void> {
    const { node, state, room, producers } = this.#sight();
    if (!node || !state) return;
    await this.#carry.align({
      node,
      room,
      producers: producers.filter(({ personId }) => tracksAreKept(state, personId)),
      settingOf: () => WHOLE,
    });
  }
}
