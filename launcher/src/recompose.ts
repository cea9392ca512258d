import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { checkout } from './paths.ts';
import type { Settings } from './settings.ts';

/**
 * Runs `./rostrum recompose` in the foreground, over the recordings of these settings, whether or not Rostrum runs. It looks at its own
 * arguments. Resolves with its exit code.
 */
export async function runRecompose(args: readonly string[], { dataDir }: Settings): Promise<number> {
  // Ctrl-C reaches both: it takes back what it made, and this one waits for it.
  const ignore = () => {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ignore);
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      `${checkout}/broadcaster/src/isolated/recompose/cli.ts`,
      `--archive=${dataDir}/channels`,
      ...args,
    ],
    { stdio: 'inherit' },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
