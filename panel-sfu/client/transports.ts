import { ask } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import { Device, type types } from 'mediasoup-client';

/** What a room's media server speaks, and how it is reached. */
export interface RouterSide {
  readonly routerRtpCapabilities: Record<string, unknown>;
  readonly iceServers: readonly Record<string, unknown>[];
}

/** This browser's two transports, made at both ends. They connect with the first thing that is sent, or received. */
export interface Transports {
  readonly device: Device;
  readonly send: types.Transport;
  readonly recv: types.Transport;
  /** Closes this end. Idempotent; does not tell the server. */
  close(): void;
}

type ServerSide = Awaited<ReturnType<typeof createAtServer>>;

/**
 * What a browser would have to know to open a data channel. The server has none: it drops what comes for it unread
 * (`connectNow`).
 */
const DATA_SECTION: types.SctpParameters = {
  port: 5000,
  OS: 1,
  MIS: 1,
  maxMessageSize: 1024,
  maxSendMessageSize: 1024,
  maxReceiveMessageSize: 1024,
};

/** By which ways the server is to be reached; null: by whichever is best. */
export type Way = 'udp' | 'tcp' | 'relay';

/**
 * For whoever may call `media:createTransport`. Throws `CommandError`, or what the browser throws.
 * @param only by this way alone, to see whether it is open
 */
export async function makeTransports(
  room: RoomClient,
  router: RouterSide,
  only: Way | null = null,
): Promise<Transports> {
  const [device, sendAtServer, recvAtServer] = await Promise.all([
    loadDevice(router.routerRtpCapabilities as types.RtpCapabilities),
    createAtServer(room, 'send'),
    createAtServer(room, 'recv'),
  ]);
  performance.mark('rostrum:transports-created');
  const iceServers = router.iceServers as unknown as RTCIceServer[];
  const send = device.createSendTransport(optionsOf(sendAtServer, iceServers, only));
  const recv = device.createRecvTransport(optionsOf(recvAtServer, iceServers, only));
  for (const transport of [send, recv]) {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      ask(room, 'media:connectTransport', { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
  }
  return {
    device,
    send,
    recv,
    close() {
      send.close();
      recv.close();
    },
  };
}

/**
 * Has both connect (ICE, then DTLS) while there is nothing to send and nothing to receive: browsers begin with the first
 * section of the description, and one for data is none of anybody's media. Resolves when the server was told, which is
 * before they stand.
 */
export async function connectNow({ send, recv }: Transports): Promise<void> {
  // Nobody at the server is told of it.
  send.on('producedata', (_, done) => done({ id: 'none' }));
  const sent = send.produceData({ label: 'none' });
  const received = recv.consumeData({
    id: 'none',
    dataProducerId: 'none',
    sctpStreamParameters: { streamId: 0, ordered: true },
  });
  await Promise.all([sent, received]);
}

const createAtServer = (room: RoomClient, direction: 'send' | 'recv') =>
  ask(room, 'media:createTransport', { direction });

async function loadDevice(routerRtpCapabilities: types.RtpCapabilities): Promise<Device> {
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities });
  performance.mark('rostrum:device-loaded');
  return device;
}

function optionsOf(
  parameters: ServerSide,
  iceServers: RTCIceServer[],
  only: Way | null,
): types.TransportOptions {
  const candidates = parameters.iceCandidates as unknown as types.IceCandidate[];
  return {
    id: parameters.transportId,
    iceParameters: parameters.iceParameters as types.IceParameters,
    iceCandidates:
      only === 'udp' || only === 'tcp' ? candidates.filter(({ protocol }) => protocol === only) : candidates,
    dtlsParameters: parameters.dtlsParameters as unknown as types.DtlsParameters,
    sctpParameters: DATA_SECTION,
    // Without them the browser does not go round by a relay.
    iceServers: only === 'udp' || only === 'tcp' ? [] : iceServers,
    ...(only === 'relay' ? { iceTransportPolicy: 'relay' as const } : {}),
  };
}
