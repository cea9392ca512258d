import { type CommandInput, RostrumError, type ServerToPerson, type StageProducer } from '@rostrum/contracts';
import { afterAttended } from '@rostrum/service-kit/attention';
import { KeyedQueue } from '@rostrum/service-kit/keyed-queue';
import type { MediaCaller, WordSide } from './media-plane.ts';
import { PreparedPeople } from './stage-prepared.ts';
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
  /** In the device check, with transports: not on the stage, and told nothing of it. */
  readonly #prepared = new PreparedPeople((personId) => this.#room.leave(personId));
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

  /** Nobody is on the stage, or has transports to it. */
  get nobody(): boolean {
    return this.#participants.size === 0 && this.#prepared.size === 0;
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

  /** Whether that connection is the one by which its person is here. */
  holds({ personId, connectionId }: MediaCaller): boolean {
    return this.get(personId)?.caller.connectionId === connectionId;
  }

  isPrepared(caller: MediaCaller): boolean {
    return this.#prepared.has(caller);
  }

  /** Whether they are still on the stage as whom they came. */
  has(participant: Participant): boolean {
    return this.#participants.get(participant.caller.personId) === participant;
  }

  /** Lets somebody make transports before they join. Throws `no-sfu`, `conflict`, `limit-reached`, `not-on-stage`. */
  prepare(caller: MediaCaller): Promise<OpenRoom> {
    const { personId } = caller;
    return this.#turns.run(personId, async () => {
      if (this.#participants.has(personId))
        throw new RostrumError('conflict', 'you are on the stage already');
      const room = await this.#room.enter();
      // By another of their connections, or by this one once more: from nothing.
      this.#unprepare(personId);
      await this.#room.cleared(personId);
      this.#mustStand(caller, room);
      this.#prepared.add(caller);
      return room;
    });
  }

  /** What somebody prepared is closed. */
  #unprepare(personId: string): void {
    if (this.#prepared.drop(personId)) this.#room.leave(personId);
  }

  /** Whoever went away meanwhile is not told of again: nobody would ever take them off the stage. */
  #mustStand(caller: MediaCaller, room: OpenRoom): void {
    if (this.#words.isConnected(caller) && this.#room.open === room) return;
    throw new RostrumError('not-on-stage', 'the stage or the connection was lost meanwhile');
  }

  /**
   * Puts somebody on the stage, or lets them go on with what they had (`resume`) or made before (`prepared`). `answer` is asked in
   * the moment in which they are there. Throws `no-sfu`, `not-on-stage`, `conflict` (`unlessElsewhere`), or what the node answered.
   */
  join<T>(
    caller: MediaCaller,
    { resume = false, prepared = false, unlessElsewhere = false }: CommandInput<'media:join'>,
    answer: (room: OpenRoom, resumed: boolean) => T,
  ): Promise<T> {
    return this.#turns.run(caller.personId, async () => {
      const room = await this.#enter();
      const before = this.get(caller.personId);
      if (unlessElsewhere && before && !this.holds(caller) && this.#words.isConnected(before.caller)) {
        throw new RostrumError('conflict', 'on the stage over another connection');
      }
      const resumed = resume && before?.used === true;
      const keeps = prepared && this.#prepared.has(caller) && this.#prepared.drop(caller.personId);
      if (!keeps) this.#unprepare(caller.personId);
      if (before) {
        before.leaving?.();
        before.leaving = null;
        if (before.caller.connectionId !== caller.connectionId && !resumed) {
          this.#words.tell(before.caller, 'media.reset', { reason: 'replaced' });
        }
        if (!resumed) this.#remove(caller.personId);
      }
      await this.#room.cleared(caller.personId);
      try {
        this.#mustStand(caller, room);
      } catch (error) {
        if (keeps) this.#room.leave(caller.personId);
        throw error;
      }
      if (resumed) {
        before.caller = caller;
      } else {
        const participant = { caller, leaving: null, producers: new Map(), used: keeps };
        this.#participants.set(caller.personId, participant);
        this.#changed();
      }
      return answer(room, resumed || keeps);
    });
  }

  /** By that connection. Whoever stands on the stage over another one that lives stays there. */
  leave(caller: MediaCaller): Promise<void> {
    const { personId } = caller;
    return this.#turns.run(personId, async () => {
      if (this.#prepared.has(caller)) this.#unprepare(personId);
      const participant = this.get(personId);
      if (participant && (this.holds(caller) || !this.#words.isConnected(participant.caller))) {
        this.#remove(personId);
      }
    });
  }

  dismiss(personId: string, reason: 'removed' | 'returned' | 'ended'): Promise<void> {
    return this.#turns.run(personId, async () => {
      this.#unprepare(personId);
      const participant = this.get(personId);
      if (!participant) return;
      this.#words.tell(participant.caller, 'media.reset', { reason });
      this.#remove(personId);
    });
  }

  /** Everybody, also who only prepared to come, or all of them but those who may stay. */
  async dismissAll(reason: 'ended', mayStay: (personId: string) => boolean = () => false): Promise<void> {
    const all = [...this.ids, ...this.#prepared.callers.map(({ personId }) => personId)];
    await Promise.all(all.filter((id) => !mayStay(id)).map((id) => this.dismiss(id, reason)));
  }

  /** The connection dropped: its media stands for a grace, then goes. */
  disconnected(caller: MediaCaller): void {
    if (this.#prepared.has(caller)) this.#unprepare(caller.personId);
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
    const callers = [...this.all.map(({ caller }) => caller), ...this.#prepared.callers];
    this.close();
    for (const caller of callers) this.#words.tell(caller, 'media.reset', { reason: 'node-lost' });
  }

  /** Nobody is on the stage any more, and nobody is told. */
  close(): void {
    for (const { leaving } of this.#participants.values()) leaving?.();
    this.#participants.clear();
    this.#prepared.clear();
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
