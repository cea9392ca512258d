import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stepBehind } from './weights/weights.ts';

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Called for every line of stdout and stderr, in the order they arrive. */
  onLine?: (line: string) => void;
  /** Ends the command (SIGTERM to its process group) when it fires. */
  signal?: AbortSignal;
  /** Work that has time: it steps behind a show that runs on the same machine, and everything else. */
  hasTime?: boolean;
}

/** A command that could not be started or did not exit 0. `output` is the end of what it printed. */
export class CommandError extends Error {
  readonly code = 'command_failed';
  readonly command: string;
  readonly exitCode: number | null;
  readonly output: string;

  constructor(command: string, exitCode: number | null, output: string, cause?: unknown) {
    super(`\`${command}\` ${exitCode === null ? 'did not run to its end' : `exited with ${exitCode}`}`, {
      cause,
    });
    this.command = command;
    this.exitCode = exitCode;
    this.output = output;
  }
}

const keptLines = 40;

/** Runs a command to its end; rejects with a CommandError unless it exits 0. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const shown = [command, ...args].join(' ');
  const tail: string[] = [];
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a stop reaches compilers below make or ninja too.
    detached: true,
  });
  if (options.hasTime && child.pid !== undefined) void stepBehind('tools', child.pid);
  const stop = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      tail.push(line);
      if (tail.length > keptLines) tail.shift();
      options.onLine?.(line);
    });
  }
  child.once('error', (error) => {
    options.signal?.removeEventListener('abort', stop);
    reject(new CommandError(shown, null, tail.join('\n'), error));
  });
  child.once('close', (code) => {
    options.signal?.removeEventListener('abort', stop);
    if (code === 0) resolve();
    else reject(new CommandError(shown, code, tail.join('\n')));
  });
  return promise;
}
