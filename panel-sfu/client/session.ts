import { ask } from '@rostrum/room-client/command';
import { watchNetworkChange } from '@rostrum/room-client/network-change';
import type { RoomClient } from '@rostrum/room-client/room';
import { Device, type types } from 'mediasoup-client';
import { keepConnected } from './ice.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { createRestarts } from './restarts.ts';
import { createSender, type Sender } from './sender.ts';

/** One stay on the stage: two transports and what is on them. When it is lost, a new one takes its place. */
export interface Session {
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly transports: readonly types.Transport[];
  /** Nothing answers what is sent: the network is looked after at once. */
  silent(): void;
  /** What is counted now is of a network that stands. */
  steady(): boolean;
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
  const restarts = createRestarts(room);
  const watches = [sendTransport, recvTransport].map((transport) => {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      ask(room, 'media:connectTransport', { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    return keepConnected(transport, () => restarts.ask(transport.id), onLost);
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
    silent() {
      for (const watch of watches) watch.silent();
    },
    steady: () => watches.every((watch) => watch.steady()),
    resumed: restarts.resumed,
    close() {
      restarts.stop();
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
