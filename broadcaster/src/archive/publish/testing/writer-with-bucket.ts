/**
 * A process of its own for tests, to be killed: writes a channel at five times real time, and copies it. Arguments: archive folder,
 * `S3Place` as JSON, milliseconds by which this run is later. Credentials by the environment.
 */
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { silentLogger } from '../../../origin/testing/house.ts';
import { createChannelOutput } from '../../../output/channel-output.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../../packager/testing/synthetic.ts';
import { Publisher } from '../publisher.ts';
import { type S3Place, s3Target } from '../s3.ts';

const [archiveDir = '', place = '', offsetMs = '0'] = process.argv.slice(2);
const profile = PROFILES.standard;
const nowUnixMs = (): number => ZERO_UNIX_MS;
const shared = { archiveDir, logger: silentLogger, metrics: new Registry() };
const output = await createChannelOutput({
  ...{ ...shared, channelId: 'show', profile, ladder: LADDER, windowMs: 60_000 },
  clock: { nowUnixMs, monotonicMs: () => 0 },
});
new Publisher({
  ...{ ...shared, nowUnixMs, lookIntervalMs: 10 },
  target: s3Target(JSON.parse(place) as S3Place),
});
for (const event of epochEvents(ZERO_UNIX_MS + Number(offsetMs))) output.push(event);
for (let slot = 0; ; slot += 8) {
  for (const event of perfect(profile, slot, slot + 8)) output.push(event);
  await new Promise((resolve) => setTimeout(resolve, 60));
}
