import { CAMERA_LAYERS } from '@rostrum/contracts/camera-layers';
import type { ErrorCode } from '@rostrum/contracts/errors';
import type { MediaSource } from '@rostrum/contracts/media';
import type { ScreenCodec } from '@rostrum/contracts/screen-codec';
import { ask } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import type { Device, types } from 'mediasoup-client';
import { chooseVideoCodec, type VideoCodec } from './codecs.ts';
import { codeOf, endsSession } from './errors.ts';

/** What should be sent for a source. */
export interface LocalIntent {
  readonly track: MediaStreamTrack;
  readonly paused: boolean;
  /** Simulcast layers of the camera, from the lowest up; of the rest there is one. */
  readonly layers: number;
}
export interface SentTrack {
  readonly producerId: string | null;
  readonly problem: ErrorCode | null;
}

type Encodings = NonNullable<types.ProducerOptions['encodings']>;

export interface Sender {
  /** Makes what is sent for a source equal to what is wanted. Throws only what ends the session. */
  apply(source: MediaSource, wanted: LocalIntent | null): Promise<SentTrack>;
  /** What a screen is to be sent as from now on: with the next `apply` one that is sent as something else is sent anew. */
  sendScreenAs(codec: ScreenCodec): void;
}

/** What is wanted of the codecs: another is sent where this browser has not got it. */
export interface WantedCodecs {
  readonly camera: VideoCodec;
  readonly screen: ScreenCodec;
}

/**
 * One spatial layer and one temporal: everybody gets the same, since a screen of fewer lines cannot be read. Its pictures may be few,
 * and have to be sharp.
 */
const SCREEN_ENCODINGS: Encodings = [{ maxBitrate: 3_000_000, maxFramerate: 15, scalabilityMode: 'L1T1' }];

/** Where the way up is short, its sound is sent before its pictures. */
const SOUND_FIRST: Encodings = [{ priority: 'high', networkPriority: 'high' }];

const cameraEncodings = (codec: VideoCodec): Encodings =>
  CAMERA_LAYERS.map(({ maxBitrate, scaleResolutionDownBy }) => ({
    maxBitrate,
    scaleResolutionDownBy,
    // Temporal layers let the SFU halve a frame rate before it drops a layer; Chromium has none for H.264.
    scalabilityMode: codec === 'H264' ? 'L1T1' : 'L1T3',
  }));

/** What this browser sends for the wanted one; null: nothing that everybody receives. */
const codecFor = (device: Device, wanted: VideoCodec) =>
  chooseVideoCodec(device.sendRtpCapabilities.codecs ?? [], wanted);

/** Throws where there is nothing to send: left to itself, a browser would take any codec that the room speaks. */
function mustHave<T>(chosen: T | null): T {
  if (chosen === null) throw new Error('this browser sends no video that everybody receives');
  return chosen;
}

function optionsFor(source: MediaSource, device: Device, wanted: WantedCodecs): types.ProducerOptions {
  switch (source) {
    case 'camera': {
      const { codec, name } = mustHave(codecFor(device, wanted.camera));
      return {
        codec,
        encodings: cameraEncodings(name),
        // Chromium starts at 300 kbit/s otherwise and takes seconds to reach the upper layers.
        codecOptions: { videoGoogleStartBitrate: 1000 },
      };
    }
    case 'screen':
      return {
        codec: mustHave(codecFor(device, wanted.screen)).codec,
        encodings: SCREEN_ENCODINGS,
        codecOptions: { videoGoogleStartBitrate: 1000 },
      };
    // In-band FEC alone mends little: a steady voice that lost 10 % of its packets was concealed for as much of its time.
    case 'mic':
      return {
        encodings: SOUND_FIRST,
        codecOptions: { opusFec: true, opusDtx: true, opusStereo: false, opusNack: true },
      };
    case 'screenAudio':
      return {
        encodings: SOUND_FIRST,
        codecOptions: {
          opusFec: true,
          opusDtx: false,
          opusStereo: true,
          opusMaxAverageBitrate: 128_000,
          opusNack: true,
        },
      };
  }
}

/** The camera's layers from the lowest up. A browser that cannot turn one off sends them all. */
async function setLayers(producer: types.Producer, layers: number): Promise<void> {
  const top = Math.max(0, layers - 1);
  if (producer.appData.source !== 'camera') return;
  if ((producer.maxSpatialLayer ?? CAMERA_LAYERS.length - 1) === top) return;
  await producer.setMaxSpatialLayer(top).catch(() => undefined);
}

/** Sends local tracks over a transport whose `connect` and `produce` events are already answered. */
export function createSender(
  transport: types.Transport,
  device: Device,
  room: RoomClient,
  wanted: WantedCodecs,
): Sender {
  let codecs = wanted;
  const producers = new Map<MediaSource, types.Producer>();
  /** Tracks that were refused, so that a loop does not ask for the same thing over and over. */
  const refused = new Map<MediaSource, { track: MediaStreamTrack; problem: ErrorCode }>();

  const stop = async (source: MediaSource): Promise<void> => {
    const producer = producers.get(source);
    if (!producer) return;
    producers.delete(source);
    producer.close();
    await ask(room, 'media:closeProducer', { producerId: producer.id });
  };

  const update = async (producer: types.Producer, wanted: LocalIntent): Promise<void> => {
    if (producer.track !== wanted.track) await producer.replaceTrack({ track: wanted.track });
    await setLayers(producer, wanted.layers);
    if (producer.paused === wanted.paused && producer.appData.toldPaused === wanted.paused) return;
    if (wanted.paused) producer.pause();
    else producer.resume();
    await ask(room, 'media:pauseProducer', { producerId: producer.id, paused: wanted.paused });
    producer.appData = { ...producer.appData, toldPaused: wanted.paused };
  };

  const start = async (source: MediaSource, wanted: LocalIntent): Promise<types.Producer> => {
    wanted.track.enabled = !wanted.paused; // mediasoup-client takes a disabled track as paused
    if (source === 'screen') wanted.track.contentHint = 'detail';
    const options = optionsFor(source, device, codecs);
    const producer = await transport.produce({
      track: wanted.track,
      ...options,
      stopTracks: false,
      zeroRtpOnPause: true,
      appData: { source, toldPaused: wanted.paused, codec: options.codec },
    });
    producers.set(source, producer);
    return producer;
  };

  /** What is sent of a source; a screen that is sent as something else than is wanted now goes first. */
  const standing = async (source: MediaSource): Promise<types.Producer | null> => {
    const producer = producers.get(source);
    if (!producer || source !== 'screen') return producer ?? null;
    if (producer.appData.codec === codecFor(device, codecs.screen)?.codec) return producer;
    await stop(source);
    return null;
  };

  return {
    sendScreenAs(screen) {
      codecs = { ...codecs, screen };
    },
    async apply(source, wanted) {
      try {
        if (wanted === null || wanted.track.readyState === 'ended') {
          refused.delete(source);
          await stop(source);
          return { producerId: null, problem: null };
        }
        const before = refused.get(source);
        if (before?.track === wanted.track) return { producerId: null, problem: before.problem };
        refused.delete(source);
        const producer = (await standing(source)) ?? (await start(source, wanted));
        await update(producer, wanted);
        return { producerId: producer.id, problem: null };
      } catch (error) {
        if (endsSession(error) || transport.closed) throw error;
        const problem = codeOf(error);
        if (problem === 'muted') {
          // In the same moment by the crew: it stays paused, and is asked for again when that is lifted.
          const producer = producers.get(source);
          producer?.pause();
          return { producerId: producer?.id ?? null, problem: null };
        }
        if (wanted) refused.set(source, { track: wanted.track, problem });
        return { producerId: null, problem };
      }
    },
  };
}
