import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { checkout } from './paths.ts';

/**
 * Runs `./rostrum cdn`, which has words of its own, in the foreground: it may ask the person at the terminal, who also stops it. It needs
 * nothing of what the set-up brings. Resolves with its exit code.
 */
export async function runCdn(args: readonly string[]): Promise<number> {
  // Ctrl-C reaches both: the command ends in order, and this one waits for it.
  const ignore = () => {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ignore);
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', `${checkout}/cdn-config/src/cdn.ts`, ...args],
    {
      stdio: 'inherit',
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
