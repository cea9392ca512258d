import { randomInt } from 'node:crypto';
import { CONSENT_TEXT_VERSION } from '@rostrum/contracts/consent-words';
import { ask, CommandError } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import type { PanelistMedia, Playing } from './media.ts';
import type { Pacer } from './pacer.ts';
import { Sending } from './sending.ts';
import { sendingOf } from './signalling.ts';
import { OutgoingStream } from './stream.ts';
import { openTransport, type SendTransport } from './transport.ts';

/** One stay on the stage. When it is lost, a new one takes its place. */
export interface Session {
  /** Sends the microphone, or not; tells the room. Throws `CommandError`. */
  setMuted(muted: boolean): Promise<void>;
  /** Stops sending and closes the transport. Idempotent; does not tell the server. */
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly room: RoomClient;
  readonly media: PanelistMedia;
  readonly cname: string;
  readonly muted: boolean;
  readonly pacer: Pacer;
  readonly onLost: (why: string) => void;
}

const CONNECT_DEADLINE_MS = 10_000;
const randomSsrc = (): number => randomInt(1, 2 ** 32);

/**
 * Joins as a browser does and starts to send. Throws `CommandError` (`unavailable` when the media server cannot be reached),
 * or what the media throws when it is started.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { room, media, cname, pacer } = options;
  // They stand in for people who agree to everything: before the first media, as a browser's page asks.
  for (const to of ['recording', 'tracks'] as const) {
    await ask(room, 'consent:answer', { to, given: true, textVersion: CONSENT_TEXT_VERSION });
  }
  const { routerRtpCapabilities } = await ask(room, 'media:join', {});
  const server = await ask(room, 'media:createTransport', { direction: 'send' });
  let sending: Sending | null = null;
  let playing: Playing | null = null;
  const transport = await openTransport(server, {
    onRtcp(packet) {
      const layer = sending?.feedback(packet) ?? null;
      if (layer !== null) playing?.keyFrameWanted(layer);
    },
    onLost: options.onLost,
  });
  const close = async (): Promise<void> => {
    const stopped = playing?.stop();
    sending?.close();
    await Promise.all([stopped, transport.close()]);
  };
  try {
    const { transportId } = server;
    await ask(room, 'media:connectTransport', { transportId, dtlsParameters: transport.dtlsParameters });
    const ssrcs = media.layers.map(randomSsrc);
    const micSsrc = randomSsrc();
    const encodings = media.layers.map(({ maxBitrate }, i) => ({ ssrc: ssrcs[i] ?? 0, maxBitrate }));
    const camera = sendingOf('camera', routerRtpCapabilities, encodings, cname);
    const mic = sendingOf('mic', routerRtpCapabilities, [{ ssrc: micSsrc }], cname);
    const produce = (source: 'camera' | 'mic', rtpParameters: Record<string, unknown>, paused: boolean) =>
      ask(room, 'media:produce', {
        transportId,
        kind: source === 'camera' ? 'video' : 'audio',
        source,
        rtpParameters,
        paused,
      });
    const [, , { producerId: micId }] = await Promise.all([
      connect(transport),
      produce('camera', camera.rtpParameters, false),
      produce('mic', mic.rtpParameters, options.muted),
    ]);
    const stream = (ssrc: number, { payloadType, clockRate }: typeof camera): OutgoingStream =>
      new OutgoingStream({
        ssrc,
        payloadType,
        clockRate,
        cname,
        // Not near the wrap: a receiver that misses the first packets would count the rollovers wrongly (RFC 3711, 3.3.1).
        firstSequence: randomInt(0x8000),
        timestampOffset: randomInt(2 ** 32),
        seal: transport.seal,
      });
    sending = new Sending({
      camera: ssrcs.map((ssrc) => stream(ssrc, camera)),
      mic: stream(micSsrc, mic),
      levelExtensionId: mic.levelExtensionId,
      pacer,
      send: transport.send,
      sendRtcp: transport.sendRtcp,
      originUnixMs: performance.timeOrigin,
    });
    sending.muted = options.muted;
    playing = await media.start(sending);
    const sent = sending;
    return {
      async setMuted(muted) {
        sent.muted = muted;
        await ask(room, 'media:pauseProducer', { producerId: micId, paused: muted });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Throws `CommandError` (`unavailable`) when the media server cannot be reached. */
export async function connect(transport: SendTransport): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`no connection in ${CONNECT_DEADLINE_MS} ms`)),
    CONNECT_DEADLINE_MS,
  );
  try {
    await Promise.race([transport.connect(), late]);
  } catch (error) {
    throw new CommandError(
      'unavailable',
      `the media server: ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    clearTimeout(timer);
  }
}
