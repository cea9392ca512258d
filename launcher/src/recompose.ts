import { runInForeground } from './foreground.ts';
import type { Settings } from './settings.ts';

/**
 * Runs `./rostrum recompose` in the foreground, over the recordings of these settings, whether or not Rostrum runs. It looks at its own
 * arguments, and takes back what it made when it is stopped. Resolves with its exit code.
 */
export const runRecompose = (args: readonly string[], { dataDir }: Settings): Promise<number> =>
  runInForeground('broadcaster/src/isolated/recompose/cli.ts', [`--archive=${dataDir}/channels`, ...args]);
