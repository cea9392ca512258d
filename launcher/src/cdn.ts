import { runInForeground } from './foreground.ts';

/** `./rostrum cdn`. It needs nothing of what the set-up brings. */
export const runCdn = (args: readonly string[]): Promise<number> =>
  runInForeground('cdn-config/src/cdn.ts', args);
