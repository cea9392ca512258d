/** The thread that begins spools: it may wait for a disk as long as that takes. Started by `spool-beginnings.ts`. */
import { parentPort } from 'node:worker_threads';
import { type BeginOrder, type Begun, beginSync, FAILED, WRITTEN } from './spool-begin.ts';

parentPort?.on('message', ({ id, path, bytes, state }: BeginOrder) => {
  let begun: Begun = { id };
  try {
    beginSync(path, [bytes]);
  } catch (error) {
    // As it is cloned it would lose its code.
    const { code, message } = error as NodeJS.ErrnoException;
    begun = { id, error: { code, message } };
  }
  Atomics.store(state, 0, begun.error ? FAILED : WRITTEN);
  Atomics.notify(state, 0);
  parentPort?.postMessage(begun);
});
