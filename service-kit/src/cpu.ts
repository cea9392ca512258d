import type { Logger } from './logger.ts';

/** Seconds of processor time that this process has used so far. */
export function processSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Processor time as the share of one core, over the time between measurements. Each call answers with what was measured
 * last (0 at first) and starts the next measurement: a heartbeat never waits for it, since a worker that hangs must not
 * look like a dead node.
 *
 * @param seconds processor time used so far.
 */
export function createCpuMeter(seconds: () => number | Promise<number>, logger: Logger): () => number {
  let cores = 0;
  let last: { readonly atMs: number; readonly seconds: number } | null = null;
  let measuring = false;
  const measure = async (): Promise<void> => {
    measuring = true;
    try {
      const now = { atMs: performance.now(), seconds: await seconds() };
      if (last && now.atMs > last.atMs) {
        cores = Math.max(0, ((now.seconds - last.seconds) * 1000) / (now.atMs - last.atMs));
      }
      last = now;
    } catch (error) {
      logger.warn({ err: error }, 'cannot measure processor time');
    } finally {
      measuring = false;
    }
  };
  return () => {
    if (!measuring) void measure();
    return cores;
  };
}
