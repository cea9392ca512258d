/** Makes one download, behind everything else on the machine, and ends. Whoever started it gone, it ends too: another goes on. */
import { setNice } from '@rostrum/service-kit/priorities';
import { DamagedError } from './damaged.ts';
import { make } from './make.ts';
import type { FromMaker, ToMaker } from './messages.ts';
import { isOfDisk, NoRoomError } from './room.ts';

setNice(process.pid, 19);
process.on('disconnect', () => process.exit(0));

const tell = (message: FromMaker): Promise<void> =>
  new Promise((told) => {
    if (process.send) process.send(message, () => told());
    else told();
  });

function failureOf(error: unknown): Extract<FromMaker, { type: 'failed' }> {
  const message = error instanceof Error ? error.message : String(error);
  const failed = { type: 'failed', message } as const;
  if (error instanceof NoRoomError) return { ...failed, reason: 'disk', needs: error.needs };
  return {
    ...failed,
    reason: error instanceof DamagedError ? 'damaged' : isOfDisk(error) ? 'disk' : 'internal',
  };
}

process.once('message', (order: ToMaker) => {
  make(order, (progress) => void tell({ type: 'progress', ...progress }))
    .then((bytes) => tell({ type: 'made', bytes }))
    .catch((error: unknown) => tell(failureOf(error)))
    .finally(() => process.disconnect());
});
