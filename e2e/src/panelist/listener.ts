import type { StageProducer } from '@rostrum/contracts';
import { ask } from '@rostrum/room-client/command';
import { z } from 'zod';
import type { PanelistMedia } from './media.ts';
import { connect, type Session, type SessionOptions } from './session.ts';
import { openTransport } from './transport.ts';

/** A packet of somebody else's that came. */
export interface Heard {
  readonly producerId: string;
  readonly kind: 'audio' | 'video';
  readonly sequence: number;
}

/** Nothing is sent by who only listens. */
export const NO_MEDIA: PanelistMedia = {
  layers: [],
  start: async () => ({ keyFrameWanted: () => undefined, stop: async () => undefined }),
};

const RouterCapabilities = z.looseObject({ codecs: z.array(z.looseObject({ mimeType: z.string() })) });
const Encodings = z.object({ encodings: z.array(z.looseObject({ ssrc: z.number() })).min(1) });

/**
 * What a router can send that is received here: no retransmission, and no header extensions, so that nothing is estimated of a
 * bandwidth that nobody reports on.
 */
function capabilitiesOf(routerRtpCapabilities: unknown): Record<string, unknown> {
  const { codecs } = RouterCapabilities.parse(routerRtpCapabilities);
  return { codecs: codecs.filter(({ mimeType }) => !/\/rtx$/i.test(mimeType)), headerExtensions: [] };
}

/**
 * A stay on the stage that receives all of everybody else's and sends nothing: the `openSession` of `joinHeadless`.
 * @param heard is told of every packet as it comes
 */
export const listening =
  (heard: (packet: Heard) => void) =>
  async ({ room, onLost }: SessionOptions): Promise<Session> => {
    // From before the join on: its answer may be older than they are.
    const early: StageProducer[] = [];
    let added = (producer: StageProducer): void => void early.push(producer);
    const off = room.on('media.producerAdded', (producer) => added(producer));
    try {
      const joined = await ask(room, 'media:join', {});
      const server = await ask(room, 'media:createTransport', { direction: 'recv' });
      const tracks = new Map<number, Omit<Heard, 'sequence'>>();
      const transport = await openTransport(server, {
        onRtcp: () => undefined,
        onMedia(packet) {
          const track = packet.length < 12 ? undefined : tracks.get(packet.readUInt32BE(8));
          if (track) heard({ ...track, sequence: packet.readUInt16BE(2) });
        },
        onLost,
      });
      const { transportId } = server;
      const rtpCapabilities = capabilitiesOf(joined.routerRtpCapabilities);
      const consumed = new Set<string>();
      const consume = async ({ producerId }: StageProducer): Promise<void> => {
        if (consumed.has(producerId)) return;
        consumed.add(producerId);
        const consumer = await ask(room, 'media:consume', { transportId, producerId, rtpCapabilities });
        const [encoding] = Encodings.parse(consumer.rtpParameters).encodings;
        if (encoding) tracks.set(encoding.ssrc, { producerId, kind: consumer.kind });
        await ask(room, 'media:updateConsumer', { consumerId: consumer.consumerId, paused: false });
      };
      const close = async (): Promise<void> => {
        off();
        await transport.close();
      };
      // Whoever leaves meanwhile takes what they sent along.
      added = (producer) => void consume(producer).catch(() => undefined);
      for (const producer of early) added(producer);
      try {
        const { dtlsParameters } = transport;
        await ask(room, 'media:connectTransport', { transportId, dtlsParameters });
        await Promise.all([connect(transport), ...joined.producers.map(consume)]);
      } catch (error) {
        await close();
        throw error;
      }
      return { setMuted: async () => undefined, close };
    } catch (error) {
      off();
      throw error;
    }
  };
