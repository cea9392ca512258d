/** A program that is not ours as a child process: what it says, that it is up, how it ended. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** It did not start, or failed; the message has what it said. */
export class ProgramError extends Error {
  readonly code = 'program';
}

export interface Program {
  readonly name: string;
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** How it ended; never rejects. */
  readonly ended: Promise<string>;
  /** Resolves when it prints a line that holds this. */
  says(text: string): Promise<void>;
  /** Waits for `up`. @throws ProgramError with the program's last lines when it ends before, or takes too long */
  ready(up: Promise<unknown>): Promise<void>;
  /** SIGTERM, and SIGKILL to all it started where that does not help. Resolves at its end. Idempotent. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 20_000;
const KILL_AFTER_MS = 2000;
const LINES_KEPT = 20;
/** Debian keeps daemons in `sbin`, which only root has in the PATH. */
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` };

const SETPRIV = '/usr/bin/setpriv';
/**
 * The kernel ends it when this process is killed: nobody else would, and whoever is started in our place would find its port
 * taken. Part of util-linux; elsewhere programs outlive a parent that is killed.
 */
const withUs = (name: string, args: readonly string[]): [string, ...string[]] =>
  existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--', name, ...args] : [name, ...args];

/** Starts it; `log` gets every line it prints. It ends with this process, however that does. */
export function startProgram(name: string, args: readonly string[], log: (line: string) => void): Program {
  const said: string[] = [];
  const awaited = new Map<string, () => void>();
  // The head of a group of its own: what it starts in turn can be ended with it.
  const [command, ...given] = withUs(name, args);
  const child = spawn(command, given, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      for (const line of chunk.split('\n').filter(Boolean)) {
        said.push(line);
        said.splice(0, said.length - LINES_KEPT);
        log(line);
        for (const [text, resolve] of awaited) if (line.includes(text)) resolve();
      }
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`could not be started (${error.message})`));
    child.on('close', (code, signal) => resolve(`ended with ${signal ?? code}`));
  });
  return {
    name,
    pid: child.pid,
    ended,
    says: (text) => new Promise((resolve) => awaited.set(text, resolve)),
    async ready(up) {
      const late = setTimeout(READY_WITHIN_MS, 'is not up in time', { ref: false });
      const wrong = await Promise.race([up.then(() => null), ended, late]);
      if (wrong !== null) throw new ProgramError(`${name} ${wrong}:\n${said.join('\n')}`);
    },
    async stop() {
      child.kill('SIGTERM');
      const late = globalThis.setTimeout(() => endGroup(child.pid), KILL_AFTER_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** One that hangs hears no SIGTERM. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended just now.
  }
}

/** What a program that ends by itself prints. @throws ProgramError when it fails */
export async function outputOf(name: string, args: readonly string[]): Promise<string> {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const how = await new Promise<string | number>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(signal ?? code ?? 'nothing'));
  });
  if (how !== 0) throw new ProgramError(`${name}: ${how}`);
  return Buffer.concat(chunks).toString('utf8');
}
