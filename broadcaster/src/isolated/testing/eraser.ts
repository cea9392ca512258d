/**
 * A process of its own for tests, to be killed: does what is wished of a recording's tracks, on disk and in the bucket, and ends when
 * nothing is left to do. Arguments: archive folder, channel, `S3Place` as JSON, and at which of its steps it kills itself (0: never).
 * Credentials by the environment.
 */
import { nodeDisk } from '../../archive/disk.ts';
import { type S3Place, s3Target } from '../../archive/publish/s3.ts';
import { TrackCopies } from '../../archive/publish/track-copies.ts';
import { silentLogger } from '../../origin/testing/house.ts';
import { TrackErasures } from '../erasures.ts';

const [archiveDir = '', channelId = '', place = '', killAt = '0'] = process.argv.slice(2);
let steps = 0;
const step = (): void => {
  steps += 1;
  if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};
/** A step before it. */
const after =
  <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
  (...args: A): Promise<T> => {
    step();
    return work(...args);
  };
const target = s3Target(JSON.parse(place) as S3Place);
const copies = new TrackCopies({
  archiveDir,
  target: { put: after(target.put), remove: after(target.remove), close: () => target.close() },
  complete: () => true,
  logger: silentLogger,
});
const erasures = new TrackErasures({
  archiveDir,
  inTurn: (_, task) => after(task)(),
  erased(id) {
    step();
    copies.want(id);
  },
  disk: {
    ...nodeDisk,
    replaceFile: after(nodeDisk.replaceFile),
    syncFolder: after(nodeDisk.syncFolder),
  },
  logger: silentLogger,
});
erasures.want(channelId);
while (erasures.waits(channelId) || copies.waits(channelId))
  await new Promise((resolve) => setTimeout(resolve, 1));
step();
process.stdout.write(`${steps}\n`);
await erasures.close();
await copies.close();
