import { type NodeNotice, RostrumError, type SfuInput, type SfuOutput } from '@rostrum/contracts';
import type { types } from 'mediasoup';
import { egressCapabilities } from './codecs.ts';
import { keyFramesOf, PacedConsumer } from './key-frames.ts';
import { fromMediasoup } from './mediasoup-errors.ts';
import { parseSrtp } from './rtp-shapes.ts';

export interface EgressOptions {
  readonly roomId: string;
  readonly router: types.Router;
  readonly producer: types.Producer;
  readonly srtp: boolean;
  readonly carrier?: string | undefined;
  readonly listenIp: string;
  readonly announcedIp: string | undefined;
  readonly tell: (notice: NodeNotice) => void;
  readonly warn: (error: unknown, message: string) => void;
}

/** One producer's RTP to a broadcaster: a PlainTransport with one consumer. Calls must come one at a time. */
export class Egress {
  readonly #transport: types.PlainTransport;
  readonly #consumer: types.Consumer;
  readonly #paced: PacedConsumer;
  readonly #options: EgressOptions;
  #connectedTo: string | null = null;

  private constructor(transport: types.PlainTransport, consumer: types.Consumer, options: EgressOptions) {
    this.#transport = transport;
    this.#consumer = consumer;
    this.#paced = new PacedConsumer({
      consumer,
      keyFrames: keyFramesOf(options.producer),
      opened: true,
      failed: (error) => options.warn(error, 'an egress did not follow'),
    });
    this.#options = options;
  }

  static async open(options: EgressOptions): Promise<Egress> {
    const { router, producer, listenIp, announcedIp } = options;
    const listenInfo: types.TransportListenInfo = {
      protocol: 'udp',
      ip: listenIp,
      ...(announcedIp ? { announcedAddress: announcedIp } : {}),
    };
    const transport = await router.createPlainTransport({
      listenInfo,
      rtcpMux: false,
      comedia: false,
      ...(options.srtp ? { enableSrtp: true, srtpCryptoSuite: 'AES_CM_128_HMAC_SHA1_80' as const } : {}),
    });
    try {
      const consumer = await fromMediasoup(
        transport.consume({
          producerId: producer.id,
          rtpCapabilities: egressCapabilities(router.rtpCapabilities),
          // mediasoup offers NACK only with RTX. Over a network it is worth it; on one machine nothing is lost.
          enableRtx: options.srtp,
          paused: true,
        }),
      );
      if (producer.closed || transport.closed) {
        throw new RostrumError('not-found', 'the producer was closed meanwhile');
      }
      const egress = new Egress(transport, consumer, options);
      consumer.on('producerclose', () => {
        transport.close();
        options.tell({ type: 'egress.closed', roomId: options.roomId, egressId: transport.id });
      });
      return egress;
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  get id(): string {
    return this.#transport.id;
  }
  /** Whether this one takes the place of `other`. */
  replaces(other: Egress): boolean {
    const { carrier, producer } = this.#options;
    return (
      other !== this &&
      carrier !== undefined &&
      other.#options.carrier === carrier &&
      other.#options.producer.id === producer.id
    );
  }
  /** `then` is called once, whoever closes it. */
  onClosed(then: () => void): void {
    this.#transport.observer.once('close', then);
  }

  describe(): SfuOutput<'egress.open'> {
    const { tuple, rtcpTuple, srtpParameters } = this.#transport;
    return {
      egressId: this.id,
      kind: this.#consumer.kind,
      rtpParameters: this.#consumer.rtpParameters,
      local: {
        ip: this.#options.announcedIp ?? tuple.localAddress,
        port: tuple.localPort,
        rtcpPort: rtcpTuple?.localPort ?? tuple.localPort,
      },
      srtp: srtpParameters ?? null,
    };
  }

  /** Starts sending, at the top layer; a repetition with the same remote is harmless. */
  async connect({ remote, srtp }: Pick<SfuInput<'egress.connect'>, 'remote' | 'srtp'>): Promise<void> {
    if (this.#options.srtp !== (srtp !== null)) {
      throw new RostrumError('bad-input', `srtp: this egress was opened ${srtp ? 'without' : 'with'} it`, {
        field: 'srtp',
      });
    }
    const parsedSrtp = srtp === null ? null : parseSrtp(srtp);
    const to = JSON.stringify([remote, srtp]);
    if (this.#connectedTo === to) return;
    if (this.#connectedTo !== null) throw new RostrumError('conflict', 'this egress is already connected');
    await fromMediasoup(
      this.#transport.connect({ ...remote, ...(parsedSrtp ? { srtpParameters: parsedSrtp } : {}) }),
    );
    this.#connectedTo = to;
    await this.#paced.update({ paused: false });
  }

  async update({
    paused,
    spatialLayer,
  }: Omit<SfuInput<'egress.update'>, 'roomId' | 'egressId'>): Promise<void> {
    if (paused === false && this.#connectedTo === null)
      throw new RostrumError('conflict', 'not connected yet');
    await this.#paced.update({ paused, spatialLayer });
  }

  close(): void {
    this.#transport.close();
  }
}
