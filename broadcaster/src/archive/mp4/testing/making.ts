/** A process of its own for tests, to be killed: makes what is wanted of the recordings in a folder. On stdout each state, as JSON. */
import { silentLogger } from '../../../origin/testing/house.ts';
import { Downloads } from '../downloads.ts';

const [archiveDir = '', channelId = '', ...renditions] = process.argv.slice(2);
const downloads = new Downloads({
  ...{ archiveDir, maxUsedShare: 1, logger: silentLogger, lookIntervalMs: 50 },
  onChange: (id) => process.stdout.write(`${JSON.stringify(downloads.state(id))}\n`),
});
await downloads.want(channelId, renditions, []);
setInterval(() => undefined, 1000);
