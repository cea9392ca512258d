import { isIPv6 } from 'node:net';
import {
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceParameters,
  RTCIceTransport,
  type RtcpPacket,
  type RtpHeader,
  IceCandidate as WeriftCandidate,
} from 'werift';
import { z } from 'zod';
import { DtlsParameters, IceCandidate, IceParameters } from './signalling.ts';

/** RFC 5764, 4.1.2 and RFC 7714, 14.2; the first is the cheaper: one pass instead of cipher and hash. */
const SRTP_PROFILES = [0x0007, 0x0001] as const;

export interface ServerSide {
  readonly iceParameters: unknown;
  readonly iceCandidates: unknown;
  readonly dtlsParameters: unknown;
}

/** Our half of a WebRTC transport to send by: ICE and DTLS-SRTP over one UDP socket. */
export interface SendTransport {
  /** For `media:connectTransport`. */
  readonly dtlsParameters: { role: 'client'; fingerprints: { algorithm: string; value: string }[] };
  /** Finds the way to the server and shakes hands. Rejects when there is none, or the server is not who it should be. */
  connect(): Promise<void>;
  /** Encrypts a packet. Sequence numbers of an SSRC have to rise. Only after `connect`. */
  seal(payload: Buffer, header: RtpHeader): Buffer;
  /** Sends what was sealed; nothing once the transport is closed or lost. */
  send(sealed: Buffer): void;
  sendRtcp(packets: RtcpPacket[]): void;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface TransportEvents {
  readonly onRtcp: (packet: RtcpPacket) => void;
  /** RTP that came, encrypted as it is: its header is in the clear. */
  readonly onMedia?: (packet: Buffer) => void;
  /** The other side is gone: consent ran out, or DTLS was closed. Called once at most, and not after `close`. */
  readonly onLost: (why: string) => void;
}

/** RTP among what shares a socket: neither STUN nor DTLS (RFC 7983), nor RTCP (RFC 5761, 4). */
const isRtp = ([first = 0, second = 0]: Buffer): boolean =>
  first >= 128 && first < 192 && !((second & 0x7f) >= 64 && (second & 0x7f) < 96);

/**
 * Makes ready; nothing goes out before `connect`. The server is an ICE-lite agent with addresses of its own, so our own
 * candidates are of no use to it: one socket that the kernel routes, and no STUN server is ever asked.
 * @throws ZodError for parameters that are none, Error without a UDP candidate
 */
export async function openTransport(server: ServerSide, events: TransportEvents): Promise<SendTransport> {
  const ice = IceParameters.parse(server.iceParameters);
  const dtls = DtlsParameters.parse(server.dtlsParameters);
  const candidates = z.array(IceCandidate).parse(server.iceCandidates);
  const udp = candidates.filter((candidate) => candidate.protocol === 'udp');
  const [first] = udp;
  if (!first) throw new Error('the server offers no UDP candidate');
  const wildcard = isIPv6(first.ip) ? '::' : '0.0.0.0';

  const gatherer = new RTCIceGatherer({
    useIpv4: false,
    useIpv6: false,
    additionalHostAddresses: [wildcard],
    useTcp: false,
  });
  // Without one of ours the library would ask a public server for our address.
  delete gatherer.connection.stunServer;
  gatherer.connection.iceControlling = true;
  const iceTransport = new RTCIceTransport(gatherer);
  const dtlsTransport = new RTCDtlsTransport({}, iceTransport, await RTCDtlsTransport.SetupCertificate(), [
    ...SRTP_PROFILES,
  ]);
  dtlsTransport.role = 'client';

  let closed = false;
  const lost = (why: string): void => {
    if (closed) return;
    closed = true;
    events.onLost(why);
  };
  dtlsTransport.onRtcp.subscribe((packet) => {
    if (!closed) events.onRtcp(packet);
  });

  iceTransport.connection.onData.subscribe((packet) => {
    if (!closed && isRtp(packet)) events.onMedia?.(packet);
  });

  const close = async (): Promise<void> => {
    closed = true;
    await dtlsTransport.stop();
  };

  try {
    await iceTransport.gather();
    iceTransport.setRemoteParams(new RTCIceParameters({ ...ice, iceLite: true }));
    for (const c of udp) {
      await iceTransport.addRemoteCandidate(
        new WeriftCandidate(1, c.foundation, c.address ?? c.ip, c.port, c.priority, c.protocol, c.type),
      );
    }
    await iceTransport.addRemoteCandidate(undefined);
    dtlsTransport.setRemoteParams(
      new RTCDtlsParameters(
        dtls.fingerprints.map(({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value)),
        'server',
      ),
    );
  } catch (error) {
    await close();
    throw error;
  }

  return {
    dtlsParameters: {
      role: 'client',
      fingerprints: dtlsTransport.localParameters.fingerprints.map(({ algorithm, value }) => ({
        algorithm,
        value,
      })),
    },
    async connect() {
      await iceTransport.start();
      await dtlsTransport.start();
      iceTransport.onStateChange.subscribe((state) => {
        if (state === 'failed' || state === 'closed' || state === 'disconnected') lost(`ICE is ${state}`);
      });
      dtlsTransport.onStateChange.subscribe((state) => {
        if (state === 'failed' || state === 'closed') lost(`DTLS is ${state}`);
      });
      if (iceTransport.state === 'failed' || iceTransport.state === 'closed') lost('ICE failed');
    },
    seal: (payload, header) => dtlsTransport.srtp.encrypt(payload, header),
    send(sealed) {
      // Rejects only when the socket was closed under it, which `onLost` or our own `close` tells.
      if (!closed) iceTransport.connection.send(sealed).catch(() => undefined);
    },
    sendRtcp(packets) {
      if (!closed) void dtlsTransport.sendRtcp(packets);
    },
    close,
  };
}
