import { Worker } from 'node:worker_threads';
import type { BeatHandshake } from '@rostrum/contracts/node-socket';
import type { Logger } from './logger.ts';

export interface BeatThreadData {
  readonly coordinatorUrl: string;
  readonly handshake: BeatHandshake;
  /** Counts the turns of the main loop; shared. */
  readonly turns: Int32Array;
}

const TURN_EVERY_MS = 100;
const RESTART_AFTER_MS = 5000;

/**
 * Starts the thread that tells the coordinator that this process lives, over a connection of its own: a heartbeat from
 * the main loop stops with whatever holds that loop up. Returns what ends it.
 */
export function startBeatThread(
  coordinatorUrl: string,
  handshake: BeatHandshake,
  logger: Logger,
): () => void {
  const turns = new Int32Array(new SharedArrayBuffer(4));
  const turning = setInterval(() => Atomics.add(turns, 0, 1), TURN_EVERY_MS);
  const data: BeatThreadData = { coordinatorUrl, handshake, turns };
  let thread: Worker;
  let closed = false;
  let restart: NodeJS.Timeout | undefined;
  const start = (): void => {
    thread = new Worker(new URL('./beat-thread.ts', import.meta.url), { workerData: data });
    thread.unref();
    thread.on('error', (error) => logger.error({ err: error }, 'the beat thread failed'));
    thread.once('exit', () => {
      // Until then the main loop's own heartbeats have to do.
      if (!closed) restart = setTimeout(start, RESTART_AFTER_MS).unref();
    });
  };
  start();
  return () => {
    closed = true;
    clearInterval(turning);
    clearTimeout(restart);
    thread.postMessage('close');
  };
}
