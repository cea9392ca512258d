import type { CommandOutput } from '@rostrum/contracts/person-socket';
import { ask } from '@rostrum/room-client/command';
import { watchNetworkChange } from '@rostrum/room-client/network-change';
import type { RoomClient } from '@rostrum/room-client/room';
import type { types } from 'mediasoup-client';
import { keepConnected } from './ice.ts';
import type { Preparation } from './preparation.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { createRestarts } from './restarts.ts';
import { createSender, type Sender } from './sender.ts';
import { makeTransports, type Transports } from './transports.ts';

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
  /** Refused as `conflict` while this person stands on the stage somewhere else. */
  readonly unlessElsewhere: boolean;
  readonly onChange: () => void;
  /** The network could not be mended by ICE restarts. */
  readonly onLost: () => void;
  /** What was made ready for this join. */
  readonly preparation?: Preparation;
}

/** Joins. Throws `CommandError`, or what the browser throws. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { room, videoCodec, unlessElsewhere, onChange, onLost, preparation } = options;
  const prepared = (await preparation?.take()) ?? null;
  const { joined, transports } = await join(room, unlessElsewhere, prepared);
  const { device, send, recv } = transports;
  const restarts = createRestarts(room);
  const watches = [send, recv].map((transport) =>
    keepConnected(transport, () => restarts.ask(transport.id), onLost),
  );
  const unwatchNetwork = watchNetworkChange(() => {
    for (const watch of watches) watch.networkChanged();
  });
  send.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
    const { source, toldPaused } = appData as { source: 'camera'; toldPaused: boolean };
    ask(room, 'media:produce', {
      transportId: send.id,
      kind,
      source,
      rtpParameters,
      paused: toldPaused,
    }).then(({ producerId }) => done({ id: producerId }), failed);
  });
  const receiver = createReceiver(recv, device, room, onChange);
  for (const producer of joined.producers) receiver.added(producer);
  return {
    sender: createSender(send, device, room, { camera: videoCodec, screen: joined.screenCodec }),
    receiver,
    transports: [send, recv],
    silent() {
      for (const watch of watches) watch.silent();
    },
    steady: () => watches.every((watch) => watch.steady()),
    resumed: restarts.resumed,
    close() {
      restarts.stop();
      unwatchNetwork();
      for (const watch of watches) watch.stop();
      transports.close();
    },
  };
}

/** With the transports that were prepared where the server still has them, or else with new ones. */
async function join(
  room: RoomClient,
  unlessElsewhere: boolean,
  prepared: Transports | null,
): Promise<{ joined: CommandOutput<'media:join'>; transports: Transports }> {
  try {
    const joined = await ask(room, 'media:join', { prepared: prepared !== null, unlessElsewhere });
    performance.mark('rostrum:media-joined');
    if (prepared && joined.resumed) return { joined, transports: prepared };
    prepared?.close();
    return { joined, transports: await makeTransports(room, joined) };
  } catch (error) {
    prepared?.close();
    throw error;
  }
}
