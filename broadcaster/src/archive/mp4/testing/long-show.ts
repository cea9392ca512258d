/** An ended recording of many segments with made-up bytes, quick to write: what takes a while to be made into a file. */
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { silentLogger } from '../../../origin/testing/house.ts';
import { createChannelOutput } from '../../../output/channel-output.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../../packager/testing/synthetic.ts';

const profile = PROFILES.standard;

/** `padding`: bytes that each picture has more. */
export async function writeLongShow(
  archiveDir: string,
  channelId: string,
  segments: number,
  padding = 0,
  end = true,
): Promise<void> {
  const output = await createChannelOutput({
    ...{ archiveDir, channelId, profile, ladder: LADDER, logger: silentLogger, maxQueuedSegments: 1e6 },
    clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
    metrics: new Registry(),
  });
  for (const event of epochEvents()) output.push(event);
  for (const event of perfect(profile, 0, segments * 48)) {
    if (event.type === 'sample' && event.sample.track !== 'audio' && padding > 0) {
      const data = Buffer.concat([event.sample.data, Buffer.alloc(padding, event.sample.ptsNs % 251)]);
      output.push({ ...event, sample: { ...event.sample, data } });
    } else output.push(event);
  }
  if (end) await output.end();
  else await output.close();
}
