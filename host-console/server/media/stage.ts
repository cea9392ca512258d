import {
  type CommandInput,
  type CommandOutput,
  kindOf,
  type MediaSource,
  type NodeNotice,
  RostrumError,
  type ServerToPerson,
  type Speakers,
  type StageProducer,
} from '@rostrum/contracts';
import { afterAttended } from '@rostrum/service-kit/attention';
import { KeyedQueue } from '@rostrum/service-kit/keyed-queue';
import type { Logger } from 'pino';
import { mayBeHeard } from '../webinars/people.ts';
import type { IceServersOf } from './ice-servers.ts';
import type { MediaCaller, MediaCommand, WordSide } from './media-plane.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import { type Connecting, isConnecting, PreparedPeople } from './stage-prepared.ts';
import { type OpenRoom, StageRoom } from './stage-room.ts';

interface Participant {
  caller: MediaCaller;
  /** Set while the socket is away and the transports are kept for its return; calling it ends the wait. */
  leaving: (() => void) | null;
  readonly producers: Map<string, StageProducer>;
  /** Whether the client used what it joined: then it knows of it, and can go on with it after its connection was cut. */
  used: boolean;
}

export interface StageEvents {
  /** Somebody's tracks, or the room itself, changed. */
  changed(): void;
  speakers(speakers: Speakers): void;
}

/** A socket that went away may come back for its transports within this time. */
const RESUME_GRACE_MS = 4000;
/** What could not be paused is tried again after this. */
const HUSH_AGAIN_MS = 500;

/**
 * Who is connected to one webinar's room on one SFU node, and the signalling between them. The node is the truth about
 * media objects and checks every id's owner; this side knows people and tells the others.
 */
export class Stage {
  readonly webinarId: string;
  readonly #room: StageRoom;
  /** People were here, or came, when there was no node. */
  #missed = false;
  readonly #participants = new Map<string, Participant>();
  /** In the device check, with transports: not on the stage, and told nothing of it. */
  readonly #prepared = new PreparedPeople((personId) => this.#room.leave(personId));
  readonly #nodes: NodeRegistry;
  readonly #words: WordSide;
  readonly #events: StageEvents;
  readonly #iceServers: IceServersOf;
  readonly #logger: Logger;
  /** Whoever is on their way to the stage gets there before they leave it, or are sent away. */
  readonly #turns = new KeyedQueue();

  constructor(options: {
    webinarId: string;
    nodes: NodeRegistry;
    words: WordSide;
    events: StageEvents;
    iceServers: IceServersOf;
    logger: Logger;
    /** Monotonic milliseconds. */
    nowMs: () => number;
  }) {
    this.webinarId = options.webinarId;
    this.#nodes = options.nodes;
    this.#words = options.words;
    this.#events = options.events;
    this.#iceServers = options.iceServers;
    this.#logger = options.logger.child({ webinarId: options.webinarId });
    this.#room = new StageRoom({ ...options, logger: this.#logger });
  }

  /** The node the room is on, or is being opened on; null: there is no room. */
  get node(): MediaNode | null {
    return this.#room.node;
  }

  /** Whether somebody is on the stage, or was turned away for want of a node. */
  get wanted(): boolean {
    return this.#participants.size > 0 || this.#missed;
  }

  /** Whether there are people, or a room, to look after. */
  get inUse(): boolean {
    return this.#participants.size > 0 || this.#room.node !== null;
  }

  /** The room, once it stands. */
  get room(): OpenRoom | null {
    return this.#room.open;
  }

  get producers(): StageProducer[] {
    return [...this.#participants.values()].flatMap((p) => [...p.producers.values()]);
  }

  get people(): string[] {
    return [...this.#participants.keys()];
  }

  /** Whether that connection is the one by which its person is here. */
  holds({ personId, connectionId }: MediaCaller): boolean {
    return this.#participants.get(personId)?.caller.connectionId === connectionId;
  }

  async handle<C extends MediaCommand>(
    caller: MediaCaller,
    command: C,
    input: CommandInput<C>,
  ): Promise<unknown> {
    // Each case narrows `input` by hand: TypeScript does not carry the link from C to its input into a switch.
    switch (command as MediaCommand) {
      case 'media:prepare':
        return this.#turns.run(caller.personId, () => this.#prepare(caller));
      case 'media:join':
        return this.#turns.run(caller.personId, () =>
          this.#join(caller, input as CommandInput<'media:join'>),
        );
      case 'media:leave':
        return this.#turns.run(caller.personId, async () => {
          this.#unprepare(caller.personId);
          this.#remove(caller.personId);
          return null;
        });
      default:
        return this.#withMedia(caller, command, input);
    }
  }

  async #withMedia(caller: MediaCaller, command: MediaCommand, input: unknown): Promise<unknown> {
    const participant = this.#participants.get(caller.personId);
    const room = this.room;
    if (room && isConnecting(command) && this.#prepared.has(caller)) {
      return this.#connect(room.node, caller.personId, command, input);
    }
    if (!participant || !room || participant.caller.connectionId !== caller.connectionId) {
      throw new RostrumError('not-on-stage', `join the stage before ${command}`);
    }
    participant.used = true;
    const { node } = room;
    const who = { roomId: this.webinarId, personId: caller.personId };
    switch (command) {
      case 'media:createTransport':
      case 'media:connectTransport':
      case 'media:restartIce':
        return this.#connect(node, caller.personId, command, input);
      case 'media:consume':
        return this.#nodes.sfu(node, 'consumer.create', {
          ...who,
          ...(input as CommandInput<typeof command>),
        });
      case 'media:updateConsumer':
        return this.#nodes.sfu(node, 'consumer.update', {
          ...who,
          ...(input as CommandInput<typeof command>),
        });
      case 'media:closeConsumer':
        return this.#nodes.sfu(node, 'consumer.close', {
          ...who,
          ...(input as CommandInput<typeof command>),
        });
      case 'media:produce':
        return this.#produce(participant, node, input as CommandInput<typeof command>);
      case 'media:pauseProducer': {
        const { producerId, paused } = input as CommandInput<typeof command>;
        const source = participant.producers.get(producerId)?.source;
        if (!paused && source && this.#mustBeSilent(caller.personId, source)) {
          throw new RostrumError('muted', 'the crew muted you');
        }
        await this.#nodes.sfu(node, 'producer.pause', { ...who, producerId, paused });
        this.#paused(participant, producerId, paused);
        this.hush(caller.personId);
        return null;
      }
      case 'media:closeProducer': {
        const { producerId } = input as CommandInput<typeof command>;
        await this.#nodes.sfu(node, 'producer.close', { ...who, producerId });
        this.#producerClosed(participant, producerId);
        return null;
      }
      case 'media:prepare':
      case 'media:join':
      case 'media:leave':
        throw new RostrumError('internal', `${command} is not a call on an existing participant`);
    }
  }

  async #connect(node: MediaNode, personId: string, command: Connecting, input: unknown): Promise<unknown> {
    const who = { roomId: this.webinarId, personId };
    switch (command) {
      case 'media:createTransport':
        return this.#nodes.sfu(node, 'transport.create', {
          ...who,
          ...(input as CommandInput<typeof command>),
        });
      case 'media:connectTransport':
        return this.#nodes.sfu(node, 'transport.connect', {
          ...who,
          ...(input as CommandInput<typeof command>),
        });
      case 'media:restartIce':
        return {
          ...(await this.#nodes.sfu(node, 'transport.restartIce', {
            ...who,
            ...(input as CommandInput<typeof command>),
          })),
          // Those of the join may have run out by now.
          iceServers: this.#iceServers(personId),
        };
    }
  }

  async #prepare(caller: MediaCaller): Promise<CommandOutput<'media:prepare'>> {
    const { personId } = caller;
    if (this.#participants.has(personId)) throw new RostrumError('conflict', 'you are on the stage already');
    const room = await this.#room.enter();
    // By another of their connections, or by this one once more: from nothing.
    this.#unprepare(personId);
    await this.#room.cleared(personId);
    if (!this.#words.isConnected(caller) || this.room !== room) {
      throw new RostrumError('not-on-stage', 'the stage or the connection was lost meanwhile');
    }
    this.#prepared.add(caller);
    return { routerRtpCapabilities: room.rtpCapabilities, iceServers: this.#iceServers(personId) };
  }

  /** What somebody prepared is closed. */
  #unprepare(personId: string): void {
    if (this.#prepared.drop(personId)) this.#room.leave(personId);
  }

  async #join(
    caller: MediaCaller,
    { resume = false, prepared = false }: CommandInput<'media:join'>,
  ): Promise<CommandOutput<'media:join'>> {
    this.#missed = this.#nodes.sfuNodes().length === 0 && this.#room.node === null;
    const room = await this.#room.enter();
    const before = this.#participants.get(caller.personId);
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
    // Whoever went away meanwhile is not told of again: nobody would ever take them off the stage.
    if (!this.#words.isConnected(caller) || this.room !== room) {
      if (keeps) this.#room.leave(caller.personId);
      throw new RostrumError('not-on-stage', 'the stage or the connection was lost meanwhile');
    }
    if (resumed) {
      before.caller = caller;
    } else {
      this.#participants.set(caller.personId, {
        caller,
        leaving: null,
        producers: new Map(),
        used: keeps,
      });
      this.#events.changed();
    }
    return {
      resumed: resumed || keeps,
      routerRtpCapabilities: room.rtpCapabilities,
      iceServers: this.#iceServers(caller.personId),
      producers: this.producers.filter((p) => p.personId !== caller.personId),
    };
  }

  async #produce(
    participant: Participant,
    node: MediaNode,
    input: CommandInput<'media:produce'>,
  ): Promise<CommandOutput<'media:produce'>> {
    const { personId } = participant.caller;
    const silent = this.#mustBeSilent(personId, input.source);
    const paused = silent || (input.paused ?? false);
    const created = await this.#nodes.sfu(node, 'producer.create', {
      ...input,
      paused,
      roomId: this.webinarId,
      personId,
    });
    if (this.#participants.get(personId) !== participant) {
      throw new RostrumError('not-on-stage', 'you left the stage meanwhile');
    }
    const producer: StageProducer = {
      producerId: created.producerId,
      personId,
      source: input.source,
      paused,
    };
    participant.producers.set(producer.producerId, producer);
    this.#tellOthers(personId, 'media.producerAdded', producer);
    if (silent && !input.paused) this.#tellMuted(participant);
    this.#events.changed();
    this.hush(personId);
    return created;
  }

  /**
   * Pauses at the SFU what is heard of somebody who may not be, again and again until it is so. The log says who that is, so
   * it is asked after everything that may have made a sound: a client that asked in the same moment, or anew on another node.
   */
  hush(personId: string): void {
    const participant = this.#participants.get(personId);
    const { room } = this;
    if (!participant || !room) return;
    for (const { producerId, source, paused } of participant.producers.values()) {
      if (paused || !this.#mustBeSilent(personId, source)) continue;
      const who = { roomId: this.webinarId, personId };
      this.#nodes.sfu(room.node, 'producer.pause', { ...who, producerId, paused: true }).then(
        () => {
          if (this.#participants.get(personId) !== participant) return;
          this.#paused(participant, producerId, true);
          this.#tellMuted(participant);
        },
        (error: unknown) => {
          this.#logger.warn({ err: error, personId }, 'somebody who was muted may still be heard');
          afterAttended(HUSH_AGAIN_MS, () => this.hush(personId));
        },
      );
    }
  }

  /** Every kind of sound: a microphone can be sent as that of a screen. */
  #mustBeSilent(personId: string, source: MediaSource): boolean {
    const state = this.#words.state(this.webinarId);
    return kindOf(source) === 'audio' && state !== null && !mayBeHeard(state, personId);
  }

  #tellMuted({ caller }: Participant): void {
    const name = this.#words.state(this.webinarId)?.people.get(caller.personId)?.mutedBy;
    if (name) this.#words.tell(caller, 'media.muted', { name });
  }

  /** The connection dropped: its media stands for a grace, then goes. */
  disconnected(caller: MediaCaller): void {
    if (this.#prepared.has(caller)) this.#unprepare(caller.personId);
    const participant = this.#participants.get(caller.personId);
    if (!participant || participant.caller.connectionId !== caller.connectionId || participant.leaving)
      return;
    participant.leaving = afterAttended(RESUME_GRACE_MS, () => {
      if (this.#participants.get(caller.personId) === participant) this.#remove(caller.personId);
    });
  }

  dismiss(personId: string, reason: 'removed' | 'returned'): Promise<void> {
    return this.#turns.run(personId, async () => {
      this.#unprepare(personId);
      const participant = this.#participants.get(personId);
      if (!participant) return;
      this.#words.tell(participant.caller, 'media.reset', { reason });
      this.#remove(personId);
    });
  }

  #remove(personId: string): void {
    const participant = this.#participants.get(personId);
    if (!participant) return;
    participant.leaving?.();
    this.#participants.delete(personId);
    for (const producerId of participant.producers.keys()) {
      this.#tellOthers(personId, 'media.producerClosed', { producerId });
    }
    this.#events.changed();
    this.#room.leave(personId);
  }

  #paused(participant: Participant, producerId: string, paused: boolean): void {
    const producer = participant.producers.get(producerId);
    if (!producer) return;
    participant.producers.set(producerId, { ...producer, paused });
    this.#tellOthers(participant.caller.personId, 'media.producerPaused', { producerId, paused });
    this.#events.changed();
  }

  #producerClosed(participant: Participant, producerId: string): void {
    if (!participant.producers.delete(producerId)) return;
    this.#tellOthers(participant.caller.personId, 'media.producerClosed', { producerId });
    this.#events.changed();
  }

  notice(node: MediaNode, notice: NodeNotice): void {
    if (this.room?.node !== node) return;
    switch (notice.type) {
      case 'producer.closed': {
        const participant = this.#participants.get(notice.personId);
        if (participant) this.#producerClosed(participant, notice.producerId);
        return;
      }
      case 'consumer.closed':
        this.#tell(notice.personId, 'media.consumerClosed', { consumerId: notice.consumerId });
        return;
      case 'consumer.layer':
        this.#tell(notice.personId, 'media.consumerLayer', {
          consumerId: notice.consumerId,
          spatialLayer: notice.spatialLayer,
        });
        return;
      case 'speakers':
        for (const personId of this.#participants.keys())
          this.#tell(personId, 'media.speakers', notice.speakers);
        this.#events.speakers(notice.speakers);
        return;
      case 'room.lost':
        this.lost();
        return;
      case 'egress.closed':
      case 'channel.epoch':
      case 'channel.failed':
      case 'network':
        return;
    }
  }

  /** A heartbeat of an SFU: the room may be gone, and the word of it lost. */
  beat(node: MediaNode): void {
    if (this.#room.missedBy(node)) this.lost();
  }

  /** Looks at what time brings: a room that nobody is in is given back. */
  tick(): void {
    this.#room.tick(this.#participants.size === 0 && this.#prepared.size === 0);
  }

  /** The node of this room (open or opening) went down. */
  nodeDown(node: MediaNode): void {
    if (this.node === node) this.lost();
  }

  /** All media is gone; everyone is told to join again, on whatever node there is then. */
  lost(): void {
    this.#room.forget();
    const people = [...this.#participants.values()];
    this.#participants.clear();
    const prepared = this.#prepared.callers;
    this.#prepared.clear();
    this.#missed = people.length > 0 && this.#nodes.sfuNodes().length === 0;
    for (const participant of people) {
      participant.leaving?.();
      this.#words.tell(participant.caller, 'media.reset', { reason: 'node-lost' });
    }
    for (const caller of prepared) this.#words.tell(caller, 'media.reset', { reason: 'node-lost' });
    this.#events.changed();
  }

  close(): void {
    for (const participant of this.#participants.values()) {
      participant.leaving?.();
    }
    this.#participants.clear();
    this.#prepared.clear();
    this.#room.close();
  }

  #tell<E extends keyof ServerToPerson>(
    personId: string,
    event: E,
    ...args: Parameters<ServerToPerson[E]>
  ): void {
    const participant = this.#participants.get(personId);
    if (participant) this.#words.tell(participant.caller, event, ...args);
  }

  #tellOthers<E extends keyof ServerToPerson>(
    personId: string,
    event: E,
    ...args: Parameters<ServerToPerson[E]>
  ): void {
    for (const other of this.#participants.keys()) {
      if (other !== personId) this.#tell(other, event, ...args);
    }
  }
}
