/** A chunk of a track as RTP, in its own time. */
import { attachSink, init, type Pipeline, parseLaunch } from '@rostrum/node-gst';
import type { PlannedTake } from './plan.ts';
import { FORMATS } from './rtp-out.ts';

const PAYLOADERS: Readonly<Record<PlannedTake['codec'], string>> = {
  VP8: 'rtpvp8pay picture-id-mode=2 mtu=1200',
  VP9: 'rtpvp9pay picture-id-mode=2 mtu=1200',
  H264: 'h264parse ! rtph264pay config-interval=-1 mtu=1200',
  OPUS: 'rtpopuspay',
};

export interface PlayingChunk {
  /** Resolves when its last packet was given out, or it was stopped; rejects when it cannot be read. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Gives out each packet at the moment its chunk has it, where the chunk begins in so long. Timestamps count from its beginning. */
export async function playChunk(
  path: string,
  codec: PlannedTake['codec'],
  beginsInMs: number,
  onPacket: (data: Buffer) => void,
): Promise<PlayingChunk> {
  init();
  const pipeline: Pipeline = parseLaunch(
    `filesrc name=file ! matroskademux ! ${PAYLOADERS[codec]} pt=${FORMATS[codec].payloadType} timestamp-offset=0 seqnum-offset=0 ! appsink name=out sync=true`,
  );
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined);
  const [file, out] = [pipeline.element('file'), pipeline.element('out')];
  if (!file || !out) throw new Error('the pipeline has not what it was made of');
  file.set('location', path);
  attachSink(out, ({ data }) => onPacket(Buffer.from(data)), { onEos: resolve });
  pipeline.onMessage((message) => {
    if (message.type === 'error') reject(new Error(`${path}: ${message.message}`));
  });
  // By this clock, and not from when it has opened its file.
  pipeline.useClock('monotonic');
  pipeline.setStartTimeNone();
  pipeline.setBaseTime(pipeline.clockNow() + BigInt(Math.round(beginsInMs * 1e6)));
  const stop = async (): Promise<void> => {
    await pipeline.close();
    resolve();
  };
  try {
    await pipeline.play();
  } catch (error) {
    await stop();
    throw error;
  }
  return { ended, stop };
}
