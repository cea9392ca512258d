import { ask } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import { Device, type types } from 'mediasoup-client';
import { createReceiver, type Receiver } from './receiver.ts';
import { createSender, type Sender } from './sender.ts';

/** One stay on the stage: two transports and what is on them. When it is lost, a new one takes its place. */
export interface Session {
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly transports: readonly types.Transport[];
  /** Closes everything local. Idempotent; does not tell the server. */
  close(): void;
}

export interface SessionOptions {
  readonly room: RoomClient;
  readonly videoCodec: 'VP8' | 'H264';
  readonly onChange: () => void;
  /** The network could not be mended by an ICE restart. */
  readonly onLost: () => void;
}

/** How long a wobbling connection is given before, and after, an ICE restart, and a new one to stand. */
const ICE = { graceMs: 1500, restartedMs: 6000, connectMs: 15_000, socketPollMs: 200 } as const;

/** Joins. Throws `CommandError`, or what the browser throws. */
export async function openSession({ room, videoCodec, onChange, onLost }: SessionOptions): Promise<Session> {
  const joined = await ask(room, 'media:join', {});
  const [device, send, recv] = await Promise.all([
    loadDevice(joined.routerRtpCapabilities as types.RtpCapabilities),
    ask(room, 'media:createTransport', { direction: 'send' }),
    ask(room, 'media:createTransport', { direction: 'recv' }),
  ]);
  const iceServers = joined.iceServers as unknown as RTCIceServer[];
  const sendTransport = device.createSendTransport(optionsOf(send, iceServers));
  const recvTransport = device.createRecvTransport(optionsOf(recv, iceServers));
  const watches = [sendTransport, recvTransport].map((transport) => {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      ask(room, 'media:connectTransport', { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    return watchIce(transport, room, onLost);
  });
  sendTransport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
    const { source, toldPaused } = appData as { source: 'camera'; toldPaused: boolean };
    ask(room, 'media:produce', {
      transportId: sendTransport.id,
      kind,
      source,
      rtpParameters,
      paused: toldPaused,
    }).then(({ producerId }) => done({ id: producerId }), failed);
  });
  const receiver = createReceiver(recvTransport, device, room, onChange);
  for (const producer of joined.producers) receiver.added(producer);
  return {
    sender: createSender(sendTransport, device, room, videoCodec),
    receiver,
    transports: [sendTransport, recvTransport],
    close() {
      for (const unwatch of watches) unwatch();
      sendTransport.close();
      recvTransport.close();
    },
  };
}

async function loadDevice(routerRtpCapabilities: types.RtpCapabilities): Promise<Device> {
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities });
  return device;
}

function optionsOf(
  parameters: { transportId: string; iceParameters: object; iceCandidates: object[]; dtlsParameters: object },
  iceServers: RTCIceServer[],
): types.TransportOptions {
  return {
    id: parameters.transportId,
    iceParameters: parameters.iceParameters as types.IceParameters,
    iceCandidates: parameters.iceCandidates as types.IceCandidate[],
    dtlsParameters: parameters.dtlsParameters as types.DtlsParameters,
    iceServers,
  };
}

/** Mends a broken connection by one ICE restart (a change of network needs no more); after that it is lost. */
export function watchIce(
  transport: Pick<types.Transport, 'id' | 'closed' | 'on' | 'restartIce'>,
  room: Pick<RoomClient, 'getState' | 'command'>,
  onLost: () => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let restarted = false;
  const later = (ms: number, then: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  };
  const restart = async (): Promise<void> => {
    if (restarted || transport.closed) return;
    // The socket often breaks with the same network; it comes back first.
    if (room.getState().connection !== 'connected') return later(ICE.socketPollMs, tryRestart);
    restarted = true;
    later(ICE.restartedMs, onLost);
    const { iceParameters } = await ask(room, 'media:restartIce', { transportId: transport.id });
    await transport.restartIce({ iceParameters: iceParameters as types.IceParameters });
  };
  const tryRestart = (): void => {
    restart().catch(onLost);
  };
  transport.on('connectionstatechange', (state) => {
    if (state === 'connected') {
      clearTimeout(timer);
      restarted = false;
    } else if (state === 'connecting' && !restarted) {
      // Browsers give up on ICE by themselves, but wait for ever for a DTLS handshake that got lost on the way.
      later(ICE.connectMs, tryRestart);
    } else if (state === 'disconnected' && !restarted) later(ICE.graceMs, tryRestart);
    else if (state === 'failed') {
      if (restarted) onLost();
      else tryRestart();
    }
  });
  return () => clearTimeout(timer);
}
