/**
 * A process of its own for tests, to be killed: deletes a recording, or goes on with that, and ends when nothing is left. Arguments:
 * archive folder, `S3Place` as JSON, base URL of an edge's control port, and at which of its steps it kills itself (0: never).
 * Credentials by the environment.
 */
import { silentLogger } from '../../../origin/testing/house.ts';
import { type S3Place, s3Target } from '../../publish/s3.ts';
import { objectFolders } from '../../publish/wanted.ts';
import { edgeCaches } from '../caches.ts';
import { Deletions } from '../deletions.ts';

const [archiveDir = '', place = '', edge = '', killAt = '0'] = process.argv.slice(2);
let steps = 0;
const step = (): void => {
  steps += 1;
  if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};
const target = s3Target(JSON.parse(place) as S3Place);
const cache = edgeCaches([edge], 'a-secret-of-the-test-of-deletion');
const deletions = await Deletions.open({
  archiveDir,
  async removeCopies(channelId, signal) {
    step();
    for (const folder of objectFolders(channelId)) {
      await target.remove(folder, signal);
      step();
    }
  },
  caches: [
    {
      name: 'edge',
      async forget(...order) {
        step();
        await cache.forget(...order);
        step();
      },
    },
  ],
  letGo: async () => step(),
  withRoom: async (work) => {
    step();
    const result = await work();
    step();
    return result;
  },
  nowUnixMs: () => Date.now(),
  logger: silentLogger,
  backoff: { firstMs: 1, maxMs: 5 },
  settleMs: 1,
});
deletions.resume();
if (deletions.size === 0) await deletions.want('show');
while (deletions.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
process.stdout.write(`${steps}\n`);
await deletions.close();
target.close();
