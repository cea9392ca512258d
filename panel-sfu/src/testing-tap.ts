import { createSocket, type Socket } from 'node:dgram';
import type { types } from 'mediasoup';
import type { TestCoordinator } from './testing-coordinator.ts';

/** What came of one producer at a broadcaster's end. */
export interface Seen {
  packets: number;
  /** RTP packets of an SSRC or payload type that was not announced. */
  strangers: number;
  senderReports: number;
  readonly cnames: Set<string>;
}

/** Opens an egress as the broadcaster does, and counts what arrives. */
export async function tap(coordinator: TestCoordinator, producerId: string) {
  const opened = await coordinator.ask('egress.open', { roomId: 'test-room', producerId, srtp: false });
  const parameters = opened.rtpParameters as unknown as types.RtpParameters;
  const ssrc = parameters.encodings?.[0]?.ssrc;
  const payloadType = parameters.codecs[0]?.payloadType;
  const seen: Seen = { packets: 0, strangers: 0, senderReports: 0, cnames: new Set() };
  const [rtp, rtcp] = await Promise.all([bound(), bound()]);
  rtp.on('message', (packet) => {
    if (packet.readUInt32BE(8) === ssrc && (packet.readUInt8(1) & 0x7f) === payloadType) seen.packets += 1;
    else seen.strangers += 1;
  });
  rtcp.on('message', (compound) => {
    for (const { type, body } of rtcpPackets(compound)) {
      if (type === 200 && body.readUInt32BE(0) === ssrc) seen.senderReports += 1;
      // SDES: SSRC, then items; CNAME is item 1.
      if (type === 202 && body.readUInt8(4) === 1)
        seen.cnames.add(body.toString('utf8', 6, 6 + body.readUInt8(5)));
    }
  });
  const { egressId } = opened;
  const remoteEnd = { ip: '127.0.0.1', port: rtp.address().port, rtcpPort: rtcp.address().port };
  await coordinator.ask('egress.connect', {
    roomId: 'test-room',
    egressId,
    remote: remoteEnd,
    srtp: null,
  });
  return {
    egressId,
    cname: parameters.rtcp?.cname,
    mimeType: parameters.codecs[0]?.mimeType,
    seen,
    async close() {
      await coordinator.ask('egress.close', { roomId: 'test-room', egressId });
      rtp.close();
      rtcp.close();
    },
  };
}

function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((ready) => {
    socket.bind(0, '127.0.0.1', () => ready(socket));
  });
}

function* rtcpPackets(compound: Buffer): Generator<{ type: number; body: Buffer }> {
  for (let at = 0; at + 4 <= compound.length; ) {
    const end = at + 4 * (compound.readUInt16BE(at + 2) + 1);
    yield { type: compound.readUInt8(at + 1), body: compound.subarray(at + 4, end) };
    at = end;
  }
}
