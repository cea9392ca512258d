import {
  kindOf,
  type MediaSource,
  type NodeNotice,
  RostrumError,
  type SeenNetwork,
  type SfuInput,
  type SfuOutput,
} from '@rostrum/contracts';
import { parseScalabilityMode, type types } from 'mediasoup';
import {
  INITIAL_OUTGOING_BITRATE,
  MAX_INCOMING_BITRATE,
  MAX_VIDEO_CONSUMERS,
  MIN_OUTGOING_BITRATE,
} from './codecs.ts';
import { keyFramesOf, PacedConsumer, watchKeyFrames } from './key-frames.ts';
import { fromMediasoup } from './mediasoup-errors.ts';
import { NetworkWatch } from './network.ts';
import { parseDtlsParameters, parseRtpCapabilities, parseRtpParameters } from './rtp-shapes.ts';

type Direction = 'send' | 'recv';

/** What a person's media needs of the room it is in. */
export interface RoomPorts {
  readonly roomId: string;
  readonly router: types.Router;
  readonly webRtcServer: types.WebRtcServer;
  /** A producer of anybody in the room; null: none has this id. */
  producer(producerId: string): types.Producer | null;
  /** Somebody else in the room has a transport, producer or consumer with this id. */
  isOthers(id: string, personId: string): boolean;
  watchSpeaker(producer: types.Producer): Promise<void>;
  tell(notice: NodeNotice): void;
  warn(error: unknown, message: string): void;
}

/** One person's media in a room. Calls must come one at a time (`KeyedQueue`). Throws `RostrumError`. */
export class PersonMedia {
  readonly personId: string;
  readonly #room: RoomPorts;
  readonly #transports = new Map<
    string,
    { direction: Direction; transport: types.WebRtcTransport; connected: boolean }
  >();
  readonly #producers = new Map<string, { source: MediaSource; producer: types.Producer }>();
  readonly #consumers = new Map<string, { consumer: types.Consumer; paced: PacedConsumer }>();
  readonly #network = new NetworkWatch();

  constructor(personId: string, room: RoomPorts) {
    this.personId = personId;
    this.#room = room;
  }

  get empty(): boolean {
    return this.#transports.size === 0;
  }
  get counts(): { transports: number; producers: number; consumers: number } {
    return {
      transports: this.#transports.size,
      producers: this.#producers.size,
      consumers: this.#consumers.size,
    };
  }
  /** Where the packets of each connection that stands come from. */
  get origins(): types.TransportTuple[] {
    return [...this.#transports.values()].flatMap(({ transport }) => transport.iceSelectedTuple ?? []);
  }
  owns(id: string): boolean {
    return this.#transports.has(id) || this.#producers.has(id) || this.#consumers.has(id);
  }
  producer(producerId: string): types.Producer | null {
    return this.#producers.get(producerId)?.producer ?? null;
  }

  async createTransport(direction: Direction): Promise<SfuOutput<'transport.create'>> {
    if ([...this.#transports.values()].some((t) => t.direction === direction)) {
      throw new RostrumError('limit-reached', `one ${direction} transport a person`);
    }
    const transport = await this.#room.router.createWebRtcTransport({
      webRtcServer: this.#room.webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BITRATE,
    });
    const { id } = transport;
    // Closed from below: the router with its room, or DTLS by the browser's farewell.
    transport.observer.on('close', () => this.#transports.delete(id));
    transport.on('dtlsstatechange', (state) => {
      if (state === 'closed' || state === 'failed') transport.close();
      // One transport to receive by: what waits, waits for it.
      else if (state === 'connected' && direction === 'recv')
        for (const { paced } of this.#consumers.values()) paced.open();
    });
    this.#transports.set(id, { direction, transport, connected: false });
    try {
      if (direction === 'send') await transport.setMaxIncomingBitrate(MAX_INCOMING_BITRATE);
      // The estimate was seen to come to nothing on a good line while a sender lost 9 % on their way up.
      else await transport.setMinOutgoingBitrate(MIN_OUTGOING_BITRATE);
    } catch (error) {
      transport.close();
      throw error;
    }
    return {
      transportId: id,
      iceParameters: transport.iceParameters,
      iceCandidates: transport.iceCandidates,
      dtlsParameters: transport.dtlsParameters,
    };
  }

  async connectTransport(transportId: string, dtlsParameters: unknown): Promise<void> {
    const entry = this.#own(this.#transports, transportId, 'transport');
    const parsed = parseDtlsParameters(dtlsParameters);
    if (entry.connected) throw new RostrumError('conflict', 'this transport is already connected');
    await fromMediasoup(entry.transport.connect({ dtlsParameters: parsed }));
    entry.connected = true;
  }

  async restartIce(transportId: string): Promise<SfuOutput<'transport.restartIce'>> {
    const { transport } = this.#own(this.#transports, transportId, 'transport');
    return { iceParameters: await transport.restartIce() };
  }

  async produce(input: SfuInput<'producer.create'>): Promise<SfuOutput<'producer.create'>> {
    const { direction, transport } = this.#own(this.#transports, input.transportId, 'transport');
    const rtpParameters = parseRtpParameters(input.rtpParameters);
    if (direction !== 'send') {
      throw new RostrumError('bad-input', 'not a send transport', { field: 'transportId' });
    }
    checkProducer(input, rtpParameters);
    if ([...this.#producers.values()].some((p) => p.source === input.source)) {
      throw new RostrumError('limit-reached', `one ${input.source} a person`);
    }
    const producer = await fromMediasoup(
      transport.produce({
        kind: input.kind,
        rtpParameters,
        paused: input.paused,
        appData: { personId: this.personId },
      }),
    );
    if (transport.closed) {
      producer.close(); // it was born on a transport that had just gone
      throw new RostrumError('not-found', 'the transport was closed meanwhile');
    }
    const { id } = producer;
    this.#producers.set(id, { source: input.source, producer });
    producer.observer.on('close', () => this.#producers.delete(id));
    producer.on('transportclose', () =>
      this.#room.tell({
        type: 'producer.closed',
        roomId: this.#room.roomId,
        personId: this.personId,
        producerId: id,
      }),
    );
    await watchKeyFrames(producer);
    if (input.source === 'mic') await this.#room.watchSpeaker(producer);
    return { producerId: id };
  }

  async pauseProducer(producerId: string, paused: boolean): Promise<void> {
    const { producer } = this.#own(this.#producers, producerId, 'producer');
    await (paused ? producer.pause() : producer.resume());
  }

  closeProducer(producerId: string): void {
    this.#own(this.#producers, producerId, 'producer').producer.close();
  }

  async consume(input: SfuInput<'consumer.create'>): Promise<SfuOutput<'consumer.create'>> {
    const { direction, transport } = this.#own(this.#transports, input.transportId, 'transport');
    const rtpCapabilities = parseRtpCapabilities(input.rtpCapabilities);
    if (direction !== 'recv') {
      throw new RostrumError('bad-input', 'not a recv transport', { field: 'transportId' });
    }
    const producer = this.#room.producer(input.producerId);
    if (!producer) throw new RostrumError('not-found', 'no such producer in this room');
    const consumers = [...this.#consumers.values()].map((c) => c.consumer);
    if (consumers.some((c) => c.producerId === producer.id)) {
      throw new RostrumError('conflict', 'there is a consumer of this producer already');
    }
    if (
      producer.kind === 'video' &&
      consumers.filter((c) => c.kind === 'video').length >= MAX_VIDEO_CONSUMERS
    ) {
      throw new RostrumError('limit-reached', `${MAX_VIDEO_CONSUMERS} videos a person`);
    }
    if (!this.#room.router.canConsume({ producerId: producer.id, rtpCapabilities })) {
      throw new RostrumError('media-unsupported', 'no codec in common with this producer');
    }
    const consumer = await fromMediasoup(
      // mediasoup has sound sent again only where it is told to (`enableRtx`; sound needs no RTX for it).
      transport.consume({ producerId: producer.id, rtpCapabilities, paused: true, enableRtx: true }),
    );
    if (transport.closed || producer.closed) {
      consumer.close();
      throw new RostrumError('not-found', 'the producer or transport was closed meanwhile');
    }
    this.#watch(consumer, producer, transport);
    const mode = consumer.rtpParameters.encodings?.[0]?.scalabilityMode;
    return {
      consumerId: consumer.id,
      producerId: producer.id,
      kind: consumer.kind,
      rtpParameters: consumer.rtpParameters,
      spatialLayers: consumer.type === 'simple' ? 1 : parseScalabilityMode(mode).spatialLayers,
    };
  }

  #watch(consumer: types.Consumer, producer: types.Producer, transport: types.WebRtcTransport): void {
    const named = { roomId: this.#room.roomId, personId: this.personId, consumerId: consumer.id };
    const paced = new PacedConsumer({
      consumer,
      keyFrames: keyFramesOf(producer),
      opened: transport.dtlsState === 'connected',
      failed: (error) => this.#room.warn(error, 'a consumer did not follow'),
    });
    this.#consumers.set(consumer.id, { consumer, paced });
    consumer.observer.on('close', () => this.#consumers.delete(consumer.id));
    const toldClosed = (): void => this.#room.tell({ type: 'consumer.closed', ...named });
    consumer.on('producerclose', toldClosed);
    consumer.on('transportclose', toldClosed);
    if (consumer.type === 'simple') return;
    consumer.on('layerschange', (layers) =>
      this.#room.tell({ type: 'consumer.layer', ...named, spatialLayer: layers?.spatialLayer ?? null }),
    );
  }

  async updateConsumer({ consumerId, ...wish }: SfuInput<'consumer.update'>): Promise<void> {
    await this.#own(this.#consumers, consumerId, 'consumer').paced.update(wish);
  }

  closeConsumer(consumerId: string): void {
    this.#own(this.#consumers, consumerId, 'consumer').consumer.close();
  }

  /** How their network fares as seen from here. */
  async network(): Promise<SeenNetwork> {
    const of = (direction: Direction): types.WebRtcTransport | null =>
      [...this.#transports.values()].find((t) => t.direction === direction)?.transport ?? null;
    const consumers = [...this.#consumers.values()].map(({ consumer }) => consumer);
    const producers = [...this.#producers.values()].map(({ producer }) => producer);
    const seen = await this.#network.look(of('send'), of('recv'), producers, consumers);
    return { personId: this.personId, ...seen };
  }

  /** Closes every transport with what is on it, silently: whoever asked knows. */
  close(): void {
    for (const { producer } of [...this.#producers.values()]) producer.close();
    for (const { consumer } of [...this.#consumers.values()]) consumer.close();
    for (const { transport } of [...this.#transports.values()]) transport.close();
  }

  #own<T>(of: ReadonlyMap<string, T>, id: string, what: string): T {
    const found = of.get(id);
    if (found !== undefined) return found;
    if (this.#room.isOthers(id, this.personId)) {
      throw new RostrumError('forbidden', `this ${what} is somebody else's`);
    }
    throw new RostrumError('not-found', `no such ${what}`);
  }
}

/** What mediasoup does not check. Throws `bad-input`. */
function checkProducer(
  { kind, source }: Pick<SfuInput<'producer.create'>, 'kind' | 'source'>,
  { codecs, encodings = [] }: types.RtpParameters,
): void {
  const refuse = (field: string, message: string): never => {
    throw new RostrumError('bad-input', message, { field });
  };
  if (kindOf(source) !== kind) refuse('kind', `${source} is not ${kind}`);
  if (codecs.some((c) => !c.mimeType.toLowerCase().startsWith(`${kind}/`))) {
    refuse('rtpParameters.codecs', `a codec that is not ${kind}`);
  }
  if (source !== 'camera' && encodings.length > 1) {
    refuse('rtpParameters.encodings', `${source} is sent as one encoding`);
  }
}
