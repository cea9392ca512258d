import { layerForHeight } from '@rostrum/contracts/camera-layers';
import type { ErrorCode } from '@rostrum/contracts/errors';
import type { MediaSource, StageProducer } from '@rostrum/contracts/media';
import { ask } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import type { Device, types } from 'mediasoup-client';
import { codeOf, endsSession } from './errors.ts';
import type { RemoteTrack } from './stage-types.ts';
import { pickVideos, tileKey } from './tiles.ts';

interface Remote {
  producer: StageProducer;
  received: {
    readonly consumer: types.Consumer;
    readonly spatialLayers: number;
    told: { readonly paused: boolean; readonly spatialLayer: number | null };
  } | null;
  spatialLayer: number | null;
  /** Why the SFU or the browser refused it; asked again only after the producer is announced anew. */
  refused: ErrorCode | null;
}

export interface Receiver {
  /**
   * Makes what is received equal to what is wanted, of a camera at most so many `layers`; 0: no video. Throws only what
   * ends the session.
   */
  apply(tiles: ReadonlyMap<string, number>, layers: number): Promise<void>;
  added(producer: StageProducer): void;
  paused(producerId: string, paused: boolean): void;
  closed(producerId: string): void;
  /** What the server has now, after notices may have been missed. */
  replaceAll(producers: readonly StageProducer[]): void;
  consumerClosed(consumerId: string): void;
  consumerLayer(consumerId: string, spatialLayer: number | null): void;
  tracks(): RemoteTrack[];
  /** Consumers by producer, for statistics. */
  consumers(): ReadonlyMap<string, types.Consumer>;
}

const isVideo = (source: MediaSource): boolean => source === 'camera' || source === 'screen';

/** Receives the others' tracks over a transport whose `connect` event is already answered. */
export function createReceiver(
  transport: types.Transport,
  device: Device,
  room: RoomClient,
  onChange: () => void,
): Receiver {
  const remotes = new Map<string, Remote>();

  const drop = async (remote: Remote): Promise<void> => {
    const { received } = remote;
    remote.received = null;
    remote.spatialLayer = null;
    if (!received) return;
    received.consumer.close();
    await ask(room, 'media:closeConsumer', { consumerId: received.consumer.id }).catch((error: unknown) => {
      if (endsSession(error)) throw error; // anything else: it was gone already
    });
  };

  const receive = async (remote: Remote): Promise<void> => {
    const { producerId, personId, source } = remote.producer;
    try {
      const answer = await ask(room, 'media:consume', {
        transportId: transport.id,
        producerId,
        rtpCapabilities: device.recvRtpCapabilities,
      });
      const consumer = await transport.consume({
        id: answer.consumerId,
        producerId,
        kind: answer.kind,
        rtpParameters: answer.rtpParameters as unknown as types.RtpParameters,
        // Tracks of one stream id are played in sync: camera with microphone, screen with its sound.
        streamId: `${personId}-${source === 'camera' || source === 'mic' ? 'live' : 'screen'}`,
      });
      remote.received = {
        consumer,
        spatialLayers: answer.spatialLayers,
        told: { paused: true, spatialLayer: null },
      };
      // Its producer may have been closed while we negotiated.
      if (remotes.get(producerId) !== remote) await drop(remote);
    } catch (error) {
      if (endsSession(error) || transport.closed) throw error;
      remote.refused = codeOf(error);
    }
    onChange();
  };

  const update = async (
    remote: Remote,
    tiles: ReadonlyMap<string, number>,
    layers: number,
  ): Promise<void> => {
    const { received, producer } = remote;
    if (!received) return;
    const height = tiles.get(tileKey(producer.personId, producer.source));
    const paused = isVideo(producer.source) && (height === undefined || layers === 0);
    const spatialLayer =
      height === undefined || received.spatialLayers < 2 || layers === 0
        ? received.told.spatialLayer
        : Math.min(layerForHeight(height), received.spatialLayers - 1, layers - 1);
    if (paused === received.told.paused && spatialLayer === received.told.spatialLayer) return;
    await ask(room, 'media:updateConsumer', {
      consumerId: received.consumer.id,
      paused,
      ...(spatialLayer === null ? {} : { spatialLayer }),
    }).catch((error: unknown) => {
      if (endsSession(error)) throw error; // otherwise closed meanwhile; its notice is on the way
    });
    received.told = { paused, spatialLayer };
    if (paused) remote.spatialLayer = null;
    onChange();
  };

  const receiver: Receiver = {
    async apply(tiles, layers) {
      const all = [...remotes.values()].filter((r) => r.refused === null);
      const videos = all.filter((r) => isVideo(r.producer.source));
      const chosen = new Set(
        pickVideos(
          videos.map((remote) => ({ ...remote.producer, remote })),
          tiles,
        ).map((v) => v.remote),
      );
      await Promise.all(videos.filter((r) => !chosen.has(r)).map(drop));
      await Promise.all(
        all
          .filter((r) => !isVideo(r.producer.source) || chosen.has(r))
          .map(async (remote) => {
            if (!remote.received) await receive(remote);
            await update(remote, tiles, layers);
          }),
      );
    },
    added(producer) {
      if (remotes.has(producer.producerId)) return;
      if (producer.personId === room.getState().view?.self.personId) return;
      remotes.set(producer.producerId, { producer, received: null, spatialLayer: null, refused: null });
    },
    paused(producerId, paused) {
      const remote = remotes.get(producerId);
      if (remote) remote.producer = { ...remote.producer, paused };
    },
    closed(producerId) {
      const remote = remotes.get(producerId);
      remotes.delete(producerId);
      remote?.received?.consumer.close();
    },
    replaceAll(producers) {
      const now = new Set(producers.map((p) => p.producerId));
      for (const producerId of [...remotes.keys()]) if (!now.has(producerId)) receiver.closed(producerId);
      for (const producer of producers) {
        receiver.added(producer);
        receiver.paused(producer.producerId, producer.paused);
      }
    },
    consumerClosed(consumerId) {
      for (const remote of remotes.values()) {
        if (remote.received?.consumer.id !== consumerId) continue;
        remote.received.consumer.close();
        remote.received = null;
        remote.spatialLayer = null;
      }
    },
    consumerLayer(consumerId, spatialLayer) {
      for (const remote of remotes.values()) {
        if (remote.received?.consumer.id === consumerId) remote.spatialLayer = spatialLayer;
      }
    },
    tracks: () =>
      [...remotes.values()].map(({ producer, received, spatialLayer, refused }) => ({
        ...producer,
        track: received?.consumer.track ?? null,
        spatialLayer,
        problem: refused,
      })),
    consumers: () =>
      new Map(
        [...remotes.values()].flatMap(({ producer, received }) =>
          received ? [[producer.producerId, received.consumer] as const] : [],
        ),
      ),
  };
  return receiver;
}
