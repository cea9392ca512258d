import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { checkout } from './paths.ts';

/**
 * Runs a command that has words of its own in the foreground: it may ask the person at the terminal, who also stops it. Resolves with
 * its exit code.
 * @param entry below the checkout
 */
export async function runInForeground(
  entry: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  // Ctrl-C reaches both: the command ends in order, and this one waits for it.
  const ignore = () => {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ignore);
  const command = ['--disable-warning=ExperimentalWarning', `${checkout}/${entry}`, ...args];
  const child = spawn(process.execPath, command, { stdio: 'inherit', env });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
