/** An ended recording of many segments with made-up bytes, quick to write: what takes a while to be made into a file. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PROFILES, type Rendition } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { silentLogger } from '../../../origin/testing/house.ts';
import { createChannelOutput } from '../../../output/channel-output.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../../packager/testing/synthetic.ts';

const profile = PROFILES.standard;

export interface LongShowOptions {
  /** Bytes that each picture has more. */
  readonly padding?: number;
  /** Default: it ends. */
  readonly goesOn?: boolean;
  readonly ladder?: readonly Rendition[];
}

export async function writeLongShow(
  archiveDir: string,
  channelId: string,
  segments: number,
  { padding = 0, goesOn = false, ladder = LADDER }: LongShowOptions = {},
): Promise<void> {
  const output = await createChannelOutput({
    ...{ archiveDir, channelId, profile, ladder, logger: silentLogger, maxQueuedSegments: 1e6 },
    clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
    metrics: new Registry(),
  });
  for (const event of epochEvents(ZERO_UNIX_MS, ladder)) output.push(event);
  for (const event of perfect(profile, 0, segments * 48, { ladder })) {
    // Slower than the disk, or all of it would be in memory.
    while (output.status().archiveQueueLength > 200) await sleep(5);
    if (event.type === 'sample' && event.sample.track !== 'audio' && padding > 0) {
      const data = Buffer.concat([event.sample.data, Buffer.alloc(padding, event.sample.ptsNs % 251)]);
      output.push({ ...event, sample: { ...event.sample, data } });
    } else output.push(event);
  }
  if (goesOn) await output.close();
  else await output.end();
}
