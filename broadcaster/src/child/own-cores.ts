import { processSeconds } from '@rostrum/service-kit/cpu';

/** The share of a core that this process used since the last call, or since this one. */
export function ownCoresMeter(): () => number {
  let last = { seconds: processSeconds(), atMs: performance.now() };
  return () => {
    const now = { seconds: processSeconds(), atMs: performance.now() };
    const cores = ((now.seconds - last.seconds) * 1000) / (now.atMs - last.atMs);
    last = now;
    return cores;
  };
}
