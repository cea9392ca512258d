/** A pair of UDP sockets for one RTP stream: RTP in, RTCP in and out. Ports are the system's choice. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint } from '@rostrum/contracts/node-socket';

/** Key frames of several streams come at once; the default buffer holds two or three of them. */
const RECEIVE_BUFFER_BYTES = 1 << 20;

export interface UdpPair {
  readonly local: Endpoint;
  sendRtcp(packet: Buffer): void;
  /** Idempotent. */
  close(): void;
}

export interface UdpPairOptions {
  readonly ip: string;
  /** The only sender that is listened to: the sockets are connected, so the system drops everybody else's packets. */
  readonly remote: Endpoint;
  readonly onRtp: (packet: Buffer) => void;
  readonly onRtcp: (packet: Buffer) => void;
}

function open(
  ip: string,
  port: number,
  remoteIp: string,
  onPacket: (packet: Buffer) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(ip) ? 'udp6' : 'udp4');
    const failed = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', failed);
    socket.bind(0, ip, () => {
      socket.connect(port, remoteIp, (error?: Error) => {
        if (error) return failed(error);
        socket.off('error', failed);
        // A connected socket hears of unreachable peers (an SFU that restarts); the stream just stays silent.
        socket.on('error', () => undefined);
        socket.on('message', onPacket);
        try {
          socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
        } catch {
          // The system's limit is lower; its default serves, with less room for bursts.
        }
        resolve(socket);
      });
    });
  });
}

/** @throws NodeJS.ErrnoException when the address is not this machine's, or the remote one cannot be reached */
export async function openUdpPair(options: UdpPairOptions): Promise<UdpPair> {
  const { ip, remote } = options;
  const rtp = await open(ip, remote.port, remote.ip, options.onRtp);
  let rtcp: Socket;
  try {
    rtcp = await open(ip, remote.rtcpPort, remote.ip, options.onRtcp);
  } catch (error) {
    rtp.close();
    throw error;
  }
  let closed = false;
  return {
    local: { ip, port: rtp.address().port, rtcpPort: rtcp.address().port },
    sendRtcp(packet) {
      if (!closed) rtcp.send(packet);
    },
    close() {
      if (closed) return;
      closed = true;
      rtp.close();
      rtcp.close();
    },
  };
}
