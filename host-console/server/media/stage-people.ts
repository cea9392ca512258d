import { RostrumError, type ServerToPerson, type StageProducer } from '@rostrum/contracts';
import { afterAttended } from '@rostrum/service-kit/attention';
import { KeyedQueue } from '@rostrum/service-kit/keyed-queue';
import type { MediaCaller, WordSide } from './media-plane.ts';
import type { OpenRoom, StageRoom } from './stage-room.ts';

export interface Participant {
  caller: MediaCaller;
  /** Set while the socket is away and the transports are kept for its return; calling it ends the wait. */
  leaving: (() => void) | null;
  readonly producers: Map<string, StageProducer>;
  /** Whether the client used what it joined: then it knows of it, and can go on with it after its connection was cut. */
  used: boolean;
}

/** A socket that went away may come back for its transports within this time. */
const RESUME_GRACE_MS = 4000;

/**
 * Who is on a stage: how they come, go and are sent away, and that the others are told. What one person does takes turns, so
 * that whoever is on their way to the stage gets there before they leave it.
 */
export class StagePeople {
  readonly #room: StageRoom;
  readonly #enter: () => Promise<OpenRoom>;
  readonly #words: WordSide;
  /** Somebody came or went, or their tracks are others. */
  readonly #changed: () => void;
  readonly #participants = new Map<string, Participant>();
  readonly #turns = new KeyedQueue();

  /** `enter` opens the room, or throws `no-sfu`. */
  constructor(options: {
    room: StageRoom;
    enter: () => Promise<OpenRoom>;
    words: WordSide;
    changed: () => void;
  }) {
    this.#room = options.room;
    this.#enter = options.enter;
    this.#words = options.words;
    this.#changed = options.changed;
  }

  get size(): number {
    return this.#participants.size;
  }

  get ids(): string[] {
    return [...this.#participants.keys()];
  }

  get all(): Participant[] {
    return [...this.#participants.values()];
  }

  get producers(): StageProducer[] {
    return this.all.flatMap((p) => [...p.producers.values()]);
  }

  get(personId: string): Participant | null {
    return this.#participants.get(personId) ?? null;
  }

  /** Whether they are still on the stage as whom they came. */
  has(participant: Participant): boolean {
    return this.#participants.get(participant.caller.personId) === participant;
  }

  /**
   * Puts somebody on the stage, or lets them go on with what they had (`resume`). `answer` is asked in the moment in which they
   * are there. Throws `no-sfu`, `not-on-stage`, or what the node answered.
   */
  join<T>(caller: MediaCaller, resume: boolean, answer: (room: OpenRoom, resumed: boolean) => T): Promise<T> {
    return this.#turns.run(caller.personId, async () => {
      const room = await this.#enter();
      const before = this.get(caller.personId);
      const resumed = resume && before?.used === true;
      if (before) {
        before.leaving?.();
        before.leaving = null;
        if (before.caller.connectionId !== caller.connectionId && !resumed) {
          this.#words.tell(before.caller, 'media.reset', { reason: 'replaced' });
        }
        if (!resumed) this.#remove(caller.personId);
      }
      await this.#room.cleared(caller.personId);
      // Whoever went away meanwhile is not told of again: nobody would ever take them off the stage.
      if (!this.#words.isConnected(caller) || this.#room.open !== room) {
        throw new RostrumError('not-on-stage', 'the stage or the connection was lost meanwhile');
      }
      if (resumed) {
        before.caller = caller;
      } else {
        const participant = { caller, leaving: null, producers: new Map(), used: false };
        this.#participants.set(caller.personId, participant);
        this.#changed();
      }
      return answer(room, resumed);
    });
  }

  leave(personId: string): Promise<void> {
    return this.#turns.run(personId, async () => this.#remove(personId));
  }

  dismiss(personId: string, reason: 'removed' | 'returned'): Promise<void> {
    return this.#turns.run(personId, async () => {
      const participant = this.get(personId);
      if (!participant) return;
      this.#words.tell(participant.caller, 'media.reset', { reason });
      this.#remove(personId);
    });
  }

  /** The connection dropped: its media stands for a grace, then goes. */
  disconnected(caller: MediaCaller): void {
    const participant = this.get(caller.personId);
    if (!participant || participant.caller.connectionId !== caller.connectionId || participant.leaving)
      return;
    participant.leaving = afterAttended(RESUME_GRACE_MS, () => {
      if (this.has(participant)) this.#remove(caller.personId);
    });
  }

  added(participant: Participant, producer: StageProducer): void {
    participant.producers.set(producer.producerId, producer);
    this.#tellOthers(producer.personId, 'media.producerAdded', producer);
  }

  paused(participant: Participant, producerId: string, paused: boolean): void {
    const producer = participant.producers.get(producerId);
    if (!producer) return;
    participant.producers.set(producerId, { ...producer, paused });
    this.#tellOthers(participant.caller.personId, 'media.producerPaused', { producerId, paused });
    this.#changed();
  }

  closed(participant: Participant, producerId: string): void {
    if (!participant.producers.delete(producerId)) return;
    this.#tellOthers(participant.caller.personId, 'media.producerClosed', { producerId });
    this.#changed();
  }

  /** All media is gone: everyone is told to join again. */
  reset(): void {
    const people = this.all;
    this.close();
    for (const { caller } of people) this.#words.tell(caller, 'media.reset', { reason: 'node-lost' });
  }

  /** Nobody is on the stage any more, and nobody is told. */
  close(): void {
    for (const { leaving } of this.#participants.values()) leaving?.();
    this.#participants.clear();
  }

  tell<E extends keyof ServerToPerson>(
    personId: string,
    event: E,
    ...args: Parameters<ServerToPerson[E]>
  ): void {
    const participant = this.get(personId);
    if (participant) this.#words.tell(participant.caller, event, ...args);
  }

  #tellOthers<E extends keyof ServerToPerson>(
    personId: string,
    event: E,
    ...args: Parameters<ServerToPerson[E]>
  ): void {
    for (const other of this.#participants.keys()) {
      if (other !== personId) this.tell(other, event, ...args);
    }
  }

  #remove(personId: string): void {
    const participant = this.get(personId);
    if (!participant) return;
    participant.leaving?.();
    this.#participants.delete(personId);
    for (const producerId of participant.producers.keys()) {
      this.#tellOthers(personId, 'media.producerClosed', { producerId });
    }
    this.#changed();
    this.#room.leave(personId);
  }
}
