import { ask, CommandError } from '@rostrum/room-client/command';
import { watchNetworkChange } from '@rostrum/room-client/network-change';
import type { RoomClient } from '@rostrum/room-client/room';
import { Device, type types } from 'mediasoup-client';
import { type IceRestart, keepConnected } from './ice.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { createSender, type Sender } from './sender.ts';

/** One stay on the stage: two transports and what is on them. When it is lost, a new one takes its place. */
export interface Session {
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly transports: readonly types.Transport[];
  /** The room's new connection is known as this session's: it can be asked for things again. */
  resumed(): void;
  /** Closes everything local. Idempotent; does not tell the server. */
  close(): void;
}

export interface SessionOptions {
  readonly room: RoomClient;
  readonly videoCodec: 'VP8' | 'H264';
  readonly onChange: () => void;
  /** The network could not be mended by ICE restarts. */
  readonly onLost: () => void;
}

/** A coordinator that takes longer to have ICE restarted is taken for one that is not reached any more. */
const RESTART_DEADLINE_MS = 1500;

/** Joins. Throws `CommandError`, or what the browser throws. */
export async function openSession({ room, videoCodec, onChange, onLost }: SessionOptions): Promise<Session> {
  const joined = await ask(room, 'media:join', {});
  performance.mark('rostrum:media-joined');
  const [device, send, recv] = await Promise.all([
    loadDevice(joined.routerRtpCapabilities as types.RtpCapabilities),
    ask(room, 'media:createTransport', { direction: 'send' }),
    ask(room, 'media:createTransport', { direction: 'recv' }),
  ]);
  performance.mark('rostrum:transports-created');
  const iceServers = joined.iceServers as unknown as RTCIceServer[];
  const sendTransport = device.createSendTransport(optionsOf(send, iceServers));
  const recvTransport = device.createRecvTransport(optionsOf(recv, iceServers));
  // After a new connection the coordinator refuses what comes before it is told whose that is.
  let attached = true;
  const unsubscribe = room.subscribe(() => {
    if (room.getState().connection !== 'connected') attached = false;
  });
  const restartOf = async (transportId: string): Promise<IceRestart | null> => {
    if (!attached) return null;
    const answer = await room.command(
      'media:restartIce',
      { transportId },
      { deadlineMs: RESTART_DEADLINE_MS },
    );
    if (answer.ok) {
      const { iceParameters, iceServers } = answer.value;
      return {
        iceParameters: iceParameters as types.IceParameters,
        iceServers: iceServers as unknown as RTCIceServer[],
      };
    }
    const { code, message } = answer.error;
    if (code === 'rate-limited') return null;
    if (code !== 'unavailable') throw new CommandError(code, message);
    // The socket broke with the same network, and does not know it yet.
    if (room.getState().connection === 'connected') room.redial();
    return null;
  };
  const watches = [sendTransport, recvTransport].map((transport) => {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      ask(room, 'media:connectTransport', { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    return keepConnected(transport, () => restartOf(transport.id), onLost);
  });
  const unwatchNetwork = watchNetworkChange(() => {
    for (const watch of watches) watch.networkChanged();
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
    resumed() {
      attached = true;
    },
    close() {
      unsubscribe();
      unwatchNetwork();
      for (const watch of watches) watch.stop();
      sendTransport.close();
      recvTransport.close();
    },
  };
}

async function loadDevice(routerRtpCapabilities: types.RtpCapabilities): Promise<Device> {
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities });
  performance.mark('rostrum:device-loaded');
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
