/**
 * A process of its own for tests, to be killed: serves a channel with perfect encoders at many times real time. Arguments: archive
 * folder. On stdout a line `part <name>` for every part after it was published, and `port <n>` at the start.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { createOrigin } from '../../origin/origin.ts';
import { silentLogger } from '../../origin/testing/house.ts';
import { createChannelOutput } from '../../output/channel-output.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';

const [archiveDir = '', offsetMs = '0'] = process.argv.slice(2);
const profile = PROFILES.standard;
const shared = {
  archiveDir,
  clock: { nowUnixMs: () => ZERO_UNIX_MS },
  logger: silentLogger,
  metrics: new Registry(),
};
const origin = createOrigin({ ...shared, coordinatorUrl: 'http://127.0.0.1:1' });
const output = await createChannelOutput({
  ...shared,
  channelId: 'show',
  profile,
  ladder: LADDER,
  windowMs: 60_000,
});
origin.addChannel(output);
const server = http.createServer(origin.handle);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);

const newest = (): string => output.live.windows()[0]?.segments.at(-1)?.parts.at(-1)?.name ?? '';
let told = newest();
output.live.subscribe(() => {
  const last = newest();
  if (last !== told) process.stdout.write(`part ${last}\n`);
  told = last;
});
for (const event of epochEvents(ZERO_UNIX_MS + Number(offsetMs))) output.push(event);
for (let slot = 0; ; slot += 8) {
  for (const event of perfect(profile, slot, slot + 8)) output.push(event);
  await new Promise((resolve) => setTimeout(resolve, 15));
}
