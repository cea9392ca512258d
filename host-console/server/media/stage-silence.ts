import { kindOf, type MediaSource, RostrumError } from '@rostrum/contracts';
import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';
import { mayBeHeard } from '../webinars/features/people/standing.ts';
import type { WordSide } from './media-plane.ts';
import type { NodeRegistry } from './node-registry.ts';
import type { Participant, StagePeople } from './stage-people.ts';
import type { OpenRoom } from './stage-room.ts';

/** Soon: somebody is heard who may not be. */
const RETRY = { firstMs: 250, maxMs: 1000 } as const;

export interface StageSilenceOptions {
  readonly webinarId: string;
  readonly people: StagePeople;
  /** The room, once it stands. */
  readonly room: () => OpenRoom | null;
  readonly nodes: NodeRegistry;
  readonly words: WordSide;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/**
 * Pauses at the SFU what is heard of people who may not be, until it is so. The log says who that is, so it is looked at again
 * after everything that may have made a sound: a client that asked in the same moment, or anew on another node.
 */
export class StageSilence {
  readonly #o: StageSilenceOptions;
  readonly #reconciler: Reconciler;

  constructor(options: StageSilenceOptions) {
    this.#o = options;
    const trouble = new Trouble('silencing who was muted', options.logger, options.nowMs);
    this.#reconciler = new Reconciler({
      reconcile: () => this.#reconcile(),
      backoff: RETRY,
      worked: () => trouble.worked(),
      failed: (error) => trouble.failed(error),
    });
  }

  /** Something may be heard that may not be. Returns at once. */
  look(): void {
    this.#reconciler.changed();
  }

  /** Every kind of sound: a microphone can be sent as that of a screen. */
  mustBe(personId: string, source: MediaSource): boolean {
    const state = this.#o.words.state(this.#o.webinarId);
    return kindOf(source) === 'audio' && state !== null && !mayBeHeard(state, personId);
  }

  /** Tells somebody that they were muted, and by whom. */
  tell({ caller }: Participant): void {
    const { words, webinarId } = this.#o;
    const name = words.state(webinarId)?.people.get(caller.personId)?.mutedBy;
    if (name) words.tell(caller, 'media.muted', { name });
  }

  close(): void {
    this.#reconciler.close();
  }

  async #reconcile(): Promise<void> {
    const room = this.#o.room();
    if (!room) return;
    const heard = this.#o.people.all.flatMap((participant) =>
      [...participant.producers.values()]
        .filter(({ personId, source, paused }) => !paused && this.mustBe(personId, source))
        .map(({ producerId }) => this.#pause(room, participant, producerId)),
    );
    const failed = (await Promise.allSettled(heard)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #pause({ node }: OpenRoom, participant: Participant, producerId: string): Promise<void> {
    const { nodes, people, webinarId: roomId } = this.#o;
    const { personId } = participant.caller;
    try {
      await nodes.sfu(node, 'producer.pause', { roomId, personId, producerId, paused: true });
    } catch (error) {
      // What is not there is not heard, and its node has told so, or will.
      if (error instanceof RostrumError && error.code === 'not-found') return;
      throw error;
    }
    if (!people.has(participant)) return;
    people.paused(participant, producerId, true);
    this.tell(participant);
  }
}
