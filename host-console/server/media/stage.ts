import {
  type CommandInput,
  type CommandOutput,
  type NodeNotice,
  RostrumError,
  receivesVp9,
  type ScreenCodec,
  type SfuInput,
  type SfuMethod,
  type SfuOutput,
  type Speakers,
  type StageProducer,
} from '@rostrum/contracts';
import type { Logger } from 'pino';
import { isBackstageOpen } from '../webinars/features/backstage/decide.ts';
import type { IceServersOf } from './ice-servers.ts';
import type { MediaCaller, MediaCommand, WordSide } from './media-plane.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import { type Participant, StagePeople } from './stage-people.ts';
import { type Connecting, isConnecting } from './stage-prepared.ts';
import { type OpenRoom, StageRoom } from './stage-room.ts';
import { StageSilence } from './stage-silence.ts';

export interface StageEvents {
  /** Somebody's tracks, or the room itself, changed. */
  changed(): void;
  speakers(speakers: Speakers): void;
}

/**
 * Who is connected to one webinar's room on one SFU node, and the signalling between them. The node is the truth about
 * media objects and checks every id's owner; this side knows people and tells the others.
 */
export class Stage {
  readonly webinarId: string;
  readonly #room: StageRoom;
  /** People were here, or came, when there was no node. */
  #missed = false;
  readonly #people: StagePeople;
  /** The room in which somebody receives no VP9; another one begins anew. */
  #screensAsVp8In: OpenRoom | null = null;
  readonly #silence: StageSilence;
  readonly #nodes: NodeRegistry;
  readonly #words: WordSide;
  readonly #nowUnixMs: () => number;
  readonly #events: StageEvents;
  readonly #iceServers: IceServersOf;
  readonly #logger: Logger;

  constructor(options: {
    webinarId: string;
    nodes: NodeRegistry;
    words: WordSide;
    events: StageEvents;
    iceServers: IceServersOf;
    logger: Logger;
    /** Monotonic milliseconds. */
    nowMs: () => number;
    nowUnixMs: () => number;
  }) {
    this.webinarId = options.webinarId;
    this.#nodes = options.nodes;
    this.#words = options.words;
    this.#nowUnixMs = options.nowUnixMs;
    this.#events = options.events;
    this.#iceServers = options.iceServers;
    this.#logger = options.logger.child({ webinarId: options.webinarId });
    this.#room = new StageRoom({ ...options, logger: this.#logger });
    this.#people = new StagePeople({
      room: this.#room,
      enter: () => this.#enter(),
      words: options.words,
      changed: () => this.#events.changed(),
    });
    this.#silence = new StageSilence({
      ...options,
      people: this.#people,
      room: () => this.room,
      logger: this.#logger,
    });
  }

  /** The node the room is on, or is being opened on; null: there is no room. */
  get node(): MediaNode | null {
    return this.#room.node;
  }

  /** Whether somebody is on the stage, or was turned away for want of a node. */
  get wanted(): boolean {
    return this.#people.size > 0 || this.#missed;
  }

  /** Whether there are people, or a room, to look after. */
  get inUse(): boolean {
    return this.#people.size > 0 || this.#room.node !== null;
  }

  /** The room, once it stands. */
  get room(): OpenRoom | null {
    return this.#room.open;
  }

  get producers(): StageProducer[] {
    return this.#people.producers;
  }

  get people(): string[] {
    return this.#people.ids;
  }

  /** Whether that connection is the one by which its person is here. */
  holds(caller: MediaCaller): boolean {
    return this.#people.holds(caller);
  }

  async handle<C extends MediaCommand>(
    caller: MediaCaller,
    command: C,
    input: CommandInput<C>,
  ): Promise<unknown> {
    // Each case narrows `input` by hand: TypeScript does not carry the link from C to its input into a switch.
    switch (command as MediaCommand) {
      case 'media:prepare':
        this.#mustBeOpen(caller);
        return this.#prepare(caller);
      case 'media:join':
        this.#mustBeOpen(caller);
        return this.#join(caller, input as CommandInput<'media:join'>);
      case 'media:leave':
        await this.#people.leave(caller);
        return null;
      default:
        return this.#withMedia(caller, command, input);
    }
  }

  /** After the end the stage is the crew's and the panelists', for a while. */
  #mustBeOpen({ personId }: MediaCaller): void {
    if (this.#mayStay(personId)) return;
    throw new RostrumError('not-on-stage', 'the webinar has ended');
  }

  #mayStay(personId: string): boolean {
    const state = this.#words.state(this.webinarId);
    if (state?.phase.phase !== 'ended') return true;
    return isBackstageOpen(state, this.#nowUnixMs()) && state.people.get(personId)?.guest !== true;
  }

  #enter(): Promise<OpenRoom> {
    this.#missed = this.#nodes.sfuNodes().length === 0 && this.#room.node === null;
    return this.#room.enter();
  }

  async #withMedia(caller: MediaCaller, command: MediaCommand, input: unknown): Promise<unknown> {
    const participant = this.#people.get(caller.personId);
    const room = this.room;
    if (room && isConnecting(command) && this.#people.isPrepared(caller)) {
      return this.#connect(room.node, caller.personId, command, input);
    }
    if (!participant || !room || participant.caller.connectionId !== caller.connectionId) {
      throw new RostrumError('not-on-stage', `join the stage before ${command}`);
    }
    participant.used = true;
    const { node } = room;
    const who = { roomId: this.webinarId, personId: caller.personId };
    const ask = <M extends SfuMethod>(
      method: M,
      of: Omit<SfuInput<M>, keyof typeof who>,
    ): Promise<SfuOutput<M>> =>
      // What is taken out of a generic type and put back is no longer known to be it.
      this.#nodes.sfu(node, method, { ...who, ...of } as SfuInput<M>);
    switch (command) {
      case 'media:createTransport':
      case 'media:connectTransport':
      case 'media:restartIce':
        return this.#connect(node, caller.personId, command, input);
      case 'media:consume': {
        const wanted = input as CommandInput<typeof command>;
        this.#lookAtReceiver(room, wanted.rtpCapabilities);
        return ask('consumer.create', wanted);
      }
      case 'media:updateConsumer':
        return ask('consumer.update', input as CommandInput<typeof command>);
      case 'media:closeConsumer':
        return ask('consumer.close', input as CommandInput<typeof command>);
      case 'media:produce':
        return this.#produce(participant, node, input as CommandInput<typeof command>);
      case 'media:pauseProducer': {
        const { producerId, paused } = input as CommandInput<typeof command>;
        const source = participant.producers.get(producerId)?.source;
        if (!paused && source && this.#silence.mustBe(caller.personId, source)) {
          throw new RostrumError('muted', 'the crew muted you');
        }
        await ask('producer.pause', { producerId, paused });
        this.#people.paused(participant, producerId, paused);
        this.hush();
        return null;
      }
      case 'media:closeProducer': {
        const { producerId } = input as CommandInput<typeof command>;
        await ask('producer.close', { producerId });
        this.#people.closed(participant, producerId);
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
    const { rtpCapabilities } = await this.#people.prepare(caller);
    return { routerRtpCapabilities: rtpCapabilities, iceServers: this.#iceServers(caller.personId) };
  }

  #join(caller: MediaCaller, how: CommandInput<'media:join'>): Promise<CommandOutput<'media:join'>> {
    return this.#people.join(caller, how, (room, resumed) => ({
      resumed,
      routerRtpCapabilities: room.rtpCapabilities,
      iceServers: this.#iceServers(caller.personId),
      producers: this.producers.filter((p) => p.personId !== caller.personId),
      screenCodec: this.#screenCodecIn(room),
    }));
  }

  #screenCodecIn(room: OpenRoom): ScreenCodec {
    return this.#screensAsVp8In === room ? 'VP8' : 'VP9';
  }

  /** Whoever wants the first of a room's tracks says what they can receive, of whatever kind that track is. */
  #lookAtReceiver(room: OpenRoom, rtpCapabilities: unknown): void {
    if (this.#screenCodecIn(room) === 'VP8' || receivesVp9(rtpCapabilities)) return;
    this.#screensAsVp8In = room;
    for (const personId of this.people) this.#people.tell(personId, 'media.screenCodec', { codec: 'VP8' });
  }

  async #produce(
    participant: Participant,
    node: MediaNode,
    input: CommandInput<'media:produce'>,
  ): Promise<CommandOutput<'media:produce'>> {
    const { personId } = participant.caller;
    const silent = this.#silence.mustBe(personId, input.source);
    const paused = silent || (input.paused ?? false);
    const created = await this.#nodes.sfu(node, 'producer.create', {
      ...input,
      paused,
      roomId: this.webinarId,
      personId,
    });
    if (!this.#people.has(participant)) {
      throw new RostrumError('not-on-stage', 'you left the stage meanwhile');
    }
    const producer: StageProducer = {
      producerId: created.producerId,
      personId,
      source: input.source,
      paused,
    };
    this.#people.added(participant, producer);
    if (silent && !input.paused) this.#silence.tell(participant);
    this.#events.changed();
    this.hush();
    return created;
  }

  /** The crew muted somebody: they are silenced at the SFU. */
  hush(): void {
    this.#silence.look();
  }

  /** The connection dropped: its media stands for a grace, then goes. */
  disconnected(caller: MediaCaller): void {
    this.#people.disconnected(caller);
  }

  dismiss(personId: string, reason: 'removed' | 'returned'): Promise<void> {
    return this.#people.dismiss(personId, reason);
  }

  notice(node: MediaNode, notice: NodeNotice): void {
    if (this.room?.node !== node) return;
    switch (notice.type) {
      case 'producer.closed': {
        const participant = this.#people.get(notice.personId);
        if (participant) this.#people.closed(participant, notice.producerId);
        return;
      }
      case 'consumer.closed':
        this.#people.tell(notice.personId, 'media.consumerClosed', { consumerId: notice.consumerId });
        return;
      case 'consumer.layer':
        this.#people.tell(notice.personId, 'media.consumerLayer', {
          consumerId: notice.consumerId,
          spatialLayer: notice.spatialLayer,
        });
        return;
      case 'speakers':
        for (const personId of this.people) this.#people.tell(personId, 'media.speakers', notice.speakers);
        this.#events.speakers(notice.speakers);
        return;
      case 'room.lost':
        this.lost();
        return;
      case 'egress.closed':
      case 'channel.epoch':
      case 'channel.failed':
      case 'channel.tracksLost':
      case 'network':
        return;
    }
  }

  /** A heartbeat of an SFU: the room may be gone, and the word of it lost. */
  beat(node: MediaNode): void {
    if (this.#room.missedBy(node)) this.lost();
  }

  /** The webinar ended, or its backstage was closed: who may not stay is told to go. */
  clear(): void {
    void this.#people.dismissAll('ended', (personId) => this.#mayStay(personId));
  }

  /** Looks at what time brings: nobody stays for ever after the end, and a room that nobody is in is given back. */
  tick(): void {
    if (!this.#people.nobody && this.#words.state(this.webinarId)?.phase.phase === 'ended') this.clear();
    this.#room.tick(this.#people.nobody);
  }

  /** The node of this room (open or opening) went down. */
  nodeDown(node: MediaNode): void {
    if (this.node === node) this.lost();
  }

  /** All media is gone; everyone is told to join again, on whatever node there is then. */
  lost(): void {
    this.#room.forget();
    this.#missed = this.#people.size > 0 && this.#nodes.sfuNodes().length === 0;
    this.#people.reset();
    this.#events.changed();
  }

  close(): void {
    this.#people.close();
    this.#silence.close();
    this.#room.close();
  }
}
