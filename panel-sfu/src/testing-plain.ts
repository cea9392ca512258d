import type { types } from 'mediasoup';
import { MEDIA_CODECS } from './codecs.ts';
import { Egress } from './egress.ts';
import { startTestNode } from './testing.ts';

/** A real SFU that takes plain RTP in place of a browser's, for who stands behind it. */
export interface PlainStage {
  /** @returns where RTP and RTCP of this stream are to go */
  produce(
    codec: types.RtpCodecParameters,
    ssrc: number,
  ): Promise<{ readonly producer: types.Producer; readonly port: number; readonly rtcpPort: number }>;
  egress(producer: types.Producer, srtp: boolean): Promise<Egress>;
  close(): Promise<void>;
}

export async function startPlainStage(): Promise<PlainStage> {
  const node = await startTestNode();
  const slot = node.pool.leastLoaded();
  if (!slot) throw new Error('no worker');
  const router = await slot.worker.createRouter({ mediaCodecs: MEDIA_CODECS ?? [] });
  const transportOptions = {
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    rtcpMux: false,
    comedia: true,
  } as const;
  return {
    async produce(codec, ssrc) {
      const transport = await router.createPlainTransport(transportOptions);
      const producer = await transport.produce({
        kind: codec.mimeType.startsWith('audio') ? 'audio' : 'video',
        rtpParameters: { codecs: [codec], encodings: [{ ssrc }], rtcp: { cname: 'ada' } },
      });
      const { tuple, rtcpTuple } = transport;
      return { producer, port: tuple.localPort, rtcpPort: rtcpTuple?.localPort ?? tuple.localPort };
    },
    egress: (producer, srtp) =>
      Egress.open({
        ...{ roomId: 'room', router, producer, srtp, listenIp: '127.0.0.1', announcedIp: undefined },
        tell: () => undefined,
        warn: () => undefined,
      }),
    async close() {
      router.close();
      await node.close();
    },
  };
}
